"""What requests answers over HTTP."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.requests.calendar import days_off
from services.requests.decide import Submit, Withdraw, policies, requests
from services.requests.state import Status
from shared.contracts.organisation import PositionRecorded, Role, as_of
from shared.contracts.requests import Limit, PolicyPublished, RequestSubmitted
from shared.contracts.values import AgreedOutput, Kilometres, Measure, Place, PlaceCategory, Quantity, TimeWindow
from shared.kit import directory, log, texts
from shared.kit.calls import (
    Body,
    Call,
    Caller,
    Commander,
    Page,
    Seen,
    Step,
    cursor_of,
    history,
    place_of,
    sent,
    tag,
    takes,
    visible,
)
from shared.kit.clock import local_date
from shared.kit.decider import Document, no_right
from shared.kit.fields import Cursor, Day, Hour, Month, PageSize, Prose
from shared.kit.ids import new_id
from shared.kit.mongo import Database
from shared.kit.problems import documented

router = APIRouter(prefix="/v1", tags=["requests"])


class WindowBody(Body):
    """The hours of the day's work, in the unit's local time."""

    starts: Hour
    ends: Hour


class PlaceBody(Body):
    """Where the work is to be done. Another place than home needs its round trip."""

    category: PlaceCategory
    round_trip_km: Kilometres | None = None


class OutputBody(Body):
    """A measurable target for one day."""

    day: Day
    title: Prose
    target_quantity: Quantity
    measure: Measure


class SubmitBody(Body):
    """What an employee asks for."""

    days: Annotated[list[Day], Field(min_length=1, max_length=62)]
    window: WindowBody | None = None
    place: PlaceBody
    outputs: Annotated[list[OutputBody], Field(min_length=1, max_length=200)]
    reason: Prose


class OutputShown(BaseModel):
    """An agreed output with its title."""

    output_id: str
    day: date
    title: str
    target_quantity: Quantity
    measure: str


class RequestShown(BaseModel):
    """A request and where it stands."""

    request_id: str
    version: int
    status: Status
    employee_id: str
    unit_id: str
    time_zone: str
    submitted_on: date
    days: list[date]
    window: TimeWindow | None
    place: Place
    outputs: list[OutputShown]
    reason: str
    policy_id: str
    away_days_per_week_max: Limit


class RequestWithHistory(RequestShown):
    """A request with everything that happened to it."""

    history: list[Step]


@router.post("/requests", status_code=201, responses=documented(409, 413))
async def submit_request(request: Request, response: Response, call: Commander, body: SubmitBody) -> RequestShown:
    """Ask for days at another place or time. Refused with every rule that the request breaks."""
    known = await directory.employee(call.db, call.actor.employee_id)
    if known is None:
        raise no_right("unknown-person")
    time_zone = await _time_zone(call, request.app.state.settings.time_zone)
    today = local_date(call.now, time_zone)
    in_force = await _policies(call.db)
    policy = as_of(in_force, min(body.days))
    prose = {new_id("txt"): output.title for output in body.outputs}
    reason_text_id = new_id("txt")
    command = Submit(
        request_id=new_id("req"),
        employee=known,
        positions=await _positions(call.db, {terms.position_id for terms in known.history}),
        policies=in_force,
        days_off=days_off(policy.calendar, body.days, request.state.language) if policy else {},
        time_zone=time_zone,
        today=today,
        days=tuple(body.days),
        window=TimeWindow(starts=body.window.starts, ends=body.window.ends) if body.window else None,
        place=Place(category=body.place.category, round_trip_km=body.place.round_trip_km),
        outputs=tuple(
            AgreedOutput(
                output_id=new_id("out"),
                day=output.day,
                target_quantity=output.target_quantity,
                measure=output.measure,
                title_text_id=text_id,
            )
            for output, text_id in zip(body.outputs, prose, strict=True)
        ),
        reason_text_id=reason_text_id,
    )
    origin = call.origin(texts={**prose, reason_text_id: body.reason})
    committed = await log.transact(call.db, requests, command.request_id, command, origin)
    tag(response, committed)
    response.headers["Location"] = f"/v1/requests/{committed.aggregate}"
    state = committed.state
    return _shown(state.submitted, state.status, committed.n, await texts.read(call.db, _text_ids(state.submitted)))


@router.post("/requests/{request_id}:withdraw", responses=documented(404, 409, 412))
async def withdraw_request(response: Response, call: Commander, seen: Seen, request_id: str) -> RequestShown:
    """Take your own request back, before its first day."""
    found, _ = await visible(call, call.db.requests, request_id)
    command = Withdraw(call.actor.employee_id, local_date(call.now, found["time_zone"]))
    committed = await log.transact(call.db, requests, request_id, command, call.origin(expected=seen))
    tag(response, committed)
    state = committed.state
    return _shown(state.submitted, state.status, committed.n, await texts.read(call.db, _text_ids(state.submitted)))


@router.get("/requests")
async def list_requests(
    call: Caller,
    status: Annotated[Status | None, Query(description="Only those that stand so")] = None,
    month: Annotated[Month | None, Query(description="Only those with a day in it")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[RequestShown]:
    """Your own requests, newest first."""
    where: Document = {"employee_id": call.actor.employee_id}
    if status:
        where["status"] = status.value
    if month:
        where["days"] = {"$regex": f"^{month}-"}
    if place := place_of(cursor):
        where["_id"] = {"$lt": place[0]}
    found = await call.db.requests.find(where).sort("_id", -1).limit(limit).to_list()
    asked = [RequestSubmitted.model_validate(one, strict=False) for one in found]
    prose = await texts.read(call.db, [id_ for one in asked for id_ in _text_ids(one)])
    items = [_shown(s, Status(one["status"]), one["n"], prose) for s, one in zip(asked, found, strict=True)]
    return Page(items=items, next_cursor=cursor_of(found[-1]["_id"]) if len(found) == limit else None)


@router.get("/requests/{request_id}", responses=documented(404))
async def show_request(response: Response, call: Caller, request_id: str) -> RequestWithHistory:
    """One request with its history: your own, of somebody you lead, or any for the personnel agency."""
    found, _ = await visible(call, call.db.requests, request_id)
    asked = RequestSubmitted.model_validate(found, strict=False)
    shown = _shown(asked, Status(found["status"]), found["n"], await texts.read(call.db, _text_ids(asked)))
    response.headers["ETag"] = f'"{found["n"]}"'
    return RequestWithHistory(**shown.model_dump(), history=await history(call.db, request_id))


@router.get("/policies")
async def list_policies(call: Caller) -> Page[PolicyPublished]:
    """Every set of rules, oldest first: each is in force from its day until the next one's."""
    return Page(items=sorted(await _policies(call.db), key=lambda policy: policy.effective_from))


