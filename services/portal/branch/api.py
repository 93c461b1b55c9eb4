"""The page of the parts of a unit, and its rows."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.branch import queries, value
from services.portal.branch.value import Asked
from services.portal.dashboard.value import CATEGORIES, source
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.today.value import before, month_of
from shared.kit.web.fields import MONTH_OR_NONE

router = APIRouter()


async def asked_for(
    request: Request,
    month: Annotated[str, Query(pattern=MONTH_OR_NONE)] = "",
    category: Annotated[str, Query(pattern="^[a-z0-9_]{1,40}$")] = "fuel",
    unit: Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,60}$")] = "",
) -> Asked:
    """What an address asks for; the last month that is over where it names none."""
    return Asked(month or before(month_of(pages.today_of(request))), category, unit)


Wanted = Annotated[Asked, Depends(asked_for)]


@router.get("/dashboard/parts")
async def parts(request: Request, who: AskedBy, asked: Wanted) -> Response:
    """Sums of the parts of a unit, or of those that are part of none. It names no people."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(person(reach, who), queries.branches(reach, who, asked))
    (month,) = read.value.months
    return pages.page(
        request,
        "parts.html",
        links=links(me),
        versions=[read.version, me.employee_id, str(links(me))] if read.version else None,
        asked=asked,
        way=[(one.unit_name, asked.of(one.unit_id).query) for one in read.value.way],
        top=asked.of("").query,
        categories=list(dict.fromkeys((*CATEGORIES, asked.category))),
        is_live=AGENCY in me.roles,
        as_of=month.as_of,
        lines=value.lines(month.parts, asked),
        withheld=any(one.withheld for one in month.parts),
        source=source(month.parts),
    )


@router.get("/dashboard/parts.{form}")
async def rows(request: Request, who: AskedBy, asked: Wanted, form: pages.Form) -> Response:
    """The same as rows."""
    reach: Reach = request.app.state.reach
    found = await queries.rows(reach, who, asked)
    return await pages.download(request, f"{asked.category}-{asked.month}", found, form)
