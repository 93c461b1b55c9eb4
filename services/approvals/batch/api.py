"""Many cases decided in one call, each for itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from services.approvals.case.commands import Decision, Whose, ask
from services.approvals.case.decide import Command, cases
from services.approvals.case.model import Case
from services.approvals.case.schemas import CaseResponse, decided_cases
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document, Refused, Violation, missing
from shared.kit.decisions.log import AppendResult, Ask
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.problems import Problem, documented, problem_of
from shared.kit.web.schemas import Schema
from shared.people.context import RequestContext, Writer, all_visible

router = APIRouter(prefix="/v1", tags=["approvals"])


class Item(Body):
    """A decision on one case."""

    request_id: Annotated[str, Field(max_length=60)]
    """Id of the request; each once in a call."""

    version: Annotated[int, Field(strict=True, ge=0, le=999_999_999)]
    """Version of the case on which the decision is based."""

    decision: Literal[Decision.APPROVE, Decision.REJECT, Decision.RETURN]
    """Decision: `approve`, `reject` or `return`."""

    reason: Annotated[Prose | None, Field(description="Needed to reject or return")] = None
    """Reason, for the employee to read: needed to `reject` or `return`, refused for `approve`."""


class DecideBody(Body):
    """Decisions on several cases."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"request_id": "req-0001", "version": 1, "decision": "approve"},
                        {
                            "request_id": "req-0002",
                            "version": 1,
                            "decision": "return",
                            "reason": "Keluaran hari kedua belum jelas",
                        },
                    ]
                }
            ]
        }
    )

    items: Annotated[list[Item], Field(min_length=1, max_length=100)]
    """The decisions, carried out in this order; at most 100."""


class ItemDone(Schema):
    """Outcome of one item."""

    request_id: str
    """Id of the request."""

    status: int
    """HTTP status that the item would have had by itself."""

    case: CaseResponse | None
    """The case as the decision left it; null if it was refused."""

    problem: Problem | None
    """Reason for its refusal; null if it was carried out."""


class AllDone(Schema):
    """Outcomes of several items."""

    items: list[ItemDone]
    """The outcome of each item, in the order in which they were sent."""


@router.post("/cases:decide", responses=documented(413))
async def decide_cases(request: Request, context: Writer, body: DecideBody) -> AllDone:
    """Decide several cases in one call.

    For whoever leads the employees today, as superior or by mandate. Up to 100 items are carried out or refused one by
    one, in order: the answer is 200 with a status for each. Each item is refused as it would be by itself, and with 422
    `item-twice` or `reason-for-decision`.

    Repeated with its `Idempotency-Key`, the call carries nothing out twice: what was decided is answered again, what
    was refused is judged again. With other items it is refused as `idempotency-key-reused`.
    """
    of_the_call_and_its_items = {"$gte": context.key, "$lt": f"{context.key}!"}
    await log.check_keys(context.db, of_the_call_and_its_items, context.fingerprint)
    seen = await all_visible(context, context.db.cases, [item.request_id for item in body.items])
    asks: dict[int, Ask[Command]] = {}
    done: dict[int, AppendResult[Case] | Refused] = {}
    for number, item in enumerate(body.items):
        try:
            if item.request_id in {before.request_id for before in body.items[:number]}:
                raise Refused(Violation("item-twice", f"/items/{number}/request_id"))
            asks[number] = await _ask(context, seen, item, number)
        except Refused as refused:
            done[number] = refused
    done |= dict(zip(asks, await log.transact_each(context.db, cases, list(asks.values())), strict=True))
    committed = {number: one for number, one in done.items() if isinstance(one, AppendResult)}
    shown = dict(zip(committed, await decided_cases(context.db, list(committed.values())), strict=True))
    return AllDone(items=[_outcome(request, item, shown.get(n), done[n]) for n, item in enumerate(body.items)])


async def _ask(context: RequestContext, seen: Mapping[str, Document], item: Item, number: int) -> Ask[Command]:
    """What one item asks for. Its key has a space, as no header has: no other command can have it. Raises `Refused`."""
    if (item.decision is Decision.APPROVE) != (item.reason is None):
        raise Refused(Violation("reason-for-decision", f"/items/{number}/reason"))
    if item.request_id not in seen:
        raise missing("not-found")
    its_own = replace(context, key=f"{context.key} {item.request_id}")
    found = seen[item.request_id]
    whose = Whose(found["employee_id"], found["time_zone"])
    return await ask(its_own, item.request_id, whose, item.version, item.decision, item.reason)


def _outcome(request: Request, item: Item, case: CaseResponse | None, done: AppendResult[Case] | Refused) -> ItemDone:
    if isinstance(done, Refused):
        problem = problem_of(request, done)
        return ItemDone(request_id=item.request_id, status=problem.status, case=None, problem=problem)
    return ItemDone(request_id=item.request_id, status=200, case=case, problem=None)
