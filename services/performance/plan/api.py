"""What performance answers over HTTP of plans: what was agreed, reported, and made of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from services.performance.access import check_may_see
from services.performance.plan.decide import Command, Log, Return, Verify, WithdrawVerification, plans
from services.performance.plan.model import Progress
from services.performance.plan.schemas import PlanShown, PlanWithHistory, plan_shown, text_ids, told
from shared.contracts.values import Quantity
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log, texts
from shared.kit.decisions.decider import Document
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Cursor, Month, PageSize, Prose
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import documented
from shared.people.context import Call, IfMatch, Reader, Writer, history, tag, visible
from shared.people.superiors import Leaders

router = APIRouter(prefix="/v1", tags=["performance"])


class Whose(StrEnum):
    """Your own plans, or those of the people you lead today."""

    MINE = "mine"
    LED = "led"


class LogBody(Body):
    """What was achieved, and where it can be seen."""

    quantity: Quantity
    note: Prose
    link: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=1000)] | None = None

    @property
    def evidence(self) -> str:
        """The text that is kept of it."""
        return f"{self.note}\n{self.link}" if self.link else self.note


class ReasonBody(Body):
    """Why."""

    reason: Prose


@router.get("/plans", responses=documented(404))
async def list_plans(
    call: Reader,
    whose: Whose = Whose.MINE,
    employee_id: Annotated[str | None, Query(max_length=60, description="Of one whom you may see, not `whose`")] = None,
    month: Annotated[Month | None, Query(description="Only those with a day in it")] = None,
    progress: Annotated[Progress | None, Query(description="Only those with an output that stands so")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[PlanShown]:
    """Plans, those of requests and then those of the office, each newest first: your own, those of the people you lead,
    or those of one of them; of anybody for the personnel agency."""
    where = await _whose(call, whose, employee_id)
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    if progress:
        where["outputs.progress"] = progress.value
    found, following = await find_page(call.db.plans, where, cursor, limit, newest_first=True)
    prose = await texts.read(call.db, [id_ for one in found for id_ in text_ids(one)])
    return Page(items=[plan_shown(one, prose) for one in found], next_cursor=following)


async def _whose(call: Call, whose: Whose, employee_id: str | None) -> Document:
    if employee_id:
        await check_may_see(call, employee_id)
        return {"employee_id": employee_id}
    if whose is Whose.LED:
        return {"employee_id": {"$in": await call.subordinates()}}
    return {"employee_id": call.actor.employee_id}


@router.get("/plans/{request_id}", responses=documented(404))
async def show_plan(response: Response, call: Reader, request_id: str) -> PlanWithHistory:
    """One plan with its history: your own, of somebody you lead, or any for the personnel agency."""
    found = await visible(call, call.db.plans, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    shown = plan_shown(found, await texts.read(call.db, text_ids(found)))
    return PlanWithHistory(**shown.model_dump(), history=await history(call.db, request_id))


@router.post("/plans/{request_id}/outputs/{output_id}:log", responses=documented(404, 409, 412, 413))
async def log_output(
    response: Response, call: Writer, seen: IfMatch, request_id: str, output_id: str, body: LogBody
) -> PlanShown:
    """Report what was achieved, from the day itself on; again, as long as it is not verified."""
    found = await visible(call, call.db.plans, request_id)
    today = local_date(call.now, found["time_zone"])
    text_id = new_id("txt")
    command = Log(output_id, call.actor.employee_id, today, body.quantity, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.evidence})


@router.post("/plans/{request_id}/outputs/{output_id}:verify", responses=documented(404, 409, 412))
async def verify_output(response: Response, call: Writer, seen: IfMatch, request_id: str, output_id: str) -> PlanShown:
    """Find a reported output done."""
    leaders = await _leaders(call, request_id)
    command = Verify(output_id, call.actor.employee_id, leaders)
    return await _decide(response, call, seen, request_id, command, {})


@router.post("/plans/{request_id}/outputs/{output_id}:return", responses=documented(404, 409, 412, 413))
async def return_output(
    response: Response, call: Writer, seen: IfMatch, request_id: str, output_id: str, body: ReasonBody
) -> PlanShown:
    """Send a reported output back, with a reason."""
    leaders = await _leaders(call, request_id)
    text_id = new_id("txt")
    command = Return(output_id, call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


@router.post("/plans/{request_id}/outputs/{output_id}:withdraw-verification", responses=documented(404, 409, 412, 413))
async def withdraw_verification(
    response: Response, call: Writer, seen: IfMatch, request_id: str, output_id: str, body: ReasonBody
) -> PlanShown:
    """Take a verification back, with a reason."""
    leaders = await _leaders(call, request_id)
    text_id = new_id("txt")
    command = WithdrawVerification(output_id, call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


async def _leaders(call: Call, request_id: str) -> Leaders:
    """Who leads today whose plan this is. Raises `Refused` where the actor may not know of it."""
    found = await visible(call, call.db.plans, request_id)
    return await call.leaders_of(found["employee_id"])


async def _decide(
    response: Response, call: Call, seen: int, request_id: str, command: Command, prose: Mapping[str, str]
) -> PlanShown:
    origin = call.origin(expected=seen, texts=prose)
    committed = await log.transact(call.db, plans, request_id, command, origin)
    tag(response, committed)
    return await told(call.db, committed)
