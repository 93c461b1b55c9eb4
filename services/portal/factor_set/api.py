"""The pages of factor sets: their versions, one of them in words and numbers, and how two differ."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.portal.access import AskedBy
from services.portal.fact.api import Compared, Id, Kind, list_page, one_page
from services.portal.factor_set.model import FactorSet, FactorSets
from services.portal.factor_set.value import facts
from services.portal.person.queries import person
from services.portal.reach import Asker, Reach

FACTOR_SETS = Kind("/factor-sets", "page-factor-sets", "factor-sets-how")
router = APIRouter()


@router.get("/factor-sets")
async def factor_sets(request: Request, who: AskedBy) -> Response:
    """All factor sets, newest first."""
    me, found = await asyncio.gather(person(request.app.state.reach, who), _all(request, who))
    return list_page(request, FACTOR_SETS, me, found)


@router.get("/factor-sets/{key}")
async def factor_set(request: Request, who: AskedBy, key: Id, other: Compared = "") -> Response:
    """One factor set, how its ranges were drawn, and how another differs from it."""
    me, found = await asyncio.gather(person(request.app.state.reach, who), _all(request, who))
    known = {one.key: (one, facts(one)) for one in found}
    drawn = next((one.simulation for one in found if one.key == key), None)
    return one_page(request, FACTOR_SETS, me, known, key, other, drawn.model_dump() if drawn else None)


async def _all(request: Request, who: Asker) -> list[FactorSet]:
    reach: Reach = request.app.state.reach
    return (await reach.get(who, "savings", "/v1/factor-sets", FactorSets)).value.items
