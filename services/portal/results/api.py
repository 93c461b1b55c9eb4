"""The page of results, and its rows."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.results import queries, value
from services.portal.series.api import Wanted

router = APIRouter()


@router.get("/results")
async def results(request: Request, who: AskedBy, asked: Wanted) -> Response:
    """Attainment and timeliness of MKD days beside office days, month by month. It names no people."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(person(reach, who), queries.results(reach, who, asked.first, asked.last))
    return pages.page(
        request,
        "results.html",
        links=links(me),
        versions=[read.version, me.employee_id, str(links(me))] if read.version else None,
        asked=asked,
        is_live=AGENCY in me.roles,
        lines=value.lines(read.value),
    )


@router.get("/results.{form}")
async def rows(request: Request, who: AskedBy, asked: Wanted, form: pages.Form) -> Response:
    """The same as rows."""
    reach: Reach = request.app.state.reach
    found = await queries.rows(reach, who, asked.first, asked.last)
    return await pages.download(request, f"results-{asked.first}-{asked.last}", found, form)
