"""The totals that plans come to: by day, by employee-month and by unit-month. Pure.

MKD days and office days are counted apart everywhere. Where a plan changes, or the unit in which its employee is on a
day, or whether that day is worked, what was counted is taken back and counted anew, so that totals are always those of
what is known now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, get_args

from pydantic import PlainValidator, TypeAdapter

from services.performance.plan.model import PlanEvent
from services.performance.result.document import plan_document
from services.performance.result.model import CountedDay, CountedPlan, count, due_at, evolve
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
    Upsert,
    Write,
    WriteSet,
    document,
    of_person,
    upserts,
)
from shared.people.calendar import off_by, policies_of

HANDLED: tuple[type[Event], ...] = (EmployeeRecorded, AbsenceRecorded, PolicyPublished, *get_args(PlanEvent))
FORGOTTEN = frozenset({"superior_id", "roles", "commute", "grade"})


def load_plan(events: Sequence[ReceivedEvent]) -> LoadPlan:
    """The documents that a batch touches. A person's plans are not among them when their terms or absences change, nor
    anybody's when the rules do: there may be years of them, which a job goes through."""
    told = [heard.event for heard in events]
    plans = {event.request_id for event in told if isinstance(event, PlanEvent)}
    people = {event.employee_id for event in told if isinstance(event, PlanEvent | EmployeeRecorded | AbsenceRecorded)}
    return _wants(plans, people)


def load_plan_of_plans(due: Mapping[str, str]) -> LoadPlan:
    """The same, for plans that time or a person's new terms have touched: by id, whose each is."""
    return _wants(set(due), set(due.values()))


def _wants(plans: set[str], people: set[str]) -> LoadPlan:
    return {
        "counted_plans": {"_id": {"$in": sorted(plans)}},
        "employees": {"_id": {"$in": sorted(people)}},
        "absences": {"employee_id": {"$in": sorted(people)}},
        "policies": {},
    }


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known of some plans, of their people, and of the rules, by id."""

    counted_plans: Mapping[str, CountedPlan]
    employees: Mapping[str, EmployeeRecorded]
    absences: Mapping[str, AbsenceRecorded]
    policies: Annotated[Mapping[str, PolicyPublished], PlainValidator(policies_of)]

    @classmethod
    def of(cls, known: Known) -> "Loaded":
        """Documents as they are stored: a contract's types are strict, and JSON has texts for days."""
        return LOADED.validate_python(known, strict=False)


LOADED = TypeAdapter(Loaded)


@dataclass(frozen=True, slots=True)
class Recounted:
    """A plan before and after it was counted again."""

    before: CountedPlan
    after: CountedPlan


def fold(known: Known, events: Sequence[ReceivedEvent], now: datetime) -> WriteSet:
    """What a batch makes of what is known: apply, count, invalidate."""
    loaded, told = Loaded.of(known), [heard.event for heard in events]
    after = applied(loaded, told)
    touched = sorted({event.request_id for event in told if isinstance(event, PlanEvent)} & after.counted_plans.keys())
    recounted = recounts(after, touched, now)
    return WriteSet.of([*_written(loaded, recounted), *_recorded(loaded, told), *_invalidated(told)])


def settle(known: Known, ids: Iterable[str], now: datetime) -> WriteSet:
    """Bring what plans come to up to date that no event does; where it changed, totals follow by the difference."""
    loaded = Loaded.of(known)
    return WriteSet.of(_written(loaded, recounts(loaded, sorted(ids), now)))


def applied(loaded: Loaded, told: Sequence[Event]) -> Loaded:
    """What is known after some events."""
    plans: dict[str, CountedPlan] = {}
    for event in told:
        if isinstance(event, PlanEvent):
            id_ = event.request_id
            if plan := evolve(plans.get(id_) or loaded.counted_plans.get(id_), event):
                plans[id_] = plan
    return Loaded(
        {**loaded.counted_plans, **plans},
        dict(loaded.employees) | {one.subject: one for one in told if isinstance(one, EmployeeRecorded)},
        dict(loaded.absences) | {one.subject: one for one in told if isinstance(one, AbsenceRecorded)},
        dict(loaded.policies) | {one.subject: one for one in told if isinstance(one, PolicyPublished)},
    )


def recounts(loaded: Loaded, ids: Iterable[str], now: datetime) -> list[Recounted]:
    """What plans come to now, by their ids."""
    plans = [loaded.counted_plans[id_] for id_ in ids]
    off = off_by(list(loaded.policies.values()), {day for plan in plans for day in plan.days})
    absences: dict[str, list[AbsenceRecorded]] = {}
    for absence in loaded.absences.values():
        absences.setdefault(absence.employee_id, []).append(absence)
    found = []
    for plan in plans:
        current, whose = replace(plan, off=tuple(sorted(off.intersection(plan.days)))), plan.employee_id
        counted = count(current, loaded.employees.get(whose), absences.get(whose, ()), now)
        found.append(Recounted(plan, replace(current, counted=counted, due_at=due_at(current, now))))
    return found


def _written(loaded: Loaded, recounted: Iterable[Recounted]) -> Iterator[Write]:
    """Plans; and what totals hold of their days is taken back, and what these come to now is counted, where the two
    differ."""
    for one in recounted:
        was, now_is = one.before.counted, one.after.counted
        for day in sorted(was.keys() | now_is.keys()):
            if was.get(day) != now_is.get(day):
                yield from _increments(one.after, day, was.get(day), -1)
                yield from _increments(one.after, day, now_is.get(day), 1)
        id_ = one.after.request_id
        yield Upsert("counted_plans", id_, plan_document(one.after), id_ in loaded.counted_plans)


def _increments(plan: CountedPlan, day: date, counted: CountedDay | None, sign: int) -> list[Increment]:
    if counted is None:
        return []
    whose, unit_id, mode, month = plan.employee_id, counted.unit_id, plan.mode.value, f"{day:%Y-%m}"
    amounts = counted.amounts(sign)
    of = {"unit_id": unit_id, "month": month, "mode": mode}
    named = of | {"employee_id": whose}
    return [
        Increment("result_days", f"{whose}|{day}|{mode}|{unit_id}", named | {"day": day.isoformat()}, amounts),
        Increment("employee_months", f"{whose}|{month}|{mode}|{unit_id}", named, amounts),
        Increment("unit_months", f"{unit_id}|{month}|{mode}", of, amounts),
    ]


def _recorded(loaded: Loaded, told: Iterable[Event]) -> Iterator[Write]:
    """The newest of each entity, beside what was known of it."""
    employees: dict[str, Document] = {}
    absences: dict[str, Document] = {}
    policies: dict[str, Document] = {}
    for event in told:
        match event:
            case EmployeeRecorded():
                employees[event.subject] = document(event, FORGOTTEN)
            case AbsenceRecorded():
                absences[event.subject] = document(event, FORGOTTEN)
            case PolicyPublished():
                policies[event.subject] = event.model_dump(mode="json") | {"_id": event.subject}
    yield from upserts("employees", loaded.employees, employees)
    yield from upserts("absences", loaded.absences, absences)
    yield from upserts("policies", loaded.policies, policies)


def _invalidated(told: Iterable[Event]) -> Iterator[Invalidation]:
    """People whose plans are to be counted anew, and rules by which any may be."""
    for event in told:
        if isinstance(event, PolicyPublished):
            yield Invalidation(event.policy_id, {"policy_id": event.policy_id})
        elif isinstance(event, EmployeeRecorded | AbsenceRecorded):
            yield of_person(event.employee_id)
