"""The pages of positions: a list by code, and one of them with its assessments."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.person.queries import agency, links, person
from services.portal.reach import Lacking, Reach, part
from services.portal.record.model import Changes, Names, Position, PositionExplained, PositionTerms
from services.portal.record.queries import Told, changes, names, search
from services.portal.record.value import PAGE, changed, newest_first, sliced, terms_on

router = APIRouter()
Text = Annotated[str, Query(alias="search", max_length=100)]
Number = Annotated[int, Query(ge=1, le=9999)]
NOTHING = Names({}, {}, {})


@router.get("/positions")
async def positions(request: Request, who: AskedBy, text: Text = "", page: Number = 1) -> Response:
    """Positions and whether they qualify, by code, a page of them."""
    reach: Reach = request.app.state.reach
    text, day = text.strip(), pages.today_of(request)
    asked = {"search": text} if text else {}
    me, read = await asyncio.gather(
        person(reach, who), reach.every(who, "organisation", "/v1/positions", Position, **asked)
    )
    found = sliced(sorted(read.value, key=lambda one: one.code.casefold()), page)
    return pages.page(
        request,
        "positions.html",
        links=links(me),
        tabs=agency(me),
        text=text,
        rows=[(one, terms_on(one.history, day)) for one in found.rows],
        slice=found,
    )


@router.get("/positions/{position_id}")
async def position(request: Request, who: AskedBy, position_id: pages.Id) -> Response:
    """How a position was assessed, and who holds it of those whom the reader may see."""
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, read, held = await asyncio.gather(
        person(reach, who),
        reach.get(who, "organisation", f"/v1/positions/{position_id}", PositionExplained),
        part(search(reach, who, position_id=position_id, limit=PAGE)),
    )
    known, path = read.value, f"/v1/positions/{position_id}"
    told = bool(known.history) and me.loads_sheets
    past = await changes(reach, who, path, Changes[PositionTerms], day) if told else Told((), NOTHING)
    return pages.page(
        request,
        "position.html",
        links=links(me),
        tabs=agency(me),
        me=me,
        position=known,
        terms=terms_on(known.history, day),
        history=newest_first(known.history),
        held=[] if isinstance(held, Lacking) else held.items,
        more=not isinstance(held, Lacking) and bool(held.next_cursor),
        names=await names(reach, who, day, people=[one.assessed_by for one in known.history if one.assessed_by]),
        past=past,
        changed=changed,
    )
