"""What one plan comes to, day by day, as far as its events and the time tell. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from services.performance.plan.model import PlanEvent, Progress
from services.performance.plan.value import Output, Standing, sums
from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded, EmployeeTerms, absent_on, as_of
from shared.contracts.performance import (
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    PlanOpened,
    VerificationWithdrawn,
    WorkMode,
)
from shared.kit.decisions.decider import Document


class CountedPlan(TypedDict):
    """A plan as its events tell it. `taken` are days that were taken back, or all where it is `closed` as a whole; it
    may have been heard that they were before it was that there is a plan. `off` are those of its `days` that were not
    worked by the rules when it was last counted. `counted` is what the totals hold of it now, by day; `due_at` is when
    the next of its days will have passed, which no event tells."""

    _id: str
    employee_id: str
    mode: str
    time_zone: str
    closed: bool
    taken: list[str]
    days: list[str]
    off: list[str]
    outputs: dict[str, Output]
    counted: dict[str, Document]
    due_at: datetime | None


def learn(plan: CountedPlan | None, event: PlanEvent) -> CountedPlan | None:
    """Add what an event says of a plan."""
    match plan, event:
        case _, PlanOpened():
            return _opened(plan, event)
        case _, PlanClosed(days=days):
            before = plan or _unheard_of(event)
            taken = sorted({*before["taken"], *(day.isoformat() for day in days or ())})
            return {**before, "closed": before["closed"] or days is None, "taken": taken}
        case None, _:
            return None
        case _, OutputLogged(quantity=quantity, days_late=late):
            return _with(plan, event.output_id, Progress.LOGGED, {"quantity": str(quantity), "days_late": late})
        case _, OutputVerified():
            return _with(plan, event.output_id, Progress.VERIFIED)
        case _, OutputReturned():
            return _with(plan, event.output_id, Progress.RETURNED)
        case _, VerificationWithdrawn():
            return _with(plan, event.output_id, Progress.LOGGED)
    return plan


def _unheard_of(event: PlanEvent) -> CountedPlan:
    """A plan of which nothing was heard."""
    return {
        "_id": event.request_id,
        "employee_id": event.employee_id,
        "mode": WorkMode.MKD.value,
        "time_zone": "UTC",
        "closed": False,
        "taken": [],
        "days": [],
        "off": [],
        "outputs": {},
        "counted": {},
        "due_at": None,
    }


def _opened(plan: CountedPlan | None, event: PlanOpened) -> CountedPlan:
    return {
        **(plan or _unheard_of(event)),
        "mode": event.mode.value,
        "time_zone": event.time_zone,
        "days": sorted({agreed.day.isoformat() for agreed in event.outputs}),
        "outputs": {
            agreed.output_id: {
                "day": agreed.day.isoformat(),
                "target_quantity": str(agreed.target_quantity),
                "quantity": None,
                "days_late": None,
                "progress": Progress.AGREED.value,
            }
            for agreed in event.outputs
        },
    }


def _with(plan: CountedPlan, output_id: str, progress: Progress, report: Document | None = None) -> CountedPlan:
    output = {**plan["outputs"][output_id], **(report or {}), "progress": progress.value}
    return {**plan, "outputs": {**plan["outputs"], output_id: cast("Output", output)}}


def count(
    plan: CountedPlan, employee: EmployeeRecorded | None, absences: Sequence[AbsenceRecorded], now: datetime
) -> dict[str, Document]:
    """What a plan comes to on each day that has passed, in the unit in which the employee is on that day. A day of
    which nobody knows where the employee is counts as soon as that is known."""
    found: dict[str, Document] = {}
    for day in plan["days"]:
        terms = as_of(employee.history, date.fromisoformat(day)) if employee else None
        if terms and _over_at(plan, day) <= now:
            outputs = [output for output in plan["outputs"].values() if output["day"] == day]
            found[day] = {"unit_id": terms.unit_id, **sums(outputs, _standing(plan, terms, absences, day))}
    return found


def _standing(plan: CountedPlan, terms: EmployeeTerms, absences: Sequence[AbsenceRecorded], day: str) -> Standing:
    """What was taken back stays so, whatever else is true of the day."""
    if plan["closed"] or day in plan["taken"]:
        return Standing.CANCELLED
    excused = day in plan["off"] or not terms.active or absent_on(absences, date.fromisoformat(day))
    return Standing.EXCUSED if excused else Standing.COUNTS


def due_at(plan: CountedPlan, now: datetime) -> datetime | None:
    """When the next day will have passed that has not yet."""
    return min((end for day in plan["days"] if (end := _over_at(plan, day)) > now), default=None)


def _over_at(plan: CountedPlan, day: str) -> datetime:
    """When a day has passed where the unit is: WIB, WITA and WIT change day at different moments."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), ZoneInfo(plan["time_zone"]))
