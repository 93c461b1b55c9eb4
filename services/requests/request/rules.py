"""What may be asked for. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded, PositionRecorded, absent_on, as_of
from shared.contracts.requests import PolicyPublished, RequestSubmitted
from shared.contracts.values import AgreedOutput, Place, PlaceCategory, TimeWindow
from shared.kit.base.versions import in_force
from shared.kit.decisions.decider import Refused, Violation

ESTIMATED = "; perkiraan, menunggu penetapan"
"""What is added to the source of a holiday that nobody has decreed yet."""

SHIFTS = "PermenPANRB 4/2025 Ps. 11-12: waktu kerja sif menurut ketentuan instansi"


@dataclass(frozen=True, slots=True)
class Submit:
    """An employee asks. `today` is the date where the unit is; the reference data, the rules, and whether there is a
    superior who can decide, are as known now."""

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
    led: bool
    estimated: frozenset[date] = frozenset()
    absences: Sequence[AbsenceRecorded] = ()
    replaces: str | None = None


def submit(command: Submit) -> RequestSubmitted:
    """What is asked for, under the policy of its first day. Raises `Refused` with every rule that it breaks."""
    policy = in_force(command.policies, min(command.days))
    if policy is None:
        raise Refused(Violation("no-policy", "/days", facts={"day": min(command.days)}))
    violations = [
        *_about_days(command, policy),
        *_about_positions(command, policy),
        *_about_outputs(command),
        *_about_place(command),
        *_about_hours(command, policy),
    ]
    if not command.led:
        violations.append(Violation("no-superior"))
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
        verified_share_min_percent=min(policy.verified_share_min_percent.value, 100),
        quantity_counts=bool(policy.quantity_counts and policy.quantity_counts.value),
        submitted_on=command.today,
        window=command.window,
        reason_text_id=command.reason_text_id,
        policy_id=policy.policy_id,
        away_days_per_week_max=policy.away_days_per_week_max,
        replaces=command.replaces,
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
        source = policy.calendar.source + (ESTIMATED if day in command.estimated else "")
        yield Violation("working-day", "/days", command.days_off[day], source, {"day": day})
    for day in sorted(set(command.days)):
        if kind := absent_on(command.absences, day):
            yield Violation("absent", "/days", kind, facts={"day": day})
    if (ends := in_force(command.policies, last)) and ends.policy_id != policy.policy_id:
        yield Violation("policy-changes", "/days", ends.title, ends.policy_id, {"day": ends.effective_from})


def _about_positions(command: Submit, policy: PolicyPublished) -> Iterator[Violation]:
    """The two MKD criteria, for the position held on each day, as it is assessed on that day."""
    held = {day: as_of(command.employee.history, day) for day in sorted(command.days)}
    if any(terms is None or not terms.active for terms in held.values()):
        yield Violation("not-employed", "/days")
        return
    found = {
        violation.rule: violation
        for day, terms in held.items()
        if terms
        for violation in _about_position(command.positions.get(terms.position_id), day, policy)
    }
    yield from found.values()


def _about_position(position: PositionRecorded | None, day: date, policy: PolicyPublished) -> Iterator[Violation]:
    assessed = as_of(position.history, day) if position else None
    measurable, contact = policy.measurable_position, policy.no_public_contact
    if assessed is None:
        yield Violation("position-not-assessed", "", None, measurable.source)
        return
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
    if not elsewhere and command.place.round_trip_km is not None:
        yield Violation("distance-not-needed", "/place/round_trip_km")


def _about_hours(command: Submit, policy: PolicyPublished) -> Iterator[Violation]:
    window, shifts = command.window, policy.shifts
    if window and window.ends == window.starts:
        yield Violation("window-order", "/window/ends")
    elif window and window.ends < window.starts and not (shifts and shifts.value):
        yield Violation("window-over-midnight", "/window/ends", None, shifts.source if shifts else SHIFTS)
