"""The employee's first page."""

import asyncio

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.following import Live
from services.portal.person.queries import links, person
from services.portal.reach import Lacking, Reach, part
from services.portal.today import queries, value

OWN = (Live("requests", ("request", "policy", "directory"), "mine"), Live("performance", ("plan",), "mine"))
LED = (Live("approvals", ("case",), "led"),)
router = APIRouter()


@router.get("/today")
async def today(
    request: Request, who: AskedBy, sent: str = "", reported: int = Query(default=0, ge=0, le=999)
) -> Response:
    """What is owed, the week, and what has become of requests."""
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, known = await asyncio.gather(person(reach, who), queries.day(reach, who, day))
    if not me.is_on_record:
        return pages.to("/imports")
    waits = await part(queries.waiting(reach, who)) if me.leads else 0
    lacking = next((one for one in (known.plans, known.requests) if isinstance(one, Lacking)), None)
    requests = [] if isinstance(known.requests, Lacking) else known.requests
    plans = [] if isinstance(known.plans, Lacking) else known.plans
    return pages.page(
        request,
        "today.html",
        links=links(me),
        live=(*OWN, *(LED if me.leads else ())),
        me=me,
        today=day,
        sent=bool(sent),
        reported=reported,
        lacking=lacking,
        owed=value.owed(plans, requests, day),
        returned=value.returned(requests, known.reasons),
        week=known.week,
        lines=[] if isinstance(known.week, Lacking) else value.lines(known.week, day),
        recent=value.recent(requests),
        waiting=0 if isinstance(waits, Lacking) else waits,
    )
