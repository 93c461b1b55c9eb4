"""Pages that explain a figure: a unit's month, its days, and one day."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.dashboard.value import of_instance, source
from services.portal.explanation import queries, value
from services.portal.following import Live
from services.portal.person.model import AGENCY, Employee
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.today.value import after, before, month_of
from shared.kit.web.fields import YEAR

router = APIRouter()
MONTH = f"{YEAR}-(0[1-9]|1[0-2])"
Month = Annotated[str, Path(pattern=f"^{MONTH}$")]


@router.get("/dashboard/units/{unit_id}/{month}")
async def unit_month(request: Request, who: AskedBy, unit_id: pages.Id, month: Month) -> Response:
    """A unit's figures of a month, with formulas, ranges and factor sets."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(person(reach, who), queries.unit_month(reach, who, unit_id, month))
    known = read.value
    return pages.page(
        request,
        "unit_month.html",
        links=links(me),
        versions=[read.version, me.employee_id, str(links(me))] if read.version and AGENCY not in me.roles else None,
        known=known,
        lines=of_instance(known.figures),
        source=source(known.figures),
        categories=list(dict.fromkeys(one.category for one in known.figures)),
        has_days=AGENCY in me.roles,
    )


@router.get("/dashboard/units/{unit_id}/{month}/days")
async def unit_days(request: Request, who: AskedBy, unit_id: pages.Id, month: Month) -> Response:
    """The days behind a unit's figures, for the personnel agency."""
    reach: Reach = request.app.state.reach
    me, (days, people) = await asyncio.gather(person(reach, who), queries.days_of(reach, who, unit_id, month))
    return pages.page(
        request,
        "saved_days.html",
        links=links(me),
        back=f"/dashboard/units/{unit_id}/{month}",
        month=month,
        turns=(),
        whose="unit",
        days=[(one, name, value.lines(one)) for one, name in value.named(days, people)],
    )


@router.get("/savings")
async def own_days(
    request: Request, who: AskedBy, month: Annotated[str, Query(pattern=f"^({MONTH})?$")] = ""
) -> Response:
    """What one's own days have saved."""
    reach: Reach = request.app.state.reach
    this = month_of(pages.today_of(request))
    shown = month or this
    me = await person(reach, who)
    days = await queries.days_of_one(reach, who, me.employee_id, shown)
    mine = Employee(employee_id=me.employee_id, name=me.name)
    return pages.page(
        request,
        "saved_days.html",
        links=links(me),
        live=(Live("savings", ("own-month",), "mine", (shown,)),),
        back="",
        month=shown,
        turns=(before(shown), *((after(shown),) if after(shown) <= this else ())),
        whose="own",
        days=[(one, name, value.lines(one)) for one, name in value.named(days, [mine])],
    )


@router.get("/savings/{employee_id}/{day}")
async def day(request: Request, who: AskedBy, employee_id: pages.Id, day: date) -> Response:
    """One day: entries with what was put into their formulas, and the events from which it was worked out."""
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), queries.explained(reach, who, employee_id, day))
    is_own = employee_id == me.employee_id
    return pages.page(
        request,
        "saved_day.html",
        links=links(me),
        known=known,
        is_own=is_own,
        name=me.name if is_own else await queries.name(reach, who, employee_id),
        worked=value.worked(known),
        events=sorted(known.events, key=lambda event: event.at),
    )
