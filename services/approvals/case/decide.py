"""Who may decide what. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.approvals.case.document import show_case
from services.approvals.case.model import Case, Status
from shared.contracts.approvals import (
    PUBLISHER,
    ApprovalRevoked,
    CaseClosed,
    CaseOpened,
    RequestApproved,
    RequestRejected,
    RequestReturned,
)
from shared.contracts.requests import RequestSubmitted
from shared.kit.decisions.decider import Decider, missing, no_right, wrong_state
from shared.people.superiors import Superiors
from shared.people.takingback import days_taken


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A request was submitted."""

    asked: RequestSubmitted


@dataclass(frozen=True, slots=True)
class CloseCase:
    """The request was withdrawn, or some of its days; `replaced_by` is what it was changed into."""

    days: tuple[date, ...]
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """It is now; whoever has not decided yet may be too late."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Approve:
    """`by` agrees; `leaders` are those who lead the employee now, `today` the date where the unit is."""

    by: str
    leaders: Superiors
    today: date


@dataclass(frozen=True, slots=True)
class Reject:
    """`by` declines, for a reason."""

    by: str
    leaders: Superiors
    reason_text_id: str


@dataclass(frozen=True, slots=True)
class Return:
    """`by` wants the request changed, for a reason."""

    by: str
    leaders: Superiors
    reason_text_id: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """`by` takes an approval back, or that of some days, for a reason, at any time: MKD is not a right. `today` is the
    date where the unit is."""

    by: str
    leaders: Superiors
    reason_text_id: str
    today: date
    days: tuple[date, ...] | None = None


Judgement = Approve | Reject | Return | Revoke
Command = OpenCase | CloseCase | Lapse | Judgement
CaseEvent = CaseOpened | RequestApproved | RequestRejected | RequestReturned | ApprovalRevoked | CaseClosed


def evolve(case: Case | None, event: CaseEvent) -> Case | None:
    match case, event:
        case None, CaseOpened():
            return Case(event)
        case Case(), RequestApproved(approved_by=by):
            return replace(case, status=Status.APPROVED, decided_by=by, acting_for=event.acting_for)
        case Case(), RequestRejected(rejected_by=by):
            return _judged(case, Status.REJECTED, by, event)
        case Case(), RequestReturned(returned_by=by):
            return _judged(case, Status.RETURNED, by, event)
        case Case(), ApprovalRevoked(revoked_by=by, days=days):
            left = _without(case, days, Status.REVOKED)
            return _judged(left, left.status, by, event)
        case Case(), CaseClosed(replaced_by=replaced_by, days=days):
            return _without(replace(case, replaced_by=replaced_by), days or case.days, Status.CLOSED)
    return case


def _without(case: Case, days: Sequence[date], status: Status) -> Case:
    """A case some of whose days were taken back; it stands as before while days are left."""
    left = replace(case, taken=case.taken | set(days))
    return left if left.days else replace(left, status=status)


def _judged(case: Case, status: Status, by: str, event: RequestRejected | RequestReturned | ApprovalRevoked) -> Case:
    reason, acting_for = event.reason_text_id, event.acting_for
    return replace(case, status=status, decided_by=by, acting_for=acting_for, reason_text_id=reason)


def decide(command: Command, case: Case | None) -> list[CaseEvent]:
    match command, case:
        case OpenCase(asked), None:
            return [CaseOpened.model_validate(asked.model_dump(include=set(CaseOpened.model_fields)))]
        case OpenCase(), Case():
            return []
        case CloseCase(), Case():
            return _close(command, case)
        case Lapse(now), Case():
            return _lapse(now, case)
        case Approve() | Reject() | Return() | Revoke(), Case():
            _check_right(command, case)
            return [_decision(command, case)]
    raise missing("not-found")


def _check_right(command: Judgement, case: Case) -> None:
    if command.by == case.opened.employee_id:
        raise no_right("own-request")
    if command.by not in command.leaders:
        raise no_right("not-the-superior")


def _decision(command: Judgement, case: Case) -> CaseEvent:
    asked = case.opened
    about: dict[str, Any] = {
        "request_id": asked.request_id,
        "employee_id": asked.employee_id,
        "acting_for": command.leaders.acting_for(command.by),
    }
    match command, case.status:
        case Approve(by, _, today), Status.OPEN:
            if today > min(asked.days):
                raise wrong_state("first-day-passed", day=min(asked.days), today=today)
            return RequestApproved.model_validate({**asked.model_dump(), **about, "approved_by": by})
        case Reject(by, _, reason), Status.OPEN:
            return RequestRejected(**about, rejected_by=by, reason_text_id=reason)
        case Return(by, _, reason), Status.OPEN:
            return RequestReturned(**about, returned_by=by, reason_text_id=reason)
        case Revoke(by, _, reason, today, named), Status.APPROVED:
            to_come = [day for day in case.days if day >= today]
            days = days_taken(named, case.days, to_come, "days-over")
            return ApprovalRevoked(**about, days=days, revoked_by=by, reason_text_id=reason)
    raise wrong_state("case-status", status=case.status)


def _close(command: CloseCase, case: Case) -> list[CaseEvent]:
    """A withdrawn request leaves the desk, decided or not; a rejected one has left it already, and so have revoked
    days."""
    days = tuple(day for day in case.days if day in command.days)
    if case.status is Status.REJECTED or not days:
        return []
    about: dict[str, Any] = {"request_id": case.opened.request_id, "employee_id": case.opened.employee_id}
    return [CaseClosed(**about, days=days, replaced_by=command.replaced_by)]


def _lapse(now: datetime, case: Case) -> list[CaseEvent]:
    if case.lapses_at is None or now < case.lapses_at:
        return []
    about: dict[str, Any] = {"request_id": case.opened.request_id, "employee_id": case.opened.employee_id}
    return [CaseClosed(**about, days=case.days, lapsed=True)]


cases: Decider[Command, Case] = Decider("cases", PUBLISHER, evolve, decide, show_case)
