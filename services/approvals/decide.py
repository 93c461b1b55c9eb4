"""Who may decide what. Pure."""

from dataclasses import dataclass, replace
from datetime import date

from services.approvals.projection import show_case
from services.approvals.state import Case, Status
from shared.contracts.approvals import (
    PUBLISHER,
    ApprovalRevoked,
    CaseClosed,
    CaseOpened,
    RequestApproved,
    RequestRejected,
)
from shared.contracts.requests import RequestSubmitted
from shared.kit.decider import Decider, missing, no_right, wrong_state
from shared.kit.leaders import Leaders


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A request was submitted."""

    asked: RequestSubmitted


@dataclass(frozen=True, slots=True)
class CloseCase:
    """The request was withdrawn."""


@dataclass(frozen=True, slots=True)
class Approve:
    """`by` agrees; `leaders` are those who lead the employee now, `today` the date where the unit is."""

    by: str
    leaders: Leaders
    today: date


@dataclass(frozen=True, slots=True)
class Reject:
    """`by` declines, for a reason."""

    by: str
    leaders: Leaders
    reason_text_id: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """`by` takes an approval back, for a reason, at any time: MKD is not a right."""

    by: str
    leaders: Leaders
    reason_text_id: str


Command = OpenCase | CloseCase | Approve | Reject | Revoke
CaseEvent = CaseOpened | RequestApproved | RequestRejected | ApprovalRevoked | CaseClosed


def evolve(case: Case | None, event: CaseEvent) -> Case | None:
    match case, event:
        case None, CaseOpened():
            return Case(event)
        case Case(), RequestApproved(approved_by=by):
            return replace(case, status=Status.APPROVED, decided_by=by)
        case Case(), RequestRejected(rejected_by=by, reason_text_id=reason):
            return replace(case, status=Status.REJECTED, decided_by=by, reason_text_id=reason)
        case Case(), ApprovalRevoked(revoked_by=by, reason_text_id=reason):
            return replace(case, status=Status.REVOKED, decided_by=by, reason_text_id=reason)
        case Case(), CaseClosed():
            return replace(case, status=Status.CLOSED)
    return case


def decide(command: Command, case: Case | None) -> list[CaseEvent]:
    match command, case:
        case OpenCase(asked), None:
            return [CaseOpened.model_validate(asked.model_dump(include=set(CaseOpened.model_fields)))]
        case OpenCase(), Case():
            return []
        case CloseCase(), Case():
            return _close(case)
        case Approve() | Reject() | Revoke(), Case():
            _check_right(command, case)
            return [_decision(command, case)]
    raise missing("not-found")


def _check_right(command: Approve | Reject | Revoke, case: Case) -> None:
    if command.by == case.opened.employee_id:
        raise no_right("own-request")
    if command.by not in command.leaders:
        raise no_right("not-the-superior")


def _decision(command: Approve | Reject | Revoke, case: Case) -> CaseEvent:
    asked, acting_for = case.opened, command.leaders.acting_for(command.by)
    match command, case.status:
        case Approve(by, _, today), Status.OPEN:
            if today > min(asked.days):
                raise wrong_state("first-day-passed", day=min(asked.days), today=today)
            return RequestApproved.model_validate({**asked.model_dump(), "approved_by": by, "acting_for": acting_for})
        case Reject(by, _, reason), Status.OPEN:
            return RequestRejected(
                request_id=asked.request_id,
                employee_id=asked.employee_id,
                rejected_by=by,
                acting_for=acting_for,
                reason_text_id=reason,
            )
        case Revoke(by, _, reason), Status.APPROVED:
            return ApprovalRevoked(
                request_id=asked.request_id,
                employee_id=asked.employee_id,
                days=asked.days,
                revoked_by=by,
                acting_for=acting_for,
                reason_text_id=reason,
            )
    raise wrong_state("case-status", status=case.status)


def _close(case: Case) -> list[CaseEvent]:
    """A withdrawn request leaves the desk, decided or not; a rejected or revoked one has left it already."""
    if case.status not in (Status.OPEN, Status.APPROVED):
        return []
    return [CaseClosed(request_id=case.opened.request_id, employee_id=case.opened.employee_id)]


cases: Decider[Command, Case] = Decider("cases", PUBLISHER, evolve, decide, show_case)
