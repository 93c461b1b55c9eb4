"""What requests answers over HTTP of the rules."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.requests.policy import queries
from services.requests.policy.decide import Publish, policies
from shared.contracts.organisation import Role
from shared.contracts.requests import PolicyPublished
from shared.kit.decisions import log
from shared.kit.web.bodies import sent, takes
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people.context import Reader, Writer, tag

router = APIRouter(prefix="/v1", tags=["requests"])


@router.get("/policies")
async def list_policies(call: Reader) -> Page[PolicyPublished]:
    """Every set of rules, oldest first: each is in force from its day until the next one's, unless another corrects
    it."""
    return Page(items=await queries.policies(call.db))


@router.post("/policies", status_code=201, responses=documented(409, 413), openapi_extra=takes(PolicyPublished))
async def publish_policy(
    response: Response, call: Writer, policy: Annotated[PolicyPublished, Depends(sent(PolicyPublished))]
) -> PolicyPublished:
    """Put a set of rules in force from a day on. For a day that has one, the new one says which it corrects."""
    call.must_have(Role.PERSONNEL_AGENCY)
    command = Publish(policy, await queries.policies(call.db))
    committed = await log.transact(call.db, policies, policy.policy_id, command, call.origin())
    tag(response, committed)
    return committed.state
