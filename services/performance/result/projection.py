"""The totals that plans come to: by day, by employee-month and by unit-month. Pure.

MKD days and office days are counted apart everywhere. Where a plan changes, or the unit in which its employee is on a
day, or whether that day is worked, what was counted is taken back and counted anew, so that totals are always those of
what is known now.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast, get_args

from services.performance.plan.model import PlanEvent
from services.performance.result.model import CountedPlan, count, due_at, learn
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded
from shared.contracts.requests import PolicyPublished
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import Heard
from shared.kit.projections.writeset import Changes, Known, Wanted, add, document, keep
from shared.people.calendar import off_by

TAKES: tuple[type[Event], ...] = (EmployeeRecorded, AbsenceRecorded, PolicyPublished, *get_args(PlanEvent))
FORGOTTEN = frozenset({"superior_id", "roles", "commute", "grade"})


def wants(events: Sequence[Heard]) -> Wanted:
    """The documents that a batch touches. A person's plans are not among them when their terms or absences change, nor
    anybody's when the rules do: there may be years of them, which a chore goes through."""
    told = [heard.event for heard in events]
    plans = {event.request_id for event in told if isinstance(event, PlanEvent)}
    people = {event.employee_id for event in told if isinstance(event, PlanEvent | EmployeeRecorded | AbsenceRecorded)}
    return _wants(plans, people)


def wants_plans(due: Iterable[Document]) -> Wanted:
    """The same, for plans that time or a person's new terms have touched."""
    employees = {plan["_id"]: plan["employee_id"] for plan in due}
    return _wants(set(employees), set(employees.values()))


def _wants(plans: set[str], people: set[str]) -> Wanted:
    return {
        "counted_plans": {"_id": {"$in": sorted(plans)}},
        "employees": {"_id": {"$in": sorted(people)}},
        "absences": {"employee_id": {"$in": sorted(people)}},
        "policies": {},
    }


def fold(known: Known, events: Sequence[Heard], now: datetime) -> Changes:
    """What a batch makes of what is known."""
    plans = plans_in(known)
    reference: dict[str, dict[str, Document]] = {"employees": {}, "absences": {}, "policies": {}}
    touched: set[str] = set()
    marks: dict[str, Document] = {}
    for event in (heard.event for heard in events):
        if isinstance(event, PlanEvent):
            if learnt := learn(plans.get(event.request_id), event):
                plans[event.request_id] = learnt
                touched.add(event.request_id)
        elif isinstance(event, PolicyPublished):
            reference["policies"][event.policy_id] = {**event.model_dump(mode="json"), "_id": event.policy_id}
            marks[event.policy_id] = {"policy_id": event.policy_id}
        elif isinstance(event, EmployeeRecorded | AbsenceRecorded):
            kind = "employees" if isinstance(event, EmployeeRecorded) else "absences"
            reference[kind][event.subject] = document(event, FORGOTTEN)
            marks[event.employee_id] = {"employee_id": event.employee_id}
    current = {**known, **{kind: {**known[kind], **new} for kind, new in reference.items()}}
    changes = settle(current, {id_: plans[id_] for id_ in touched}, now)
    for kind, new in reference.items():
        keep(changes, kind, known[kind], new)
    changes.marks |= marks
    return changes


def plans_in(known: Known) -> dict[str, CountedPlan]:
    """The plans among documents as found."""
    return {id_: cast("CountedPlan", found) for id_, found in known["counted_plans"].items()}


def policies_in(found: Iterable[Document]) -> list[PolicyPublished]:
    """The rules among documents as found."""
    return [PolicyPublished.model_validate(one, strict=False) for one in found]


def days_off(policies: Sequence[PolicyPublished], days: Iterable[str]) -> set[str]:
    """Those of the days that are not worked by the rules in force."""
    return {day.isoformat() for day in off_by(policies, [date.fromisoformat(day) for day in days])}


def settle(known: Known, plans: Mapping[str, CountedPlan], now: datetime) -> Changes:
    """Bring what plans come to up to date; where it changed, totals follow by the difference."""
    changes = Changes()
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in known["employees"].items()}
    absences: dict[str, list[AbsenceRecorded]] = {}
    for one in known["absences"].values():
        absences.setdefault(one["employee_id"], []).append(AbsenceRecorded.model_validate(one, strict=False))
    off = days_off(policies_in(known["policies"].values()), {day for plan in plans.values() for day in plan["days"]})
    settled: dict[str, Document] = {}
    for id_, before in sorted(plans.items()):
        plan: CountedPlan = {**before, "off": sorted(off.intersection(before["days"]))}
        whose = plan["employee_id"]
        counted = count(plan, people.get(whose), absences.get(whose, ()), now)
        for day in sorted(plan["counted"].keys() | counted.keys()):
            was, now_is = plan["counted"].get(day), counted.get(day)
            if was != now_is:
                _add_up(changes, plan, day, was, -1)
                _add_up(changes, plan, day, now_is, 1)
        settled[id_] = cast("Document", {**plan, "counted": counted, "due_at": due_at(plan, now)})
    keep(changes, "counted_plans", known["counted_plans"], settled)
    return changes


def _add_up(changes: Changes, plan: CountedPlan, day: str, entry: Document | None, sign: int) -> None:
    """Count in the totals what a plan comes to on a day, or take it back."""
    if entry is None:
        return
    amounts = {name: sign * amount for name, amount in entry.items() if name != "unit_id"}
    whose, unit_id, mode, month = plan["employee_id"], entry["unit_id"], plan["mode"], day[:7]
    of = {"unit_id": unit_id, "month": month, "mode": mode}
    add(changes, "result_days", f"{whose}|{day}|{mode}|{unit_id}", of | {"employee_id": whose, "day": day}, amounts)
    add(changes, "employee_months", f"{whose}|{month}|{mode}|{unit_id}", of | {"employee_id": whose}, amounts)
    add(changes, "unit_months", f"{unit_id}|{month}|{mode}", of, amounts)
