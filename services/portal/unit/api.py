"""The pages of units: the tree from the top, a search, and one of them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.person.queries import agency, links, person
from services.portal.reach import Reach
from services.portal.record.model import Changes, Unit, UnitTerms
from services.portal.record.queries import changes, names, unit_name
from services.portal.record.value import changed, newest_first, sliced, terms_on
from shared.kit.base.alphabet import place

router = APIRouter()
Number = Annotated[int, Query(ge=1, le=9999)]
Text = Annotated[str, Query(alias="search", max_length=100)]


@router.get("/units")
async def units(request: Request, who: AskedBy, text: Text = "", page: Number = 1) -> Response:
    """Those that are no part of another, or those whose code or name has a text in it."""
    reach: Reach = request.app.state.reach
    text, day = text.strip(), pages.today_of(request)
    asked = {"search": text} if text else {"top": "true"}
    me, read = await asyncio.gather(person(reach, who), reach.every(who, "organisation", "/v1/units", Unit, **asked))
    found = sliced(sorted(read.value, key=lambda one: place(unit_name(one, day))), page)
    called = await names(reach, who, day, units=[id_ for one in found.rows if (id_ := _parent(one))])
    return pages.page(
        request,
        "units.html",
        links=links(me),
        tabs=agency(me),
        text=text,
        rows=[(one, terms_on(one.history, day)) for one in found.rows],
        slice=found,
        total=len(read.value),
        names=called,
    )


@router.get("/units/{unit_id}")
async def unit(request: Request, who: AskedBy, unit_id: pages.Id) -> Response:
    """What is on record of a unit, and its parts."""
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, read, read_parts = await asyncio.gather(
        person(reach, who),
        reach.get(who, "organisation", f"/v1/units/{unit_id}", Unit),
        reach.every(who, "organisation", "/v1/units", Unit, parent_id=unit_id),
    )
    known = read.value
    past = await changes(reach, who, f"/v1/units/{unit_id}", Changes[UnitTerms], day) if me.loads_sheets else None
    above = {terms.parent_id for terms in known.history if terms.parent_id}
    return pages.page(
        request,
        "unit.html",
        links=links(me),
        tabs=agency(me),
        me=me,
        unit=known,
        terms=terms_on(known.history, day),
        history=newest_first(known.history),
        parts_of=sorted(((unit_name(one, day), one) for one in read_parts.value), key=lambda one: place(one[0])),
        names=await names(reach, who, day, units=above),
        past=past,
        changed=changed,
    )


def _parent(unit: Unit) -> str | None:
    return unit.history[-1].parent_id if unit.history else None
