"""Many reports or judgements over HTTP in one call, each decided on its own.

A retried Idempotency-Key decides nothing twice: each item has a key of its own, made of the call's and of its place in
the list, and the same key with another list is refused. An item names the version of its plan that was seen before the
call. It is refused as stale if anything has changed the plan since then but items of this same call, so that several
outputs of one plan can be sent together, and nobody overwrites what they have not seen.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from services.performance.plan.api import LogBody
from services.performance.plan.decide import Command, Log, Return, Verify, plans
from services.performance.plan.model import Plan
from services.performance.plan.schemas import PlanResponse, plan_responses
from shared.contracts.values import Identifier
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document, Refused, Violation, missing
from shared.kit.decisions.log import AppendResult, Ask
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.problems import Problem, documented, problem_of
from shared.kit.web.schemas import Schema
from shared.people.context import RequestContext, Writer, all_visible

router = APIRouter(prefix="/v1", tags=["performance"])
ITEMS_MAX = 100


class Item(Body):
    """An output, and the version of its plan that was seen before the call."""

    request_id: Identifier
    """Id of the plan."""

    output_id: Identifier
    """Id of the output."""

    version: Annotated[int, Field(ge=1, le=10**9)]
    """Version of the plan before the call; the same for all outputs of a plan."""


class LogItem(Item, LogBody):
    """A report of one output."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "request_id": "req-0001",
                    "output_id": "out-0001",
                    "version": 3,
                    "quantity": 2,
                    "note": "Dua ringkasan",
                }
            ]
        }
    )


class Verdict(StrEnum):
    """Judgement on a reported output: `verify` or `return`."""

    VERIFY = "verify"
    RETURN = "return"


class JudgeItem(Item):
    """A judgement of one output."""

    verdict: Verdict
    """Judgement on the output."""

    reason: Prose | None = None
    """Reason, for the employee to read: needed to `return`, refused to `verify`."""


class LogsBody(Body):
    """Reports of several outputs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "request_id": "req-0001",
                            "output_id": "out-0001",
                            "version": 3,
                            "quantity": 2,
                            "note": "Dua ringkasan rapat",
                        }
                    ]
                }
            ]
        }
    )

    items: Annotated[list[LogItem], Field(min_length=1, max_length=ITEMS_MAX)]
    """The reports, carried out in this order; at most 100."""


class JudgementsBody(Body):
    """Judgements of several outputs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"request_id": "req-0001", "output_id": "out-0001", "version": 4, "verdict": "verify"},
                        {
                            "request_id": "req-0001",
                            "output_id": "out-0002",
                            "version": 4,
                            "verdict": "return",
                            "reason": "Lampiran belum lengkap",
                        },
                    ]
                }
            ]
        }
    )

    items: Annotated[list[JudgeItem], Field(min_length=1, max_length=ITEMS_MAX)]
    """The judgements, carried out in this order; at most 100."""


class ItemDone(Schema):
    """Outcome of one item."""

    request_id: str
    """Id of the plan."""

    output_id: str
    """Id of the output."""

    status: int
    """HTTP status that the item would have had by itself."""

    plan: PlanResponse | None
    """The plan as the item left it, with that output alone; null if it was refused."""

    problem: Problem | None
    """Reason for its refusal; null if it was carried out."""


class AllDone(Schema):
    """Outcomes of several items."""

    items: list[ItemDone]
    """The outcome of each item, in the order in which they were sent."""


AnItem = TypeVar("AnItem", bound=Item)
Deed = tuple[Command, Mapping[str, str]]
"""The command that an item becomes, and its free text by id."""


@router.post("/plans:log", responses=documented(413))
async def log_outputs(request: Request, context: Writer, body: LogsBody) -> AllDone:
    """Report what was achieved for several outputs.

    For the employee whose plans they are. Up to 100 items are carried out or refused one by one, in order: the answer
    is 200 with a status for each. Each item is refused as it would be by itself; with 412 `version-changed` if anything
    but items of this call has changed its plan.

    Repeated with its `Idempotency-Key`, the call carries nothing out twice. With other items it is refused as
    `idempotency-key-reused`.
    """

    async def deed(_: int, item: LogItem, found: Document) -> Deed:
        text_id, today = new_id("txt"), local_date(context.now, found["time_zone"])
        return Log(item.output_id, context.actor.employee_id, today, item.quantity, text_id), {text_id: item.evidence}

    return await _each(request, context, body.items, deed)


@router.post("/plans:judge", responses=documented(413))
async def judge_outputs(request: Request, context: Writer, body: JudgementsBody) -> AllDone:
    """Verify or return several outputs.

    For whoever leads the employees today, as superior or by mandate. Up to 100 items are carried out or refused one by
    one, in order: the answer is 200 with a status for each. Each item is refused as it would be by itself; with 412
    `version-changed` if anything but items of this call has changed its plan; and with 422 `reason-for-return`.

    Repeated with its `Idempotency-Key`, the call carries nothing out twice. With other items it is refused as
    `idempotency-key-reused`.
    """

    async def deed(number: int, item: JudgeItem, found: Document) -> Deed:
        if (item.verdict is Verdict.RETURN) != (item.reason is not None):
            raise Refused(Violation("reason-for-return", f"/items/{number}/reason"))
        leaders = await context.leaders_of(found["employee_id"])
        if item.reason is None:
            return Verify(item.output_id, context.actor.employee_id, leaders), {}
        text_id = new_id("txt")
        return Return(item.output_id, context.actor.employee_id, leaders, text_id), {text_id: item.reason}

    return await _each(request, context, body.items, deed)


async def _each(
    request: Request,
    context: RequestContext,
    items: Sequence[AnItem],
    deed: Callable[[int, AnItem, Document], Awaitable[Deed]],
) -> AllDone:
    keys = [f"{context.key} {number}" for number in range(len(items))]
    await log.check_keys(context.db, {"$in": keys}, context.fingerprint)
    seen = await all_visible(context, context.db.plans, [item.request_id for item in items])
    asks: dict[int, Ask[Command]] = {}
    done: dict[int, AppendResult[Plan] | Refused] = {}
    for number, item in enumerate(items):
        try:
            if item.request_id not in seen:
                raise missing("not-found")
            command, prose = await deed(number, item, seen[item.request_id])
        except Refused as refused:
            done[number] = refused
        else:
            origin = replace(context, key=keys[number]).origin(expected=item.version, texts=prose)
            asks[number] = Ask(item.request_id, command, origin)
    done |= dict(zip(asks, await log.transact_each(context.db, plans, list(asks.values())), strict=True))
    committed = {n: (one, items[n].output_id) for n, one in done.items() if isinstance(one, AppendResult)}
    shown = dict(zip(committed, await plan_responses(context.db, list(committed.values())), strict=True))
    return AllDone(items=[_outcome(request, item, shown.get(n), done[n]) for n, item in enumerate(items)])


def _outcome(request: Request, item: Item, plan: PlanResponse | None, done: AppendResult[Plan] | Refused) -> ItemDone:
    about = {"request_id": item.request_id, "output_id": item.output_id}
    if isinstance(done, Refused):
        problem = problem_of(request, done)
        return ItemDone(**about, status=problem.status, plan=None, problem=problem)
    return ItemDone(**about, status=200, plan=plan, problem=None)
