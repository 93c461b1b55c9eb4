"""Requests over HTTP."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import pymongo
from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field
from pymongo.asynchronous.client_session import AsyncClientSession

from services.requests.request import model as state
from services.requests.request import queries
from services.requests.request.commands import Asking, SubmitBody, asking
from services.requests.request.decide import Replace, Withdraw, requests
from services.requests.request.document import stored_request
from services.requests.request.model import Status
from services.requests.request.schemas import (
    RequestResponse,
    RequestWithHistory,
    request_response,
    response_of,
    text_ids,
)
from shared.contracts.organisation import Role
from shared.kit.base.clock import local_date
from shared.kit.base.mongo import in_transaction
from shared.kit.decisions import log, texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Cursor, Day, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import CREATED, LOCATED, VERSIONED, documented
from shared.people.context import IfMatch, Reader, RequestContext, Writer, history, set_etag, visible
from shared.people.parameters import MonthFilter, RequestPath

router = APIRouter(prefix="/v1", tags=["requests"])


class Whose(StrEnum):
    """Scope of the requests to list: `mine`, your own; `led`, those of the people you lead today."""

    MINE = "mine"
    LED = "led"


Ids = Annotated[
    Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)] | None,
    Query(alias="id", description="Only requests of these ids; repeat it for several, at most 200."),
]
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only requests of this employee, by id.")]
Statuses = Annotated[
    Annotated[list[Status], Field(max_length=len(Status))] | None,
    Query(description=f"Only requests of this status; repeat it for several, at most {len(Status)}."),
]


class WithdrawBody(Body):
    """Days to withdraw."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": ["2026-09-08"]}, {}]})

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None
    """Days to withdraw, each a day of the request; all that may be withdrawn if omitted."""


@router.post(
    "/requests",
    status_code=201,
    responses=documented(413) | CREATED,
)
async def submit_request(request: Request, response: Response, context: Writer, body: SubmitBody) -> RequestResponse:
    """Submit a request.

    For every employee on record, for themselves. The request is judged by the policy in force on its first day, and
    then lies on the superior's desk as a case of the same id. Its days, and its part of the weekly quota, are held from
    now on.

    Refused with 422 and every rule that it breaks: `no-policy`, `policy-changes`, `day-twice`, `notice`, `horizon`,
    `working-day`, `absent`, `overlap`, `weekly-quota` about the days; `not-employed`, `position-not-assessed`,
    `position-measurable`, `position-public` about the employee; `output-missing`, `output-elsewhere`,
    `distance-missing`, `distance-not-needed`, `window-order`, `window-over-midnight` about the content; `no-superior`
    if nobody could decide.
    """
    asked = await asking(request, context, body)
    id_, origin = asked.command.request_id, context.origin(texts=asked.texts)
    committed = await log.transact(context.db, requests, id_, asked.command, origin, new=True)
    return await _submitted(response, context, committed)


@router.post(
    "/requests/{request_id}:change",
    status_code=201,
    responses=documented(404, 409, 412, 413) | LOCATED,
)
async def change_request(
    request: Request, response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: SubmitBody
) -> RequestResponse:
    """Change a request by replacing it.

    For the employee whose request it is, before its first day. The request is withdrawn and a new one takes its place
    on the superior's desk; both name each other. The new one is judged as at submission: if it breaks a rule, nothing
    changes.

    Refused with `not-yours` (403), `cannot-change` or `too-late-to-change` (409), and with the rules of submission
    (422).
    """
    found = await visible(context, context.db.requests, request_id)
    asked = await asking(request, context, body, replaces=request_id)
    today = local_date(context.now, found["time_zone"])
    command = Replace(context.actor.employee_id, today, asked.command.request_id)
    with pymongo.timeout(log.PATIENCE_S):
        committed = await in_transaction(
            context.db, lambda session: _change(session, context, seen, request_id, command, asked)
        )
    return await _submitted(response, context, committed)


