"""What performance answers over HTTP to many reports or judgements in one call, each decided on its own.

A retried Idempotency-Key decides nothing twice: each item has a key of its own, made of the call's and of its place in
the list, and the same key with another list is refused. An item names the version of its plan that was seen before the
call. It is refused as stale if anything has changed the plan since then but items of this same call, so that several
outputs of one plan can be sent together, and nobody overwrites what they have not seen.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.performance.plan.api import LogBody
from services.performance.plan.decide import Command, Log, Return, Verify, plans
from services.performance.plan.schemas import PlanShown, told
from shared.contracts.values import Identifier
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document, Refused, Violation
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.problems import Problem, documented, problem_of
from shared.people.context import Call, Writer, visible

router = APIRouter(prefix="/v1", tags=["performance"])
ITEMS_MAX = 100


class Item(Body):
    """An output, and the version of its plan that was seen before the call."""

    request_id: Identifier
    output_id: Identifier
    version: Annotated[int, Field(ge=1, le=10**9)]


class LogItem(Item, LogBody):
    """A report of one output."""


class Verdict(StrEnum):
    """What the superior makes of a reported output."""

    VERIFY = "verify"
    RETURN = "return"


class JudgeItem(Item):
    """A judgement of one output; a return has its reason."""

    verdict: Verdict
    reason: Prose | None = None


class LogsBody(Body):
    """Reports of up to 100 outputs."""

    items: Annotated[list[LogItem], Field(min_length=1, max_length=ITEMS_MAX)]


class JudgementsBody(Body):
    """Judgements of up to 100 outputs."""

    items: Annotated[list[JudgeItem], Field(min_length=1, max_length=ITEMS_MAX)]


class ItemDone(BaseModel):
    """What became of an item: 200 and the plan as the item left it, with that output alone; or the status and the
    problem with which it would have been refused by itself."""

    request_id: str
    output_id: str
    status: int
    plan: PlanShown | None
    problem: Problem | None


class AllDone(BaseModel):
    """What became of each item, in the order in which they were sent."""

    items: list[ItemDone]


AnItem = TypeVar("AnItem", bound=Item)
Deed = tuple[Command, Mapping[str, str]]
"""The command that an item becomes, and its free text by id."""


@router.post("/plans:log", responses=documented(413))
async def log_outputs(request: Request, call: Writer, body: LogsBody) -> AllDone:
    """Report up to 100 outputs, of one plan or several, in order. Each is accepted or refused on its own.

    `version` is the plan's before the call, the same for all its outputs: an item is refused as stale if anything but
    items of this call has changed the plan since. Sent again with its key, the call decides nothing twice.
    """

    async def deed(_: int, item: LogItem, found: Document) -> Deed:
        text_id, today = new_id("txt"), local_date(call.now, found["time_zone"])
        return Log(item.output_id, call.actor.employee_id, today, item.quantity, text_id), {text_id: item.evidence}

    return await _each(request, call, body.items, deed)


@router.post("/plans:judge", responses=documented(413))
async def judge_outputs(request: Request, call: Writer, body: JudgementsBody) -> AllDone:
    """Verify up to 100 outputs or send them back, in order. Each is accepted or refused on its own.

    `version` is the plan's before the call, the same for all its outputs: an item is refused as stale if anything but
    items of this call has changed the plan since. Sent again with its key, the call decides nothing twice.
    """

    async def deed(number: int, item: JudgeItem, found: Document) -> Deed:
        if (item.verdict is Verdict.RETURN) != (item.reason is not None):
            raise Refused(Violation("reason-for-return", f"/items/{number}/reason"))
        leaders = await call.leaders_of(found["employee_id"])
        if item.reason is None:
            return Verify(item.output_id, call.actor.employee_id, leaders), {}
        text_id = new_id("txt")
        return Return(item.output_id, call.actor.employee_id, leaders, text_id), {text_id: item.reason}

    return await _each(request, call, body.items, deed)


async def _each(
    request: Request, call: Call, items: Sequence[AnItem], deed: Callable[[int, AnItem, Document], Awaitable[Deed]]
) -> AllDone:
    keys = [f"{call.key} {number}" for number in range(len(items))]
    added = await _added_before(call, keys)
    done = []
    for number, (item, key) in enumerate(zip(items, keys, strict=True)):
        about = {"request_id": item.request_id, "output_id": item.output_id}
        try:
            found = await visible(call, call.db.plans, item.request_id)
            command, prose = await deed(number, item, found)
            plan = await _carry_out(replace(call, key=key), item, command, prose, added)
        except Refused as refused:
            problem = problem_of(request, refused)
            done.append(ItemDone(**about, status=problem.status, plan=None, problem=problem))
        else:
            done.append(ItemDone(**about, status=200, plan=plan, problem=None))
    return AllDone(items=done)


async def _added_before(call: Call, keys: Sequence[str]) -> Counter[str]:
    """How many events of each plan are this call's own already: it was sent before, and not answered or not heard."""
    added: Counter[str] = Counter()
    async for commit in call.db.commits.find({"command.key": {"$in": list(keys)}}):
        if commit["command"]["fingerprint"] != call.fingerprint:
            raise Refused(Violation("idempotency-key-reused"))
        added[commit["aggregate"]] += len(commit["events"])
    return added


async def _carry_out(
    call: Call, item: Item, command: Command, prose: Mapping[str, str], added: Counter[str]
) -> PlanShown:
    """One item in a transaction of its own, on the version that was seen and what this call has added to it."""
    origin = call.origin(expected=item.version + added[item.request_id], texts=prose)
    committed = await log.transact(call.db, plans, item.request_id, command, origin)
    added[item.request_id] = max(added[item.request_id], committed.n - item.version)
    return await told(call.db, committed, item.output_id)
