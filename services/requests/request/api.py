"""What requests answers over HTTP of requests."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import pymongo
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from pymongo.asynchronous.client_session import AsyncClientSession

from services.requests.request import model as state
from services.requests.request import queries
from services.requests.request.commands import Asking, SubmitBody, asking
from services.requests.request.decide import Replace, Withdraw, requests
from services.requests.request.document import shown_request
from services.requests.request.model import Status
from services.requests.request.schemas import RequestShown, RequestWithHistory, shown, text_ids, told
from shared.kit.base.clock import local_date
from shared.kit.base.mongo import in_transaction
from shared.kit.decisions import log, texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Cursor, Day, Month, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import documented
from shared.people.context import Call, IfMatch, Reader, Writer, history, tag, visible

router = APIRouter(prefix="/v1", tags=["requests"])


class Whose(StrEnum):
    """Your own requests, or those of the people you lead today."""

    MINE = "mine"
    LED = "led"


class WithdrawBody(Body):
    """Which days are taken back: all that may be, where none are named."""

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None


@router.post("/requests", status_code=201, responses=documented(409, 413))
async def submit_request(request: Request, response: Response, call: Writer, body: SubmitBody) -> RequestShown:
    """Ask for days at another place or time. Refused with every rule that the request breaks."""
    asked = await asking(request, call, body)
    id_, origin = asked.command.request_id, call.origin(texts=asked.texts)
    return await _submitted(response, call, await log.transact(call.db, requests, id_, asked.command, origin))


@router.post("/requests/{request_id}:change", status_code=201, responses=documented(404, 409, 412, 413))
async def change_request(
    request: Request, response: Response, call: Writer, seen: IfMatch, request_id: str, body: SubmitBody
) -> RequestShown:
    """Ask for something else instead, before the first day of your request. It is withdrawn and a new one takes its
    place, for the superior to decide; where the new one breaks a rule, nothing changes."""
    found = await visible(call, call.db.requests, request_id)
    asked = await asking(request, call, body, replaces=request_id)
    today = local_date(call.now, found["time_zone"])
    command = Replace(call.actor.employee_id, today, asked.command.request_id)
    with pymongo.timeout(log.PATIENCE_S):
        committed = await in_transaction(
            call.db, lambda session: _change(session, call, seen, request_id, command, asked)
        )
    return await _submitted(response, call, committed)


async def _change(
    session: AsyncClientSession, call: Call, seen: int, request_id: str, command: Replace, asked: Asking
) -> AppendResult[state.Request]:
    """The old request first, so that its days are free for the new one. It carries the key of the call."""
    old = await log.append(session, call.db, requests, request_id, command, call.origin(expected=seen))
    if old.replayed:
        new_id = old.state.replaced_by or ""
        then = await log.load(call.db, requests, new_id, session, until=1)
        assert then.state, "both were committed at once"
        return AppendResult(new_id, then.n, then.state, replayed=True)
    origin = replace(call.origin(texts=asked.texts), key=None, fingerprint=None)
    return await log.append(session, call.db, requests, command.replaced_by, asked.command, origin)


async def _submitted(response: Response, call: Call, committed: AppendResult[state.Request]) -> RequestShown:
    tag(response, committed)
    response.headers["Location"] = f"/v1/requests/{committed.aggregate}"
    return await told(call.db, committed.state, committed.n)


@router.post("/requests/{request_id}:withdraw", responses=documented(404, 409, 412, 413))
async def withdraw_request(
    response: Response, call: Writer, seen: IfMatch, request_id: str, body: WithdrawBody | None = None
) -> RequestShown:
    """Take your own request back: at any time while nobody has decided; of an approved one the days that are still to
    come, or those of them that you name. A day that turned out to be off, or of your leave or trip, at any time."""
    found = await visible(call, call.db.requests, request_id)
    today = local_date(call.now, found["time_zone"])
    excused = await queries.excused(call.db, found["employee_id"], shown_request(found).days)
    days = tuple(body.days) if body and body.days else None
    command = Withdraw(call.actor.employee_id, today, days, excused)
    committed = await log.transact(call.db, requests, request_id, command, call.origin(expected=seen))
    tag(response, committed)
    return await told(call.db, committed.state, committed.n)


@router.get("/requests")
async def list_requests(
    call: Reader,
    whose: Whose = Whose.MINE,
    status: Annotated[Status | None, Query(description="Only those that stand so")] = None,
    month: Annotated[Month | None, Query(description="Only those with a day in it")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[RequestShown]:
    """Requests, newest first, with titles and reasons: your own, or those of the people you lead today."""
    led = await call.subordinates() if whose is Whose.LED else [call.actor.employee_id]
    where: Document = {"employee_id": {"$in": led}}
    if status:
        where["status"] = status.value
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    found, following = await find_page(call.db.requests, where, cursor, limit, newest_first=True)
    asked = [shown_request(one) for one in found]
    prose = await texts.read(call.db, [id_ for one in asked for id_ in text_ids(one)])
    items = [shown(one, document["n"], prose) for one, document in zip(asked, found, strict=True)]
    return Page(items=items, next_cursor=following)


@router.get("/requests/{request_id}", responses=documented(404))
async def show_request(response: Response, call: Reader, request_id: str) -> RequestWithHistory:
    """One request with its history: your own, of somebody you lead, or any for the personnel agency."""
    found = await visible(call, call.db.requests, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    asked = await told(call.db, shown_request(found), found["n"])
    return RequestWithHistory(**asked.model_dump(), history=await history(call.db, request_id))