@router.post("/policies", status_code=201, responses=documented(409, 413), openapi_extra=takes(PolicyPublished))
async def publish_policy(
    response: Response, call: Commander, policy: Annotated[PolicyPublished, Depends(sent(PolicyPublished))]
) -> PolicyPublished:
    """Put a set of rules in force from a day on."""
    call.must_have(Role.PERSONNEL_AGENCY)
    committed = await log.transact(call.db, policies, policy.policy_id, policy, call.origin())
    tag(response, committed)
    return committed.state


async def _time_zone(call: Call, otherwise: str) -> str:
    unit = await directory.unit(call.db, call.actor.terms.unit_id)
    terms = as_of(unit.history, call.today) if unit else None
    return terms.time_zone if terms else otherwise


async def _positions(db: Database, ids: set[str]) -> Mapping[str, PositionRecorded]:
    found = [await directory.position(db, id_) for id_ in sorted(ids)]
    return {position.position_id: position for position in found if position}


async def _policies(db: Database) -> list[PolicyPublished]:
    return [PolicyPublished.model_validate(found, strict=False) async for found in db.policies.find({})]


def _text_ids(asked: RequestSubmitted) -> list[str]:
    return [asked.reason_text_id, *(output.title_text_id for output in asked.outputs)]


def _shown(asked: RequestSubmitted, status: Status, version: int, prose: Mapping[str, str]) -> RequestShown:
    return RequestShown(
        request_id=asked.request_id,
        version=version,
        status=status,
        employee_id=asked.employee_id,
        unit_id=asked.unit_id,
        time_zone=asked.time_zone,
        submitted_on=asked.submitted_on,
        days=list(asked.days),
        window=asked.window,
        place=asked.place,
        outputs=[
            OutputShown(
                output_id=output.output_id,
                day=output.day,
                title=prose[output.title_text_id],
                target_quantity=output.target_quantity,
                measure=output.measure,
            )
            for output in asked.outputs
        ],
        reason=prose[asked.reason_text_id],
        policy_id=asked.policy_id,
        away_days_per_week_max=asked.away_days_per_week_max,
    )
