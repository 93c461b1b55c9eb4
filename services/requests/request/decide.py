"""What becomes of a request. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.requests.request.document import show_request
from services.requests.request.model import Request, Status
from services.requests.request.rules import Submit, held_days, held_quota, submit
from shared.contracts.requests import (
    PUBLISHER,
    Outcome,
    OutcomeRecorded,
    RequestLapsed,
    RequestSubmitted,
    RequestWithdrawn,
    ReturnRecorded,
)
from shared.kit.decisions.decider import Decider, Reservation, missing, no_right, wrong_state
from shared.people.takingback import check_free, days_taken


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The employee takes the request back, or some of its days. `today` is the date where the unit is; `excused` are
    days that are not worked, as far as is known now."""

    by: str
    today: date
    days: tuple[date, ...] | None = None
    excused: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Replace:
    """The employee takes the request back for another, which is submitted in the same transaction."""

    by: str
    today: date
    replaced_by: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """The superior decided; `approvals` told so. `days` are those that were revoked."""

    outcome: Outcome
    days: tuple[date, ...] | None = None


@dataclass(frozen=True, slots=True)
class RecordReturn:
    """The superior wants the request changed; `approvals` told so."""


@dataclass(frozen=True, slots=True)
class RecordClosing:
    """The request has left the superior's desk; `approvals` told so, and whether it was for want of a decision."""

    lapsed: bool


Command = Submit | Withdraw | Replace | RecordOutcome | RecordReturn | RecordClosing
RequestEvents = RequestSubmitted | RequestWithdrawn | RequestLapsed | OutcomeRecorded | ReturnRecorded
AFTER = {Outcome.APPROVED: Status.APPROVED, Outcome.REJECTED: Status.REJECTED, Outcome.REVOKED: Status.REVOKED}


def evolve(request: Request | None, event: RequestEvents) -> Request | None:
    match request, event:
        case None, RequestSubmitted():
            return Request(event)
        case Request(), RequestWithdrawn(days=days, replaced_by=replaced_by):
            return _without(replace(request, replaced_by=replaced_by), days, Status.WITHDRAWN)
        case Request(), OutcomeRecorded(outcome=Outcome.REVOKED, days=days):
            return _without(request, days or request.days, Status.REVOKED)
        case Request(), OutcomeRecorded(outcome=outcome):
            return replace(request, status=AFTER[outcome])
        case Request(), RequestLapsed():
            return replace(request, status=Status.LAPSED)
        case Request(), ReturnRecorded():
            return replace(request, status=Status.RETURNED)
    return request


def _without(request: Request, days: Sequence[date], how: Status) -> Request:
    """A request some of whose days were taken back; it stands as before while days are left."""
    left = replace(request, taken={**request.taken, **dict.fromkeys(days, how)})
    return left if left.days else replace(left, status=how)


def decide(command: Command, request: Request | None) -> list[RequestEvents]:
    match command, request:
        case Submit(), None:
            return [submit(command)]
        case Withdraw(), Request():
            return [_withdraw(command, request)]
        case Replace(), Request():
            return [_replace(command, request)]
        case RecordOutcome(), Request():
            return _record(command, request)
        case RecordReturn(), Request():
            return _record_return(request)
        case RecordClosing(lapsed), Request():
            return _record_closing(request) if lapsed else []
    raise missing("not-found")


def _withdraw(command: Withdraw, request: Request) -> RequestWithdrawn:
    """While nothing is agreed there is nothing to revoke, so that the whole request can be withdrawn at any time; what
    was agreed can be withdrawn day by day, before the day, and of a day that is not worked at any time."""
    asked = request.submitted
    if command.by != asked.employee_id:
        raise no_right("not-yours")
    if not request.live:
        raise wrong_state("cannot-withdraw", status=request.status)
    days = _agreed_days(command, request) if request.status is Status.APPROVED else _all_days(command, request)
    return RequestWithdrawn(request_id=asked.request_id, employee_id=asked.employee_id, days=days)


def _agreed_days(command: Withdraw, request: Request) -> tuple[date, ...]:
    free = [day for day in request.days if day > command.today or day in command.excused]
    days = days_taken(command.days, request.days, free, "already-begun")
    check_free(days, free, "already-begun")
    return days


def _all_days(command: Withdraw, request: Request) -> tuple[date, ...]:
    if command.days is not None and set(command.days) != set(request.days):
        raise wrong_state("not-approved-yet", status=request.status)
    return request.days


def _replace(command: Replace, request: Request) -> RequestWithdrawn:
    asked = request.submitted
    if command.by != asked.employee_id:
        raise no_right("not-yours")
    if not request.live:
        raise wrong_state("cannot-change", status=request.status)
    if command.today >= min(request.days):
        raise wrong_state("too-late-to-change", day=min(request.days), today=command.today)
    return RequestWithdrawn(
        request_id=asked.request_id,
        employee_id=asked.employee_id,
        days=request.days,
        replaced_by=command.replaced_by,
    )


def _record(command: RecordOutcome, request: Request) -> list[RequestEvents]:
    """A withdrawal stands, whatever the superior decided before hearing of it."""
    if not request.live or request.status is AFTER[command.outcome]:
        return []
    days = tuple(day for day in request.days if command.days is None or day in command.days)
    asked = request.submitted
    about: dict[str, Any] = {"request_id": asked.request_id, "employee_id": asked.employee_id}
    if command.outcome is not Outcome.REVOKED:
        return [OutcomeRecorded(**about, outcome=command.outcome)]
    return [OutcomeRecorded(**about, outcome=command.outcome, days=days)] if days else []


def _record_return(request: Request) -> list[RequestEvents]:
    if request.status is not Status.SUBMITTED:
        return []
    asked = request.submitted
    return [ReturnRecorded(request_id=asked.request_id, employee_id=asked.employee_id)]


def _record_closing(request: Request) -> list[RequestEvents]:
    """What was withdrawn meanwhile stays so."""
    if request.status not in (Status.SUBMITTED, Status.RETURNED):
        return []
    asked = request.submitted
    return [RequestLapsed(request_id=asked.request_id, employee_id=asked.employee_id, days=request.days)]


def reservations(request: Request | None) -> list[Reservation]:
    """A live request holds the days that are left of it, and for work away from the office a part of the quota of each
    week."""
    if request is None or not request.live:
        return []
    asked = request.submitted
    held = held_days(asked.employee_id, request.days)
    if asked.place.away:
        held += held_quota(asked.employee_id, request.days, asked.away_days_per_week_max)
    return held


requests: Decider[Command, Request] = Decider("requests", PUBLISHER, evolve, decide, show_request, reservations)
