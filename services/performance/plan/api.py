"""Plans over HTTP: agreed outputs, their reports and judgements."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict, Field, StringConstraints

from services.performance.access import check_may_see
from services.performance.plan.decide import Command, Log, Return, Verify, WithdrawVerification, plans
from services.performance.plan.model import Plan, Progress
from services.performance.plan.schemas import (
    PlanResponse,
    PlanWithHistory,
    plan_response,
    stored_plan_response,
    text_ids,
)
from shared.contracts.performance import PlanOpened
from shared.contracts.values import Quantity
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log, texts
from shared.kit.decisions.decider import Document
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Cursor, PageSize, Prose
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import VERSIONED, documented
from shared.people.context import IfMatch, Reader, RequestContext, Writer, history, set_etag, visible
from shared.people.parameters import MonthFilter, RequestPath

OutputPath = Annotated[str, Path(description="Id of the output within the plan.")]
OnPlan = Callable[[PlanOpened], Awaitable[Command]]
router = APIRouter(prefix="/v1", tags=["performance"])


class Whose(StrEnum):
    """Scope of the plans to list: `mine`, your own; `led`, those of the people you lead today."""

    MINE = "mine"
    LED = "led"


class LogBody(Body):
    """A report of what was achieved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"quantity": 2, "note": "Dua ringkasan rapat", "link": "https://example.org/ringkasan"}]
        }
    )

    quantity: Quantity
    """Quantity achieved, 0 or more, in what the output's `measure` names; at most 12 digits, 3 of them decimal."""

    note: Prose
    """Evidence in words, for the superior to read; 1 to 2,000 characters."""

    link: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=1000)] | None = None
    """Address of the evidence, `http` or `https`, at most 1,000 characters."""

    @property
    def evidence(self) -> str:
        """The text that is kept of it."""
        return f"{self.note}\n{self.link}" if self.link else self.note


