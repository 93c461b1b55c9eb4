"""The pages on which people are looked for, and what is on record of one of them is read."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.employee import queries
from services.portal.employee.model import Search
from services.portal.person.queries import agency, links, person
from services.portal.reach import Asker, Reach
from services.portal.record.queries import names, search
from services.portal.record.value import changed, newest_first, positions_of, state, terms_on, units_of
from shared.kit.web.problems import Refusal

router = APIRouter()
OfUnit = Annotated[str, Query(alias="unit", pattern="^[A-Za-z0-9_-]{0,60}$")]
After = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,400}$")]
CURSOR_MAX = 3000


@router.get("/people")
async def people(request: Request, who: AskedBy, unit: OfUnit = "") -> Response:
    """Everybody whom the reader may see, or those of a unit, by name."""
    return await _list(request, who, Search(unit_id=unit))


@router.post("/people")
async def look_for(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Those who are called so. Names and NIP are sent, as addresses are written into logs."""
    cursor = sent.one("cursor") if sent.one("do") == "next" else ""
    return await _list(request, who, Search(sent.one("text")[:100], sent.one("unit")[:60], cursor[:CURSOR_MAX]))


async def _list(request: Request, who: Asker, by: Search) -> Response:
    reach: Reach = request.app.state.reach
    me, day = await person(reach, who), pages.today_of(request)
    if not me.is_agency and not me.leads:
        raise Refusal(403, "people-not-yours")
    found = await search(reach, who, **by.asked)
    wanted = {*units_of(found.items), *([by.unit_id] if by.unit_id else [])}
    called = await names(reach, who, day, units=wanted, positions=positions_of(found.items))
    return pages.page(
        request,
        "people.html",
        links=links(me),
        tabs=agency(me),
        by=by,
        rows=[(one, terms_on(one.history, day)) for one in found.items],
        names=called,
        following=found.next_cursor,
    )


@router.get("/people/{employee_id}")
async def one(request: Request, who: AskedBy, employee_id: pages.Id) -> Response:
    """All that is on record of somebody."""
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, known = await asyncio.gather(person(reach, who), queries.known(reach, who, employee_id, day))
    return pages.page(
        request,
        "employee.html",
        links=links(me),
        tabs=agency(me),
        me=me,
        known=known,
        terms=terms_on(known.record.history, day),
        history=newest_first(known.record.history),
        state=state,
        terms_on=terms_on,
        today=day,
    )


@router.get("/people/{employee_id}/history")
async def history(request: Request, who: AskedBy, employee_id: pages.Id, cursor: After = "") -> Response:
    """Who changed somebody's record and when, and what they have asked for."""
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, past = await asyncio.gather(person(reach, who), queries.past(reach, who, employee_id, day, cursor))
    return pages.page(
        request, "employee_history.html", links=links(me), tabs=agency(me), me=me, past=past, changed=changed
    )
