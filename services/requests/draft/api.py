"""Drafts of requests over HTTP: what would be refused, said before anything is sent."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.requests.draft.commands import DraftBody, days_of, draft_of, faults
from services.requests.request.commands import known_of
from services.requests.request.decide import Replace, requests
from services.requests.request.document import stored_request
from services.requests.request.model import iso_week
from services.requests.request.rules import broken, held, quota_id
from services.requests.week.value import Quota, quota_of
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import reservations
from shared.kit.decisions.decider import Refused, Reservation, Violation
from shared.kit.web.problems import ProblemItem, documented, items_of
from shared.kit.web.schemas import Schema
from shared.people.context import Reader, RequestContext, visible

router = APIRouter(prefix="/v1", tags=["requests"])
Replaces = Annotated[
    str | None,
    Query(max_length=60, description="Request that the draft would change: its days and its quota count as free."),
]


class Checked(Schema):
    """Result of a check of a draft."""

    violations: list[ProblemItem]
    """Every rule that the draft breaks, and every part that it lacks; empty if it could be submitted now."""

    weeks: list[Quota]
    """Quota of the weeks of its days, in order; empty while there are no days, or the first lacks a policy."""


@router.post("/requests:check", responses=documented(404, 413))
async def check_request(request: Request, context: Reader, body: DraftBody, replaces: Replaces = None) -> Checked:
    """Check a draft of a request.

    For every employee on record, for themselves. It changes nothing; an `Idempotency-Key` is unnecessary. The draft is
    judged as a submission, or with `replaces` as a change, would be judged at this moment, and the answer is 200 also
    for one that breaks rules. Each violation has the rule, pointer, value and source that the refusal would have; parts
    that are missing are `field-invalid`. A submission is refused by the first reservation that is full; here every one
    is named: `overlap`, `weekly-quota`.

    Rules about days, outputs and the employee are judged once there are days, whose first one decides on the policy.
    Refused with 404 `not-found` for a request to change that you may not see, and with 422 for values of another type
    and unknown fields.
    """
    known = await known_of(request, context, days_of(body))
    draft = draft_of(body, known)
    refused, freed = await _replaced(context, replaces) if replaces else ([], [])
    wanted = held(draft)
    weeks = sorted({iso_week(day) for day in draft.days}) if draft.policy else []
    whose = known.employee.employee_id
    taken = Counter(
        await reservations.taken(context.db, [*(one.id for one in wanted), *(quota_id(whose, week) for week in weeks)])
    )
    taken.subtract({one.id: one.units for one in freed})
    violations = [*refused, *await faults(request), *broken(draft), *reservations.refusals(wanted, taken)]
    return Checked(
        violations=items_of(request, violations),
        weeks=[quota_of(week, draft.policy, taken[quota_id(whose, week)]) for week in weeks if draft.policy],
    )


async def _replaced(context: RequestContext, request_id: str) -> tuple[list[Violation], list[Reservation]]:
    """What stands against changing a request, and what it would give back. Raises `Refused` where there is none."""
    found = await visible(context, context.db.requests, request_id)
    request = stored_request(found)
    today = local_date(context.now, request.submitted.time_zone)
    command = Replace(context.actor.employee_id, today, new_id("req"))
    freed = list(requests.reservations(request))
    try:
        requests.decide(command, request)
    except Refused as refused:
        return list(refused.violations), freed
    return [], freed
