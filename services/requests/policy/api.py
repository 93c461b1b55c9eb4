"""Policies over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.requests.policy import queries
from services.requests.policy.commands import shipped
from services.requests.policy.decide import Publish, policies
from shared.contracts.organisation import Role
from shared.contracts.requests import PolicyPublished
from shared.kit.decisions import log
from shared.kit.web.bodies import sent, takes
from shared.kit.web.pages import Page
from shared.kit.web.problems import PUBLISHED, documented
from shared.people.context import Reader, Writer, set_etag

router = APIRouter(prefix="/v1", tags=["requests"])


@router.get("/policies")
async def list_policies(context: Reader) -> Page[PolicyPublished]:
    """List all policies.

    For every employee on record. In order of `effective_from`. A policy is in force from that day until the day of the
    next one; of two for one day, the one that names the other in `corrects` holds. The list is not paged.
    """
    return Page(items=await queries.policies(context.db))


@router.post(
    "/policies",
    status_code=201,
    responses=documented(409, 413) | PUBLISHED,
    openapi_extra=takes(PolicyPublished, shipped()[-1]),
)
async def publish_policy(
    response: Response, context: Writer, policy: Annotated[PolicyPublished, Depends(sent(PolicyPublished))]
) -> PolicyPublished:
    """Publish a policy.

    For the personnel agency. The policy is in force from `effective_from` on, also in the past: requests that were
    submitted keep the policy by which they were judged. For a day that has a policy, `corrects` names it.

    Refused with `policy-published` (409) if the id is in use; with 422 `policy-same-day`, `corrects-nothing` or
    `policy-corrected` if the day's policy is not named rightly; and with `unknown-country`, `season-order`,
    `seasons-overlap` or `share-over-100`.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    command = Publish(policy, await queries.policies(context.db))
    committed = await log.transact(context.db, policies, policy.policy_id, command, context.origin())
    set_etag(response, committed)
    return committed.state
