"""The pages of policies: their versions, one of them in words and numbers, and how two differ."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.portal.access import AskedBy
from services.portal.fact.api import Compared, Id, Kind, list_page, one_page
from services.portal.person.queries import person
from services.portal.policy.model import Policies, Policy
from services.portal.policy.value import facts
from services.portal.reach import Asker, Reach

POLICIES = Kind("/policies", "page-policies", "policies-how")
router = APIRouter()


@router.get("/policies")
async def policies(request: Request, who: AskedBy) -> Response:
    """All policies, newest first."""
    me, found = await asyncio.gather(person(request.app.state.reach, who), _all(request, who))
    return list_page(request, POLICIES, me, found)


@router.get("/policies/{key}")
async def policy(request: Request, who: AskedBy, key: Id, other: Compared = "") -> Response:
    """One policy, and how another differs from it."""
    me, found = await asyncio.gather(person(request.app.state.reach, who), _all(request, who))
    return one_page(request, POLICIES, me, {one.key: (one, facts(one)) for one in found}, key, other)


async def _all(request: Request, who: Asker) -> list[Policy]:
    reach: Reach = request.app.state.reach
    return (await reach.get(who, "requests", "/v1/policies", Policies)).value.items
