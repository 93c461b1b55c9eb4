"""What performance answers over HTTP."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, StringConstraints

from services.performance.decide import Command, Log, Return, Verify, WithdrawVerification, plans
from services.performance.state import Progress
from shared.contracts.values import Quantity
from shared.kit import directory, log, texts
from shared.kit.calls import Body, Call, Caller, Commander, Page, Seen, Step, cursor_of, history, place_of, tag, visible
from shared.kit.clock import local_date
from shared.kit.decider import Document
from shared.kit.fields import Cursor, Month, PageSize, Prose
from shared.kit.ids import new_id
from shared.kit.problems import documented

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


class ReasonBody(Body):
    """Why."""

    reason: Prose


class OutputShown(BaseModel):
    """An agreed output and what was achieved. Its title is kept by `requests`."""

    output_id: str
    day: date
    target_quantity: Quantity
    measure: str
    progress: Progress
    quantity: Quantity | None
    days_late: int | None
    evidence: str | None
    reason: str | None


class PlanShown(BaseModel):
    """The outputs agreed for one request."""

    request_id: str
    version: int
    employee_id: str
    time_zone: str
    closed: bool
    days: list[date]
    outputs: list[OutputShown]


class PlanWithHistory(PlanShown):
    """A plan with everything that happened to it."""

    history: list[Step]


@router.get("/plans")
async def list_plans(
    call: Caller,
    whose: Whose = Whose.MINE,
    month: Annotated[Month | None, Query(description="Only those with a day in it")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[PlanShown]:
    """Plans, newest first: your own, or those of the people you lead."""
    where: Document = {"employee_id": call.actor.employee_id}
    if whose is Whose.LED:
        led = await directory.subordinates_of(call.db, call.actor.employee_id, call.today)
        where = {"employee_id": {"$in": led}}
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    if place := place_of(cursor):
        where["_id"] = {"$lt": place[0]}
    found = await call.db.plans.find(where).sort("_id", -1).limit(limit).to_list()
    prose = await texts.read(call.db, [id_ for one in found for id_ in _text_ids(one)])
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return Page(items=[_shown(one, prose) for one in found], next_cursor=next_cursor)


@router.get("/plans/{request_id}", responses=documented(404))
async def show_plan(response: Response, call: Caller, request_id: str) -> PlanWithHistory:
    """One plan with its history: your own, of somebody you lead, or any for the personnel agency."""
    found, _ = await visible(call, call.db.plans, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    shown = _shown(found, await texts.read(call.db, _text_ids(found)))
    return PlanWithHistory(**shown.model_dump(), history=await history(call.db, request_id))


@router.post("/plans/{request_id}/outputs/{output_id}:log", responses=documented(404, 409, 412, 413))
async def log_output(
    response: Response, call: Commander, seen: Seen, request_id: str, output_id: str, body: LogBody
) -> PlanShown:
    """Report what was achieved, from the day itself on; again, as long as it is not verified."""
    found, _ = await visible(call, call.db.plans, request_id)
    today = local_date(call.now, found["time_zone"])
    text_id = new_id("txt")
    command = Log(output_id, call.actor.employee_id, today, body.quantity, text_id)
    evidence = f"{body.note}\n{body.link}" if body.link else body.note
    return await _decide(response, call, seen, request_id, command, {text_id: evidence})


@router.post("/plans/{request_id}/outputs/{output_id}:verify", responses=documented(404, 409, 412))
async def verify_output(response: Response, call: Commander, seen: Seen, request_id: str, output_id: str) -> PlanShown:
    """Find a reported output done."""
    _, leaders = await visible(call, call.db.plans, request_id)
    command = Verify(output_id, call.actor.employee_id, leaders)
    return await _decide(response, call, seen, request_id, command, {})


@router.post("/plans/{request_id}/outputs/{output_id}:return", responses=documented(404, 409, 412, 413))
async def return_output(
    response: Response, call: Commander, seen: Seen, request_id: str, output_id: str, body: ReasonBody
) -> PlanShown:
    """Send a reported output back, with a reason."""
    _, leaders = await visible(call, call.db.plans, request_id)
    text_id = new_id("txt")
    command = Return(output_id, call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


@router.post("/plans/{request_id}/outputs/{output_id}:withdraw-verification", responses=documented(404, 409, 412, 413))
async def withdraw_verification(
    response: Response, call: Commander, seen: Seen, request_id: str, output_id: str, body: ReasonBody
) -> PlanShown:
    """Take a verification back, with a reason."""
    _, leaders = await visible(call, call.db.plans, request_id)
    text_id = new_id("txt")
    command = WithdrawVerification(output_id, call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


async def _decide(
    response: Response, call: Call, seen: int, request_id: str, command: Command, prose: Mapping[str, str]
) -> PlanShown:
    origin = call.origin(expected=seen, texts=prose)
    committed = await log.transact(call.db, plans, request_id, command, origin)
    tag(response, committed)
    document = plans.show(committed.state) | {"_id": request_id, "n": committed.n}
    return _shown(document, await texts.read(call.db, _text_ids(document)))


def _text_ids(found: Document) -> Iterable[str]:
    ids = (output[name] for output in found["outputs"] for name in ("evidence_text_id", "reason_text_id"))
    return [id_ for id_ in ids if id_]


def _shown(found: Document, prose: Mapping[str, str]) -> PlanShown:
    outputs = [
        {
            **output,
            "evidence": prose[output["evidence_text_id"]] if output["evidence_text_id"] else None,
            "reason": prose[output["reason_text_id"]] if output["reason_text_id"] else None,
        }
        for output in found["outputs"]
    ]
    return PlanShown.model_validate(
        {**found, "request_id": found["_id"], "version": found["n"], "outputs": outputs}, strict=False
    )
