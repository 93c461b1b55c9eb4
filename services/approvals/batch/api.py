"""Many cases decided at once, each for itself."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.approvals.case.commands import Decision, carry_out
from services.approvals.case.schemas import CaseShown, decided
from shared.kit.decisions.decider import Refused, Violation
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.problems import Problem, documented, problem_of
from shared.people.context import Call, Writer

router = APIRouter(prefix="/v1", tags=["approvals"])


class Item(Body):
    """One case, the version of it that you have seen, and what you decide."""

    request_id: Annotated[str, Field(max_length=60)]
    version: Annotated[int, Field(strict=True, ge=0, le=999_999_999)]
    decision: Literal[Decision.APPROVE, Decision.REJECT, Decision.RETURN]
    reason: Annotated[Prose | None, Field(description="Needed to reject or return")] = None


class DecideBody(Body):
    """The cases to decide, in the order in which they are to be decided."""

    items: Annotated[list[Item], Field(min_length=1, max_length=100)]


class ItemDone(BaseModel):
    """What became of an item: 200 and the case; or the status and the problem with which it would have been refused by
    itself."""

    request_id: str
    status: int
    case: CaseShown | None
    problem: Problem | None


class AllDone(BaseModel):
    """What became of each item, in the order in which they were sent."""

    items: list[ItemDone]


@router.post("/cases:decide", responses=documented(413))
async def decide_cases(request: Request, call: Writer, body: DecideBody) -> AllDone:
    """Decide up to 100 cases, in the order of the list. Each is decided or refused on its own.

    Sent again with its key, the call decides nothing twice: what was decided is told again, what was refused is judged
    again.
    """
    await _check_key(call)
    done: list[ItemDone] = []
    for number, item in enumerate(body.items):
        try:
            if item.request_id in {before.request_id for before in body.items[:number]}:
                raise Refused(Violation("item-twice", f"/items/{number}/request_id"))
            case = await _decide(call, item, number)
        except Refused as refused:
            problem = problem_of(request, refused)
            done.append(ItemDone(request_id=item.request_id, status=problem.status, case=None, problem=problem))
        else:
            done.append(ItemDone(request_id=item.request_id, status=200, case=case, problem=None))
    return AllDone(items=done)


async def _check_key(call: Call) -> None:
    """Raises `Refused` when the key, or one that an item has made of it, was used for another command."""
    used = {"$gte": call.key, "$lt": f"{call.key}!"}
    if await call.db.commits.find_one({"command.key": used, "command.fingerprint": {"$ne": call.fingerprint}}):
        raise Refused(Violation("idempotency-key-reused"))


async def _decide(call: Call, item: Item, number: int) -> CaseShown:
    """One item in a transaction of its own. Its key has a space, as no header has: no other command can have it."""
    if (item.decision is Decision.APPROVE) != (item.reason is None):
        raise Refused(Violation("reason-for-decision", f"/items/{number}/reason"))
    its_own = replace(call, key=f"{call.key} {item.request_id}")
    committed = await carry_out(its_own, item.request_id, item.version, item.decision, item.reason)
    return await decided(call.db, committed)
