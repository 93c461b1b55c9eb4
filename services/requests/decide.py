"""What becomes of a request, and which rules are published. Pure."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from services.requests import hours
from services.requests.projection import show_policy, show_request
from services.requests.state import Request, Status
from services.requests.submission import Submit, submit
from shared.contracts.requests import (
    PUBLISHER,
    Outcome,
    OutcomeRecorded,
    PolicyPublished,
    RequestSubmitted,
    RequestWithdrawn,
    ReturnRecorded,
)
from shared.kit.calendar import knows
from shared.kit.decider import Claim, Decider, Refused, Violation, missing, no_right, wrong_state


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The employee takes the request back."""

    by: str
    today: date


@dataclass(frozen=True, slots=True)
class Replace:
    """The employee takes the request back for another, which is submitted in the same transaction."""

    by: str
    today: date
    replaced_by: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """The superior decided; `approvals` told so."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RecordReturn:
    """The superior wants the request changed; `approvals` told so."""


Command = Submit | Withdraw | Replace | RecordOutcome | RecordReturn
RequestEvents = RequestSubmitted | RequestWithdrawn | OutcomeRecorded | ReturnRecorded
AFTER = {Outcome.APPROVED: Status.APPROVED, Outcome.REJECTED: Status.REJECTED, Outcome.REVOKED: Status.REVOKED}


def evolve(request: Request | None, event: RequestEvents) -> Request | None:
    match request, event:
        case None, RequestSubmitted():
            return Request(event)
        case Request(), RequestWithdrawn(replaced_by=replaced_by):
            return replace(request, status=Status.WITHDRAWN, replaced_by=replaced_by)
        case Request(), OutcomeRecorded(outcome=outcome):
            return replace(request, status=AFTER[outcome])
        case Request(), ReturnRecorded():
            return replace(request, status=Status.RETURNED)
    return request


def decide(command: Command, request: Request | None) -> list[RequestEvents]:
    match command, request:
        case Submit(), None:
            return [submit(command)]
        case Withdraw(), Request():
            return [_withdraw(command, request)]
        case Replace(), Request():
            return [_replace(command, request)]
        case RecordOutcome(outcome), Request():
            return _record(outcome, request)
        case RecordReturn(), Request():
            return _record_return(request)
    raise missing("not-found")


def _withdraw(command: Withdraw, request: Request) -> RequestWithdrawn:
    """Of a returned request nothing was agreed, so that there is nothing to revoke: it can be withdrawn at any time."""
    asked = request.submitted
    if command.by != asked.employee_id:
        raise no_right("not-yours")
    if not request.live:
        raise wrong_state("cannot-withdraw", status=request.status)
    if command.today >= min(asked.days) and request.status is not Status.RETURNED:
        raise wrong_state("already-begun", day=min(asked.days))
    return RequestWithdrawn(request_id=asked.request_id, employee_id=asked.employee_id, days=asked.days)


def _replace(command: Replace, request: Request) -> RequestWithdrawn:
    asked = request.submitted
    if command.by != asked.employee_id:
        raise no_right("not-yours")
    if not request.live:
        raise wrong_state("cannot-change", status=request.status)
    if command.today >= min(asked.days):
        raise wrong_state("too-late-to-change", day=min(asked.days), today=command.today)
    return RequestWithdrawn(
        request_id=asked.request_id,
        employee_id=asked.employee_id,
        days=asked.days,
        replaced_by=command.replaced_by,
    )


def _record(outcome: Outcome, request: Request) -> list[RequestEvents]:
    """A withdrawal stands, whatever the superior decided before hearing of it."""
    if request.status in (Status.WITHDRAWN, AFTER[outcome]):
        return []
    asked = request.submitted
    return [OutcomeRecorded(request_id=asked.request_id, employee_id=asked.employee_id, outcome=outcome)]


def _record_return(request: Request) -> list[RequestEvents]:
    if request.status in (Status.WITHDRAWN, Status.RETURNED):
        return []
    asked = request.submitted
    return [ReturnRecorded(request_id=asked.request_id, employee_id=asked.employee_id)]


def claims(request: Request | None) -> list[Claim]:
    """A live request holds its days, and for work away from the office a part of the quota of each week."""
    if request is None or not request.live:
        return []
    asked = request.submitted
    whose = asked.employee_id
    held = [Claim(f"day:{whose}:{day}", 1, 1, Violation("overlap", "/days", facts={"day": day})) for day in asked.days]
    if asked.place.away:
        quota = asked.away_days_per_week_max
        for week, days in Counter(f"{d.isocalendar().year}-W{d.isocalendar().week:02}" for d in asked.days).items():
            full = Violation("weekly-quota", "/days", quota.value, quota.source, {"week": week, "days": days})
            held.append(Claim(f"week:{whose}:{week}", days, quota.value, full))
    return held


def decide_policy(command: PolicyPublished, known: PolicyPublished | None) -> list[PolicyPublished]:
    """A policy is published once; other rules are another policy. The command is the event it becomes."""
    if known and known != command:
        raise wrong_state("policy-published", policy_id=known.policy_id)
    if not knows(command.calendar.country):
        raise Refused(Violation("unknown-country", "/calendar/country", facts={"country": command.calendar.country}))
    if command.hours and (faults := list(hours.faults(command.hours))):
        raise Refused(*faults)
    return [] if known else [command]


def evolve_policy(_: PolicyPublished | None, event: PolicyPublished) -> PolicyPublished:
    return event


requests: Decider[Command, Request] = Decider("requests", PUBLISHER, evolve, decide, show_request, claims)
policies: Decider[PolicyPublished, PolicyPublished] = Decider(
    "policies", PUBLISHER, evolve_policy, decide_policy, show_policy
)
