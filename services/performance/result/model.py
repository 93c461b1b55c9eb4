"""What one plan comes to, day by day, as far as its events and the time tell. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from services.performance.plan.model import PlanEvent, Progress
from services.performance.plan.value import Output, Standing, Sums, sums
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDay(Sums):
    """What a day came to, and the unit in which its employee was."""

    unit_id: str


@dataclass(frozen=True, slots=True)
class CountedPlan:
    """A plan as its events tell it. `taken` are days that were taken back, or all where it is `closed` as a whole; it
    may have been heard that they were before it was that there is a plan. `off` are those of its `days` that were not
    worked by the rules when it was last counted. `counted` is what the totals hold of it now, by day; `due_at` is when
    the next of its days will have passed, which no event tells."""

    request_id: Annotated[str, Field(alias="_id")]
    employee_id: str
    mode: WorkMode = WorkMode.MKD
    time_zone: str = "UTC"
    closed: bool = False
    taken: tuple[date, ...] = ()
    days: tuple[date, ...] = ()
    off: tuple[date, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    counted: Mapping[date, CountedDay] = field(default_factory=dict)
    due_at: datetime | None = None

    def over_at(self, day: date) -> datetime:
        """When a day has passed where the unit is: WIB, WITA and WIT change day at different moments."""
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.time_zone))


def evolve(plan: CountedPlan | None, event: PlanEvent) -> CountedPlan | None:
    """Add what an event says of a plan."""
    match plan, event:
        case _, PlanOpened():
            return _opened(plan or _initial(event), event)
        case _, PlanClosed(days=days):
            before = plan or _initial(event)
            taken = tuple(sorted({*before.taken, *(days or ())}))
            return replace(before, closed=before.closed or days is None, taken=taken)
        case CountedPlan(), OutputLogged():
            reported = replace(
                plan.outputs[event.output_id],
                quantity=event.quantity,
                days_late=event.days_late,
                progress=Progress.LOGGED,
            )
            return _with(plan, event.output_id, reported)
        case CountedPlan(), OutputVerified():
            return _judged(plan, event.output_id, Progress.VERIFIED)
        case CountedPlan(), OutputReturned():
            return _judged(plan, event.output_id, Progress.RETURNED)
        case CountedPlan(), VerificationWithdrawn():
            return _judged(plan, event.output_id, Progress.LOGGED)
    return plan


def _initial(event: PlanEvent) -> CountedPlan:
    """A plan of which nothing was heard."""
    return CountedPlan(event.request_id, event.employee_id)


def _opened(plan: CountedPlan, event: PlanOpened) -> CountedPlan:
    return replace(
        plan,
        mode=event.mode,
        time_zone=event.time_zone,
        days=tuple(sorted({agreed.day for agreed in event.outputs})),
        outputs={agreed.output_id: Output(agreed.day, agreed.target_quantity) for agreed in event.outputs},
    )


def _judged(plan: CountedPlan, output_id: str, progress: Progress) -> CountedPlan:
    return _with(plan, output_id, replace(plan.outputs[output_id], progress=progress))


def _with(plan: CountedPlan, output_id: str, output: Output) -> CountedPlan:
    return replace(plan, outputs={**plan.outputs, output_id: output})


def count(
    plan: CountedPlan, employee: EmployeeRecorded | None, absences: Sequence[AbsenceRecorded], now: datetime
) -> dict[date, CountedDay]:
    """What a plan comes to on each day that has passed, in the unit in which the employee is on that day. A day of
    which nobody knows where the employee is counts as soon as that is known."""
    found: dict[date, CountedDay] = {}
    for day in plan.days:
        terms = as_of(employee.history, day) if employee else None
        if terms and plan.over_at(day) <= now:
            outputs = [output for output in plan.outputs.values() if output.day == day]
            come_to = sums(outputs, _standing(plan, terms, absences, day))
            found[day] = CountedDay(unit_id=terms.unit_id, **come_to.amounts())
    return found


def _standing(plan: CountedPlan, terms: EmployeeTerms, absences: Sequence[AbsenceRecorded], day: date) -> Standing:
    """What was taken back stays so, whatever else is true of the day."""
    if plan.closed or day in plan.taken:
        return Standing.CANCELLED
    excused = day in plan.off or not terms.active or absent_on(absences, day)
    return Standing.EXCUSED if excused else Standing.COUNTS


def due_at(plan: CountedPlan, now: datetime) -> datetime | None:
    """When the next day will have passed that has not yet."""
    return min((end for day in plan.days if (end := plan.over_at(day)) > now), default=None)
