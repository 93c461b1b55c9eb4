"""What may be asked for, and what becomes of it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.requests.calendar import knows
from services.requests.projection import show_policy, show_request
from services.requests.state import Request, Status
from shared.contracts.organisation import EmployeeRecorded, PositionRecorded, as_of
from shared.contracts.requests import (
    PUBLISHER,
    Outcome,
    OutcomeRecorded,
    PolicyPublished,
    RequestSubmitted,
    RequestWithdrawn,
)
from shared.contracts.values import AgreedOutput, Place, PlaceCategory, TimeWindow
from shared.kit.decider import Claim, Decider, Refused, Violation, missing, no_right, wrong_state


@dataclass(frozen=True, slots=True)
class Submit:
    """An employee asks. `today` is the date where the unit is; the reference data and the rules are as known now."""

    request_id: str
    employee: EmployeeRecorded
    positions: Mapping[str, PositionRecorded]
    policies: Sequence[PolicyPublished]
    days_off: Mapping[date, str]
    time_zone: str
    today: date
    days: tuple[date, ...]
    window: TimeWindow | None
    place: Place
    outputs: tuple[AgreedOutput, ...]
    reason_text_id: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The employee takes the request back."""

    by: str
    today: date


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """The superior decided; `approvals` told so."""

    outcome: Outcome


Command = Submit | Withdraw | RecordOutcome
RequestEvents = RequestSubmitted | RequestWithdrawn | OutcomeRecorded
AFTER = {Outcome.APPROVED: Status.APPROVED, Outcome.REJECTED: Status.REJECTED, Outcome.REVOKED: Status.REVOKED}


def evolve(request: Request | None, event: RequestEvents) -> Request | None:
    match request, event:
        case None, RequestSubmitted():
            return Request(event)
        case Request(), RequestWithdrawn():
            return replace(request, status=Status.WITHDRAWN)
        case Request(), OutcomeRecorded(outcome=outcome):
            return replace(request, status=AFTER[outcome])
    return request


def decide(command: Command, request: Request | None) -> list[RequestEvents]:
    match command, request:
        case Submit(), None:
            return [_submit(command)]
        case Withdraw(), Request():
            return _withdraw(command, request)
        case RecordOutcome(outcome), Request():
            return _record(outcome, request)
    raise missing("not-found")


def _withdraw(command: Withdraw, request: Request) -> list[RequestEvents]:
    asked = request.submitted
    if command.by != asked.employee_id:
        raise no_right("not-yours")
    if request.status not in (Status.SUBMITTED, Status.APPROVED):
        raise wrong_state("cannot-withdraw", status=request.status)
    if command.today >= min(asked.days):
        raise wrong_state("already-begun", day=min(asked.days))
    return [RequestWithdrawn(request_id=asked.request_id, employee_id=asked.employee_id, days=asked.days)]


def _record(outcome: Outcome, request: Request) -> list[RequestEvents]:
    """A withdrawal stands, whatever the superior decided before hearing of it."""
    if request.status is Status.WITHDRAWN or request.status is AFTER[outcome]:
        return []
    asked = request.submitted
    return [OutcomeRecorded(request_id=asked.request_id, employee_id=asked.employee_id, outcome=outcome)]


def _submit(command: Submit) -> RequestSubmitted:
    policy = as_of(command.policies, min(command.days))
    if policy is None:
        raise Refused(Violation("no-policy", "/days", facts={"day": min(command.days)}))
    violations = [
        *_about_days(command, policy),
        *_about_positions(command, policy),
        *_about_outputs(command),
        *_about_place(command),
    ]
    if violations:
        raise Refused(*violations)
    terms = as_of(command.employee.history, min(command.days))
    assert terms, "_about_positions refuses a day without terms"
    return RequestSubmitted(
        request_id=command.request_id,
        employee_id=command.employee.employee_id,
        unit_id=terms.unit_id,
        time_zone=command.time_zone,
        days=tuple(sorted(command.days)),
        place=command.place,
        outputs=command.outputs,
        verified_share_min_percent=policy.verified_share_min_percent.value,
        submitted_on=command.today,
        window=command.window,
        reason_text_id=command.reason_text_id,
        policy_id=policy.policy_id,
        away_days_per_week_max=policy.away_days_per_week_max,
    )


def _about_days(command: Submit, policy: PolicyPublished) -> Iterator[Violation]:
    first, last = min(command.days), max(command.days)
    if len(set(command.days)) < len(command.days):
        yield Violation("day-twice", "/days")
    notice = policy.notice_days_min
    if first < command.today + timedelta(days=notice.value):
        yield Violation("notice", "/days", notice.value, notice.source, {"day": first, "today": command.today})
    horizon = policy.horizon_days_max
    if last > command.today + timedelta(days=horizon.value):
        yield Violation("horizon", "/days", horizon.value, horizon.source, {"day": last})
    for day in sorted(set(command.days) & command.days_off.keys()):
        yield Violation("working-day", "/days", command.days_off[day], policy.calendar.source, {"day": day})
    if (ends := as_of(command.policies, last)) and ends.policy_id != policy.policy_id:
        yield Violation("policy-changes", "/days", ends.title, ends.policy_id, {"day": ends.effective_from})


def _about_positions(command: Submit, policy: PolicyPublished) -> Iterator[Violation]:
    """The two MKD criteria, for the position held on each day."""
    held = {as_of(command.employee.history, day) for day in command.days}
    if any(terms is None or not terms.active for terms in held):
        yield Violation("not-employed", "/days")
        return
    for position_id in sorted({terms.position_id for terms in held if terms}):
        assessments = command.positions.get(position_id)
        assessed = as_of(assessments.history, min(command.days)) if assessments else None
        measurable, contact = policy.measurable_position, policy.no_public_contact
        if assessed is None:
            yield Violation("position-not-assessed", "", None, measurable.source)
            continue
        if measurable.value and not assessed.measurable:
            yield Violation("position-measurable", "", measurable.value, measurable.source)
        if contact.value and assessed.public_contact:
            yield Violation("position-public", "", contact.value, contact.source)


def _about_outputs(command: Submit) -> Iterator[Violation]:
    agreed = {output.day for output in command.outputs}
    for day in sorted(set(command.days) - agreed):
        yield Violation("output-missing", "/outputs", facts={"day": day})
    for number, output in enumerate(command.outputs):
        if output.day not in command.days:
            yield Violation("output-elsewhere", f"/outputs/{number}/day", facts={"day": output.day})


def _about_place(command: Submit) -> Iterator[Violation]:
    elsewhere = command.place.category in (PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE)
    if elsewhere and command.place.round_trip_km is None:
        yield Violation("distance-missing", "/place/round_trip_km")
    if command.window and command.window.ends <= command.window.starts:
        yield Violation("window-order", "/window/ends")


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
    return [] if known else [command]


def evolve_policy(_: PolicyPublished | None, event: PolicyPublished) -> PolicyPublished:
    return event


requests: Decider[Command, Request] = Decider("requests", PUBLISHER, evolve, decide, show_request, claims)
policies: Decider[PolicyPublished, PolicyPublished] = Decider(
    "policies", PUBLISHER, evolve_policy, decide_policy, show_policy
)
