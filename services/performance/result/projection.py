"""The totals that plans come to: by day, by employee-month and by unit-month. Pure.

MKD days and office days are counted apart everywhere. Where a plan changes, or the unit in which its employee is on a
day, or whether that day is worked, what was counted is taken back and counted anew, so that totals are always those of
what is known now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import cast, get_args

from services.performance.plan.model import PlanEvent
from services.performance.result.model import CountedPlan, count, due_at, learn
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded
from shared.contracts.requests import PolicyPublished
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.projections.writeset import (
    Increment,
    Invalidation,
    Known,
    LoadPlan,
    Write,
    WriteSet,
    document,
    of_person,
    upserts,
)
from shared.people.calendar import off_by

HANDLED: tuple[type[Event], ...] = (EmployeeRecorded, AbsenceRecorded, PolicyPublished, *get_args(PlanEvent))
FORGOTTEN = frozenset({"superior_id", "roles", "commute", "grade"})


def load_plan(events: Sequence[ReceivedEvent]) -> LoadPlan:
    """The documents that a batch touches. A person's plans are not among them when their terms or absences change, nor
    anybody's when the rules do: there may be years of them, which a chore goes through."""
    told = [heard.event for heard in events]
    plans = {event.request_id for event in told if isinstance(event, PlanEvent)}
    people = {event.employee_id for event in told if isinstance(event, PlanEvent | EmployeeRecorded | AbsenceRecorded)}
    return _wants(plans, people)


def load_plan_of_plans(due: Iterable[Document]) -> LoadPlan:
    """The same, for plans that time or a person's new terms have touched."""
    employees = {plan["_id"]: plan["employee_id"] for plan in due}
    return _wants(set(employees), set(employees.values()))


def _wants(plans: set[str], people: set[str]) -> LoadPlan:
    return {
        "counted_plans": {"_id": {"$in": sorted(plans)}},
        "employees": {"_id": {"$in": sorted(people)}},
        "absences": {"employee_id": {"$in": sorted(people)}},
        "policies": {},
    }


def fold(known: Known, events: Sequence[ReceivedEvent], now: datetime) -> WriteSet:
    """What a batch makes of what is known."""
    told = [heard.event for heard in events]
    reference = {
        "employees": {one.subject: document(one, FORGOTTEN) for one in told if isinstance(one, EmployeeRecorded)},
        "absences": {one.subject: document(one, FORGOTTEN) for one in told if isinstance(one, AbsenceRecorded)},
        "policies": {
            one.policy_id: one.model_dump(mode="json") | {"_id": one.policy_id}
            for one in told
            if isinstance(one, PolicyPublished)
        },
    }
    current = {**known, **{kind: {**known[kind], **new} for kind, new in reference.items()}}
    plans = _evolved(plans_in(known), [one for one in told if isinstance(one, PlanEvent)])
    recorded = [write for kind, new in reference.items() for write in upserts(kind, known[kind], new)]
    return WriteSet.of([*counted_anew(current, plans, now), *recorded, *_invalidated(told)])


def _evolved(known: Mapping[str, CountedPlan], events: Iterable[PlanEvent]) -> dict[str, CountedPlan]:
    """The plans that events are about, as they are after them."""
    plans: dict[str, CountedPlan] = {}
    for event in events:
        id_ = event.request_id
        if learnt := learn(plans.get(id_) or known.get(id_), event):
            plans[id_] = learnt
    return plans


def _invalidated(told: Iterable[Event]) -> Iterator[Invalidation]:
    """People whose plans are to be counted anew, and rules by which any may be."""
    for event in told:
        if isinstance(event, PolicyPublished):
            yield Invalidation(event.policy_id, {"policy_id": event.policy_id})
        elif isinstance(event, EmployeeRecorded | AbsenceRecorded):
            yield of_person(event.employee_id)


def plans_in(known: Known) -> dict[str, CountedPlan]:
    """The plans among documents as found."""
    return {id_: cast("CountedPlan", found) for id_, found in known["counted_plans"].items()}


def policies_in(found: Iterable[Document]) -> list[PolicyPublished]:
    """The rules among documents as found."""
    return [PolicyPublished.model_validate(one, strict=False) for one in found]


def days_off(policies: Sequence[PolicyPublished], days: Iterable[str]) -> set[str]:
    """Those of the days that are not worked by the rules in force."""
    return {day.isoformat() for day in off_by(policies, [date.fromisoformat(day) for day in days])}


def settle(known: Known, plans: Mapping[str, CountedPlan], now: datetime) -> WriteSet:
    """Bring what plans come to up to date; where it changed, totals follow by the difference."""
    return WriteSet.of(counted_anew(known, plans, now))


def counted_anew(known: Known, plans: Mapping[str, CountedPlan], now: datetime) -> list[Write]:
    """The same as writes."""
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in known["employees"].items()}
    absences: dict[str, list[AbsenceRecorded]] = {}
    for one in (AbsenceRecorded.model_validate(one, strict=False) for one in known["absences"].values()):
        absences.setdefault(one.employee_id, []).append(one)
    off = days_off(policies_in(known["policies"].values()), {day for plan in plans.values() for day in plan["days"]})
    settled: dict[str, Document] = {}
    moved: list[Increment] = []
    for id_, before in sorted(plans.items()):
        plan: CountedPlan = {**before, "off": sorted(off.intersection(before["days"]))}
        whose = plan["employee_id"]
        counted = count(plan, people.get(whose), absences.get(whose, ()), now)
        moved += _movements(plan, counted)
        settled[id_] = cast("Document", {**plan, "counted": counted, "due_at": due_at(plan, now)})
    return [*moved, *upserts("counted_plans", known["counted_plans"], settled)]


def _movements(plan: CountedPlan, counted: Mapping[str, Document]) -> Iterator[Increment]:
    """What totals hold of a plan's days is taken back, and what it comes to now is counted, where these differ."""
    for day in sorted(plan["counted"].keys() | counted.keys()):
        was, now_is = plan["counted"].get(day), counted.get(day)
        if was != now_is:
            yield from _increments(plan, day, was, -1)
            yield from _increments(plan, day, now_is, 1)


def _increments(plan: CountedPlan, day: str, entry: Document | None, sign: int) -> list[Increment]:
    if entry is None:
        return []
    amounts = {name: sign * amount for name, amount in entry.items() if name != "unit_id"}
    whose, unit_id, mode, month = plan["employee_id"], entry["unit_id"], plan["mode"], day[:7]
    of = {"unit_id": unit_id, "month": month, "mode": mode}
    named = of | {"employee_id": whose}
    return [
        Increment("result_days", f"{whose}|{day}|{mode}|{unit_id}", named | {"day": day}, amounts),
        Increment("employee_months", f"{whose}|{month}|{mode}|{unit_id}", named, amounts),
        Increment("unit_months", f"{unit_id}|{month}|{mode}", of, amounts),
    ]
