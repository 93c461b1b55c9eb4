"""What approvals answers over HTTP."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.approvals.decide import Approve, Command, Reject, Revoke, cases
from services.approvals.state import Status
from shared.contracts.values import AgreedOutput, Place
from shared.kit import directory, log, texts
from shared.kit.calls import Body, Call, Caller, Commander, Page, Seen, Step, cursor_of, history, place_of, tag, visible
from shared.kit.clock import local_date
from shared.kit.decider import Document
from shared.kit.fields import Cursor, PageSize, Prose
from shared.kit.ids import new_id
from shared.kit.problems import documented

router = APIRouter(prefix="/v1", tags=["approvals"])


class ReasonBody(Body):
    """Why."""

    reason: Prose


class CaseShown(BaseModel):
    """A request on the superior's desk. Titles and the employee's reason are kept by `requests`."""

    request_id: str
    version: int
    status: Status
    employee_id: str
    unit_id: str
    time_zone: str
    days: list[date]
    place: Place
    outputs: list[AgreedOutput]
    decided_by: str | None
    reason: str | None


class CaseWithHistory(CaseShown):
    """A case with everything that happened to it."""

    history: list[Step]


@router.get("/cases")
async def list_cases(
    call: Caller,
    status: Annotated[Status | None, Query(description="Only those that stand so")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[CaseShown]:
    """Your inbox: the cases of those whom you lead today, newest first."""
    led = await directory.subordinates_of(call.db, call.actor.employee_id, call.today)
    where: Document = {"employee_id": {"$in": led}}
    if status:
        where["status"] = status.value
    if place := place_of(cursor):
        where["_id"] = {"$lt": place[0]}
    found = await call.db.cases.find(where).sort("_id", -1).limit(limit).to_list()
    prose = await texts.read(call.db, [one["reason_text_id"] for one in found if one["reason_text_id"]])
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return Page(items=[_shown(one, prose) for one in found], next_cursor=next_cursor)


@router.get("/cases/{request_id}", responses=documented(404))
async def show_case(response: Response, call: Caller, request_id: str) -> CaseWithHistory:
    """One case with its history: your own, of somebody you lead, or any for the personnel agency."""
    found, _ = await visible(call, call.db.cases, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    shown = _shown(found, await texts.read(call.db, [found["reason_text_id"] or ""]))
    return CaseWithHistory(**shown.model_dump(), history=await history(call.db, request_id))


@router.post("/cases/{request_id}:approve", responses=documented(404, 409, 412))
async def approve_case(response: Response, call: Commander, seen: Seen, request_id: str) -> CaseShown:
    """Agree to the days, the place and the outputs."""
    found, leaders = await visible(call, call.db.cases, request_id)
    today = local_date(call.now, found["time_zone"])
    return await _decide(response, call, seen, request_id, Approve(call.actor.employee_id, leaders, today), {})


@router.post("/cases/{request_id}:reject", responses=documented(404, 409, 412, 413))
async def reject_case(response: Response, call: Commander, seen: Seen, request_id: str, body: ReasonBody) -> CaseShown:
    """Decline, with a reason."""
    _, leaders = await visible(call, call.db.cases, request_id)
    text_id = new_id("txt")
    command = Reject(call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


@router.post("/cases/{request_id}:revoke", responses=documented(404, 409, 412, 413))
async def revoke_case(response: Response, call: Commander, seen: Seen, request_id: str, body: ReasonBody) -> CaseShown:
    """Take an approval back, with a reason. Its days no longer count, verified or not."""
    _, leaders = await visible(call, call.db.cases, request_id)
    text_id = new_id("txt")
    command = Revoke(call.actor.employee_id, leaders, text_id)
    return await _decide(response, call, seen, request_id, command, {text_id: body.reason})


async def _decide(
    response: Response, call: Call, seen: int, request_id: str, command: Command, prose: Mapping[str, str]
) -> CaseShown:
    origin = call.origin(expected=seen, texts=prose)
    committed = await log.transact(call.db, cases, request_id, command, origin)
    tag(response, committed)
    document = cases.show(committed.state) | {"n": committed.n}
    return _shown(document, await texts.read(call.db, [document["reason_text_id"] or ""]))


def _shown(found: Document, prose: Mapping[str, str]) -> CaseShown:
    reason_id = found["reason_text_id"]
    return CaseShown.model_validate(
        {**found, "version": found["n"], "reason": prose[reason_id] if reason_id else None}, strict=False
    )
