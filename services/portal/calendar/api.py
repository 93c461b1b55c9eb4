"""The calendar of a month, in which days are chosen to be asked for."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.calendar import queries, value
from services.portal.calendar.model import Month
from services.portal.following import Live
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Broken, Lacking, Reach, part
from services.portal.today.value import after, before, month_of
from shared.kit.web.fields import YEAR

NO_POLICY = 422
router = APIRouter()


@router.get("/calendar")
async def this_month(request: Request, who: AskedBy) -> Response:
    """The month that it is."""
    return await _page(request, who, month_of(pages.today_of(request)))


@router.get("/calendar/{month}")
async def some_month(
    request: Request, who: AskedBy, month: Annotated[str, Path(pattern=f"^{YEAR}-(0[1-9]|1[0-2])$")]
) -> Response:
    """Any month."""
    return await _page(request, who, month)


async def _page(request: Request, who: Asker, month: str) -> Response:
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), part(_month(reach, who, month)))
    found = known if isinstance(known, Month) else None
    return pages.page(
        request,
        "calendar.html",
        links=links(me),
        live=(Live("requests", ("request", "policy", "directory"), "mine"),),
        month=month,
        turns=(before(month), after(month)),
        lacking=known if isinstance(known, Lacking) else None,
        known=found,
        rows=value.rows(found, pages.today_of(request)) if found else [],
    )


async def _month(reach: Reach, who: Asker, month: str) -> Month | None:
    """None where no policy holds in it."""
    try:
        return await queries.month(reach, who, month)
    except Broken as refused:
        if refused.status == NO_POLICY:
            return None
        raise
