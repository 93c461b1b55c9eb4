"""What may be asked for. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.requests.request.model import iso_week
from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded, PositionRecorded, absent_on, as_of
from shared.contracts.requests import Limit, PolicyPublished, RequestSubmitted
from shared.contracts.values import AgreedOutput, Place, PlaceCategory, TimeWindow
from shared.kit.base.versions import in_force
from shared.kit.decisions.decider import Refused, Reservation, Violation

ESTIMATED = "; perkiraan, menunggu penetapan"
"""What is added to the source of a holiday that nobody has decreed yet."""

SHIFTS = "PermenPANRB 4/2025 Ps. 11-12: waktu kerja sif menurut ketentuan instansi"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is about to ask for, as far as it is stated, and what the rules compare it with. `output_days` has
    the day of each output, or nothing where that is still to be stated."""

    employee: EmployeeRecorded
    positions: Mapping[str, PositionRecorded]
    policies: Sequence[PolicyPublished]
    days_off: Mapping[date, str]
    today: date
    days: tuple[date, ...]
    window: TimeWindow | None
    category: PlaceCategory | None
    round_trip_km: Decimal | None
    output_days: tuple[date | None, ...]
    led: bool
    estimated: frozenset[date]
    absences: Sequence[AbsenceRecorded]

    @property
    def policy(self) -> PolicyPublished | None:
        """The policy by which it is judged: that of its first day."""
        return in_force(self.policies, min(self.days)) if self.days else None

    @property
    def away(self) -> bool:
        """Whether its days would count in the quota, as far as is known."""
        return self.category is not None and Place(category=self.category).away


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

    @property
    def draft(self) -> Draft:
        """The part of it that rules look at."""
        return Draft(
            employee=self.employee,
            positions=self.positions,
            policies=self.policies,
            days_off=self.days_off,
            today=self.today,
            days=self.days,
            window=self.window,
            category=self.place.category,
            round_trip_km=self.place.round_trip_km,
            output_days=tuple(output.day for output in self.outputs),
            led=self.led,
            estimated=self.estimated,
            absences=self.absences,
        )


def submit(command: Submit) -> RequestSubmitted:
    """What is asked for, under the policy of its first day. Raises `Refused` with every rule that it breaks."""
    draft = command.draft
    violations = broken(draft)
    if violations:
        raise Refused(*violations)
    policy, terms = draft.policy, as_of(command.employee.history, min(command.days))
    assert policy, "refused without one"
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


def broken(draft: Draft) -> list[Violation]:
    """Every rule that is broken by what is stated. Without days there is no policy to judge by: then only what needs
    none is judged."""
    policy = draft.policy
    if draft.days and policy is None:
        return [Violation("no-policy", "/days", facts={"day": min(draft.days)})]
    violations: list[Violation] = []
    if policy:
        violations += [*_about_days(draft, policy), *_about_positions(draft, policy), *_about_outputs(draft)]
    violations += [*_about_place(draft), *_about_hours(draft, policy)]
    if not draft.led:
        violations.append(Violation("no-superior"))
    return violations


def held_days(employee_id: str, days: Iterable[date]) -> list[Reservation]:
    """Days that a request holds, each against any other request of the employee."""
    return [
        Reservation(f"day:{employee_id}:{day}", 1, 1, Violation("overlap", "/days", facts={"day": day})) for day in days
    ]


def held_quota(employee_id: str, days: Iterable[date], quota: Limit) -> list[Reservation]:
    """What days away from the office hold of the quota of each week."""
    return [
        Reservation(
            quota_id(employee_id, week),
            units,
            quota.value,
            Violation("weekly-quota", "/days", quota.value, quota.source, {"week": week, "days": units}),
        )
        for week, units in Counter(iso_week(day) for day in days).items()
    ]


def quota_id(employee_id: str, week: str) -> str:
    """The reservation of which an employee's days away in a week are units."""
    return f"week:{employee_id}:{week}"


def held(draft: Draft) -> list[Reservation]:
    """What a draft would hold if it were submitted as far as it is stated."""
    days, employee_id = sorted(set(draft.days)), draft.employee.employee_id
    quota = held_quota(employee_id, days, draft.policy.away_days_per_week_max) if draft.policy else []
    return [*held_days(employee_id, days), *(quota if draft.away else [])]


def _about_days(draft: Draft, policy: PolicyPublished) -> Iterator[Violation]:
    first, last = min(draft.days), max(draft.days)
    if len(set(draft.days)) < len(draft.days):
        yield Violation("day-twice", "/days")
    notice = policy.notice_days_min
    if first < draft.today + timedelta(days=notice.value):
        yield Violation("notice", "/days", notice.value, notice.source, {"day": first, "today": draft.today})
    horizon = policy.horizon_days_max
    if last > draft.today + timedelta(days=horizon.value):
        yield Violation("horizon", "/days", horizon.value, horizon.source, {"day": last})
    for day in sorted(set(draft.days) & draft.days_off.keys()):
        source = policy.calendar.source + (ESTIMATED if day in draft.estimated else "")
        yield Violation("working-day", "/days", draft.days_off[day], source, {"day": day})
    for day in sorted(set(draft.days)):
        if kind := absent_on(draft.absences, day):
            yield Violation("absent", "/days", kind, facts={"day": day})
    if (ends := in_force(draft.policies, last)) and ends.policy_id != policy.policy_id:
        yield Violation("policy-changes", "/days", ends.title, ends.policy_id, {"day": ends.effective_from})


def _about_positions(draft: Draft, policy: PolicyPublished) -> Iterator[Violation]:
    """The two MKD criteria, for the position held on each day, as it is assessed on that day."""
    held = {day: as_of(draft.employee.history, day) for day in sorted(draft.days)}
    if any(terms is None or not terms.active for terms in held.values()):
        yield Violation("not-employed", "/days")
        return
    found = {
        violation.rule: violation
        for day, terms in held.items()
        if terms
        for violation in _about_position(draft.positions.get(terms.position_id), day, policy)
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


def _about_outputs(draft: Draft) -> Iterator[Violation]:
    for day in sorted(set(draft.days) - set(draft.output_days)):
        yield Violation("output-missing", "/outputs", facts={"day": day})
    for number, its_day in enumerate(draft.output_days):
        if its_day is not None and its_day not in draft.days:
            yield Violation("output-elsewhere", f"/outputs/{number}/day", facts={"day": its_day})


def _about_place(draft: Draft) -> Iterator[Violation]:
    if draft.category is None:
        return
    elsewhere = draft.category in (PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE)
    if elsewhere and draft.round_trip_km is None:
        yield Violation("distance-missing", "/place/round_trip_km")
    if not elsewhere and draft.round_trip_km is not None:
        yield Violation("distance-not-needed", "/place/round_trip_km")


def _about_hours(draft: Draft, policy: PolicyPublished | None) -> Iterator[Violation]:
    window, shifts = draft.window, policy.shifts if policy else None
    if window and window.ends == window.starts:
        yield Violation("window-order", "/window/ends")
    elif policy and window and window.ends < window.starts and not (shifts and shifts.value):
        yield Violation("window-over-midnight", "/window/ends", None, shifts.source if shifts else SHIFTS)
