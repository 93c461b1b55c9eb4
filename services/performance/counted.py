"""What one plan comes to, day by day, as far as its events and the time tell. Pure."""

from datetime import date, datetime, time, timedelta
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from services.performance.attainment import Output, sums
from services.performance.state import PlanEvent, Progress
from shared.contracts.organisation import EmployeeRecorded, as_of
from shared.contracts.performance import (
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    PlanOpened,
    VerificationWithdrawn,
)
from shared.kit.decider import Document


class CountedPlan(TypedDict):
    """A plan as its events tell it. `counted` is what the totals hold of it now, by day; `due_at` is when the next of
    its days will have passed, which no event tells."""

    _id: str
    employee_id: str
    mode: str
    time_zone: str
    closed: bool
    outputs: dict[str, Output]
    counted: dict[str, Document]
    due_at: datetime | None


def learn(plan: CountedPlan | None, event: PlanEvent) -> CountedPlan | None:
    """Add what an event says of a plan. One that was closed before it opened never counts."""
    match plan, event:
        case None, PlanOpened():
            return _opened(event)
        case None, _:
            return None
        case _, PlanClosed():
            return {**plan, "closed": True}
        case _, OutputLogged(quantity=quantity, days_late=late):
            return _with(plan, event.output_id, Progress.LOGGED, {"quantity": str(quantity), "days_late": late})
        case _, OutputVerified():
            return _with(plan, event.output_id, Progress.VERIFIED)
        case _, OutputReturned():
            return _with(plan, event.output_id, Progress.RETURNED)
        case _, VerificationWithdrawn():
            return _with(plan, event.output_id, Progress.LOGGED)
    return plan


def _opened(event: PlanOpened) -> CountedPlan:
    return {
        "_id": event.request_id,
        "employee_id": event.employee_id,
        "mode": event.mode.value,
        "time_zone": event.time_zone,
        "closed": False,
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
        "counted": {},
        "due_at": None,
    }


def _with(plan: CountedPlan, output_id: str, progress: Progress, report: Document | None = None) -> CountedPlan:
    output = {**plan["outputs"][output_id], **(report or {}), "progress": progress.value}
    return {**plan, "outputs": {**plan["outputs"], output_id: cast("Output", output)}}


def count(plan: CountedPlan, employee: EmployeeRecorded | None, now: datetime) -> dict[str, Document]:
    """What a plan comes to on each day that has passed, in the unit in which the employee is on that day. A closed plan
    comes to nothing; a day of which nobody knows where the employee is counts as soon as that is known."""
    if plan["closed"] or employee is None:
        return {}
    found: dict[str, Document] = {}
    for day in sorted(_days(plan)):
        terms = as_of(employee.history, date.fromisoformat(day))
        if terms and _over_at(plan, day) <= now:
            outputs = [output for output in plan["outputs"].values() if output["day"] == day]
            found[day] = {"unit_id": terms.unit_id, **sums(outputs)}
    return found


def due_at(plan: CountedPlan, now: datetime) -> datetime | None:
    """When the next day will have passed that has not yet."""
    ends = () if plan["closed"] else (_over_at(plan, day) for day in _days(plan))
    return min((end for end in ends if end > now), default=None)


def _days(plan: CountedPlan) -> set[str]:
    return {output["day"] for output in plan["outputs"].values()}


def _over_at(plan: CountedPlan, day: str) -> datetime:
    """When a day has passed where the unit is: WIB, WITA and WIT change day at different moments."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), ZoneInfo(plan["time_zone"]))