async def _change(
    session: AsyncClientSession, context: RequestContext, seen: int, request_id: str, command: Replace, asked: Asking
) -> AppendResult[state.Request]:
    """The old request first, so that its days are free for the new one. It carries the key of the call."""
    old = await log.append(session, context.db, requests, request_id, command, context.origin(expected=seen))
    if old.replayed:
        new_id = old.state.replaced_by or ""
        then = await log.load(context.db, requests, new_id, session, until=1)
        assert then.state, "both were committed at once"
        return AppendResult(new_id, then.n, then.state, replayed=True)
    origin = replace(context.origin(texts=asked.texts), key=None, fingerprint=None)
    return await log.append(session, context.db, requests, command.replaced_by, asked.command, origin, new=True)


async def _submitted(
    response: Response, context: RequestContext, committed: AppendResult[state.Request]
) -> RequestResponse:
    set_etag(response, committed)
    response.headers["Location"] = f"/v1/requests/{committed.aggregate}"
    return await request_response(context.db, committed.state, committed.n, committed.texts)


@router.post("/requests/{request_id}:withdraw", responses=documented(404, 409, 412, 413))
async def withdraw_request(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: WithdrawBody | None = None
) -> RequestResponse:
    """Withdraw a request, or days of it.

    For the employee whose request it is. Until it is approved, it is withdrawn as a whole, at any time. Of an approved
    one, days after today are withdrawn; and at any time days that turned out to be off, or of the employee's leave or
    trip.

    Refused with `not-yours` (403); with 409 `cannot-withdraw`, `not-approved-yet` (single days of a request that is not
    approved) or `already-begun`; and with `not-its-day` (422).
    """
    found = await visible(context, context.db.requests, request_id)
    today = local_date(context.now, found["time_zone"])
    excused = await queries.excused(context.directory, found["employee_id"], stored_request(found).days)
    days = tuple(body.days) if body and body.days else None
    command = Withdraw(context.actor.employee_id, today, days, excused)
    committed = await log.transact(context.db, requests, request_id, command, context.origin(expected=seen))
    set_etag(response, committed)
    return await request_response(context.db, committed.state, committed.n, committed.texts)


@router.get("/requests")
async def list_requests(
    context: Reader,
    whose: Annotated[
        Whose | None,
        Query(
            description="Scope: `mine`, or `led` for requests of the people you lead today. If omitted `mine`, and "
            "with `id` or `employee_id` all that you may see."
        ),
    ] = None,
    id_: Ids = None,
    employee_id: OfEmployee = None,
    status: Statuses = None,
    month: MonthFilter = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[RequestResponse]:
    """List requests.

    For every employee on record: your own, or with `whose=led` those of the people you lead today, as superior or by
    mandate. With `id`, those of the named ones that you may see: your own, those of the people you lead today, all for
    the personnel agency; others are left out. With `employee_id`, those of that employee, likewise. Filters are
    combined. Newest first, in pages, with titles and reasons.
    """
    where = await _scope(context, whose, named=bool(id_ or employee_id))
    if id_:
        where["_id"] = {"$in": sorted(set(id_))}
    if employee_id:
        where = {"$and": [where, {"employee_id": employee_id}]}
    if status:
        where["status"] = {"$in": [one.value for one in status]}
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    found, following = await find_page(context.db.requests, where, cursor, limit, newest_first=True)
    asked = [stored_request(one) for one in found]
    prose = await texts.read(context.db, [id_ for one in asked for id_ in text_ids(one)])
    items = [response_of(one, document["n"], prose) for one, document in zip(asked, found, strict=True)]
    return Page(items=items, next_cursor=following)


async def _scope(context: RequestContext, whose: Whose | None, *, named: bool) -> Document:
    """A filter of whose requests are listed."""
    me = context.actor.employee_id
    if named and whose is None:
        if context.actor.has(Role.PERSONNEL_AGENCY):
            return {}
        return {"employee_id": {"$in": [me, *await context.subordinates()]}}
    return {"employee_id": {"$in": await context.subordinates() if whose is Whose.LED else [me]}}


@router.get("/requests/{request_id}", responses=documented(404) | VERSIONED)
async def show_request(response: Response, context: Reader, request_id: RequestPath) -> RequestWithHistory:
    """Show a request with its history.

    For the employee, whoever leads them today, and the personnel agency; for others it does not exist (404
    `not-found`). The `ETag` is the version that a command on it names.
    """
    found = await visible(context, context.db.requests, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    asked = await request_response(context.db, stored_request(found), found["n"])
    return RequestWithHistory(**asked.model_dump(), history=await history(context.db, request_id))
