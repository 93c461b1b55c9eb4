"""The page on which officials read who acts for whom."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.mandate.value import groups
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.record.model import Mandate
from services.portal.record.value import state, terms_on

router = APIRouter()


@router.get("/mandates")
async def mandates(request: Request, who: AskedBy) -> Response:
    """Mandates that the reader holds, has given, and others that concern them, those in force first."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(
        person(reach, who), reach.every(who, "organisation", "/v1/acting-assignments", Mandate)
    )
    day = pages.today_of(request)
    return pages.page(
        request,
        "mandates.html",
        links=links(me),
        me=me,
        groups=groups(read.value, me.employee_id, day),
        terms_on=terms_on,
        state=state,
        today=day,
    )