class ReasonBody(Body):
    """Reason of a judgement."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Lampiran kedua belum lengkap"}]})

    reason: Prose
    """Reason, for the employee to read; 1 to 2,000 characters."""


Progresses = Annotated[
    Annotated[list[Progress], Field(max_length=len(Progress))] | None,
    Query(description=f"Only plans with an output of this progress; repeat it for several, at most {len(Progress)}."),
]


@router.get("/plans", responses=documented(404))
async def list_plans(
    context: Reader,
    whose: Annotated[
        Whose, Query(description="Scope: `mine`, or `led` for plans of the people you lead today.")
    ] = Whose.MINE,
    employee_id: Annotated[
        str | None, Query(max_length=60, description="Plans of this employee, by id; `whose` is then ignored.")
    ] = None,
    month: MonthFilter = None,
    progress: Progresses = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[PlanResponse]:
    """List plans.

    For every employee on record: your own; with `whose=led` those of the people you lead today; with `employee_id`
    those of one of them, or of anybody for the personnel agency. Plans of requests come first, then those of the
    office, each newest first, in pages.

    Refused with 404 `not-found` for an employee whom you may not see.
    """
    where = await _whose(context, whose, employee_id)
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    if progress:
        where["outputs.progress"] = {"$in": [one.value for one in progress]}
    found, following = await find_page(context.db.plans, where, cursor, limit, newest_first=True)
    prose = await texts.read(context.db, [id_ for one in found for id_ in text_ids(one)])
    return Page(items=[stored_plan_response(one, prose) for one in found], next_cursor=following)


async def _whose(context: RequestContext, whose: Whose, employee_id: str | None) -> Document:
    if employee_id:
        await check_may_see(context, employee_id)
        return {"employee_id": employee_id}
    if whose is Whose.LED:
        return {"employee_id": {"$in": await context.subordinates()}}
    return {"employee_id": context.actor.employee_id}


@router.get("/plans/{request_id}", responses=documented(404) | VERSIONED)
async def show_plan(response: Response, context: Reader, request_id: RequestPath) -> PlanWithHistory:
    """Show a plan with its history.

    For the employee, whoever leads them today, and the personnel agency; for others it does not exist (404
    `not-found`). The `ETag` is the version that a command on it names.
    """
    found = await visible(context, context.db.plans, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    plan = stored_plan_response(found, await texts.read(context.db, text_ids(found)))
    return PlanWithHistory(**plan.model_dump(), history=await history(context.db, request_id))


@router.post("/plans/{request_id}/outputs/{output_id}:log", responses=documented(404, 409, 412, 413))
async def log_output(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, output_id: OutputPath, body: LogBody
) -> PlanResponse:
    """Report what was achieved for an output.

    For the employee whose plan it is, from the agreed day on. Until it is verified, a new report takes the place of the
    one before; a report after the agreed day counts as late.

    Refused with 403 `not-your-output`; and with 409 `plan-closed` if its day was taken back, `already-verified`,
    `day-to-come`, or `reports-max` after 50 reports without a judgement.
    """
    text_id = new_id("txt")

    async def command(plan: PlanOpened) -> Command:
        today = local_date(context.now, plan.time_zone)
        return Log(output_id, context.actor.employee_id, today, body.quantity, text_id)

    return await _decide(response, context, seen, request_id, command, {text_id: body.evidence})


@router.post("/plans/{request_id}/outputs/{output_id}:verify", responses=documented(404, 409, 412))
async def verify_output(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, output_id: OutputPath
) -> PlanResponse:
    """Verify a reported output.

    For whoever leads the employee today, as superior or by mandate. What was attained is min(quantity / target, 1).

    Refused with 403 `own-output` or `not-the-superior`; and with 409 `plan-closed` if its day was taken back, or
    `output-progress` if it is not `logged`.
    """

    async def command(plan: PlanOpened) -> Command:
        return Verify(output_id, context.actor.employee_id, await context.leaders_of(plan.employee_id))

    return await _decide(response, context, seen, request_id, command, {})


@router.post("/plans/{request_id}/outputs/{output_id}:return", responses=documented(404, 409, 412, 413))
async def return_output(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, output_id: OutputPath, body: ReasonBody
) -> PlanResponse:
    """Return a reported output to be done again.

    For whoever leads the employee today, as superior or by mandate. The employee may report it anew.

    Refused with 403 `own-output` or `not-the-superior`; and with 409 `plan-closed` if its day was taken back, or
    `output-progress` if it is not `logged`.
    """
    text_id = new_id("txt")

    async def command(plan: PlanOpened) -> Command:
        return Return(output_id, context.actor.employee_id, await context.leaders_of(plan.employee_id), text_id)

    return await _decide(response, context, seen, request_id, command, {text_id: body.reason})


@router.post("/plans/{request_id}/outputs/{output_id}:withdraw-verification", responses=documented(404, 409, 412, 413))
async def withdraw_verification(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, output_id: OutputPath, body: ReasonBody
) -> PlanResponse:
    """Withdraw the verification of an output.

    For whoever leads the employee today, as superior or by mandate. The output is `logged` again, and what its day
    saved is reversed if too little of it remains verified.

    Refused with 403 `own-output` or `not-the-superior`; and with 409 `plan-closed` if its day was taken back, or
    `output-progress` if it is not `verified`.
    """
    text_id = new_id("txt")

    async def command(plan: PlanOpened) -> Command:
        leaders = await context.leaders_of(plan.employee_id)
        return WithdrawVerification(output_id, context.actor.employee_id, leaders, text_id)

    return await _decide(response, context, seen, request_id, command, {text_id: body.reason})


async def _decide(
    response: Response, context: RequestContext, seen: int, request_id: str, command: OnPlan, prose: Mapping[str, str]
) -> PlanResponse:
    """Raises `Refused` where the actor may not know of the plan."""

    async def decided(plan: Plan) -> Command:
        await context.must_see(plan.opened.employee_id if plan.opened else None)
        assert plan.opened, "otherwise there is nobody whose plan it is"
        return await command(plan.opened)

    origin = context.origin(expected=seen, texts=prose)
    committed = await log.transact_on(context.db, plans, request_id, decided, origin)
    set_etag(response, committed)
    return await plan_response(context.db, committed)
