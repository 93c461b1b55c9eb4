"""The totals that plans come to: by day, by employee-month and by unit-month. Pure.

MKD days and office days are counted apart everywhere. Where a plan changes, or the unit in which its employee is on a
day, what was counted is taken back and counted anew, so that totals are always those of what is known now.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast, get_args

from services.performance.counted import CountedPlan, count, due_at, learn
from services.performance.state import PlanEvent
from shared.contracts.event import Event
from shared.contracts.organisation import EmployeeRecorded
from shared.kit.changes import Changes, Known, Wanted, add, document, keep, mark_person
from shared.kit.cloudevents import Heard
from shared.kit.decider import Document

TAKES: tuple[type[Event], ...] = (EmployeeRecorded, *get_args(PlanEvent))
FORGOTTEN = frozenset({"superior_id", "roles", "commute", "grade"})


def wants(events: Sequence[Heard]) -> Wanted:
    """The documents that a batch touches. A person's plans are not among them when their terms change: there may be
    years of them, which a chore goes through."""
    told = [heard.event for heard in events]
    plans = {event.request_id for event in told if isinstance(event, PlanEvent)}
    recorded = {event.employee_id for event in told if isinstance(event, EmployeeRecorded)}
    touched = recorded | {event.employee_id for event in told if isinstance(event, PlanEvent)}
    return {
        "counted_plans": {"_id": {"$in": sorted(plans)}},
        "employees": {"_id": {"$in": sorted(touched)}},
    }


def wants_plans(due: Iterable[Document]) -> Wanted:
    """The same, for plans that time or a person's new terms have touched."""
    employees = {plan["_id"]: plan["employee_id"] for plan in due}
    return {
        "counted_plans": {"_id": {"$in": sorted(employees)}},
        "employees": {"_id": {"$in": sorted(set(employees.values()))}},
    }


def fold(known: Known, events: Sequence[Heard], now: datetime) -> Changes:
    """What a batch makes of what is known."""
    plans = plans_in(known)
    recorded: dict[str, Document] = {}
    touched: set[str] = set()
    for event in (heard.event for heard in events):
        if isinstance(event, EmployeeRecorded):
            recorded[event.employee_id] = document(event, FORGOTTEN)
        elif isinstance(event, PlanEvent) and (learnt := learn(plans.get(event.request_id), event)):
            plans[event.request_id] = learnt
            touched.add(event.request_id)
    employees = {**known["employees"], **recorded}
    changes = settle(known, {id_: plans[id_] for id_ in touched}, employees, now)
    keep(changes, "employees", known["employees"], recorded)
    for employee_id in recorded:
        mark_person(changes, employee_id)
    return changes


def plans_in(known: Known) -> dict[str, CountedPlan]:
    """The plans among documents as found."""
    return {id_: cast("CountedPlan", found) for id_, found in known["counted_plans"].items()}


def settle(known: Known, plans: Mapping[str, CountedPlan], employees: Mapping[str, Document], now: datetime) -> Changes:
    """Bring what plans come to up to date; where it changed, totals follow by the difference."""
    changes = Changes()
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in employees.items()}
    settled: dict[str, Document] = {}
    for id_, plan in sorted(plans.items()):
        counted = count(plan, people.get(plan["employee_id"]), now)
        for day in sorted(plan["counted"].keys() | counted.keys()):
            before, after = plan["counted"].get(day), counted.get(day)
            if before != after:
                _add_up(changes, plan, day, before, -1)
                _add_up(changes, plan, day, after, 1)
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
