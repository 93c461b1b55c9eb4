"""When a plan for days at the office may be opened, and when it may be taken back. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.performance.plan.model import Plan
from shared.contracts.organisation import EmployeeRecorded, as_of
from shared.contracts.performance import PlanClosed, PlanOpened, WorkMode
from shared.contracts.values import AgreedOutput
from shared.kit.decisions.decider import NO_LIMIT, Refused, Reservation, Violation, missing, no_right, wrong_state
from shared.people.takingback import check_free, days_taken

DAYS_AHEAD_MAX = 60
SOURCE = "Ketentuan instansi (belum diverifikasi)"


@dataclass(frozen=True, slots=True)
class OpenOfficePlan:
    """An employee agrees on outputs for days at the office. `today` is the date where the unit is."""

    request_id: str
    employee: EmployeeRecorded
    time_zone: str
    today: date
    outputs: tuple[AgreedOutput, ...]


@dataclass(frozen=True, slots=True)
class WithdrawOfficePlan:
    """The employee takes the plan back, or some of its days. `today` is the date where the unit is."""

    by: str
    today: date
    days: tuple[date, ...] | None = None


def open_plan(command: OpenOfficePlan) -> PlanOpened:
    """The plan, for the days that its outputs name. Raises `Refused` with every rule that it breaks."""
    if violations := list(_about_days(command)):
        raise Refused(*violations)
    return PlanOpened(
        request_id=command.request_id,
        employee_id=command.employee.employee_id,
        time_zone=command.time_zone,
        outputs=command.outputs,
        mode=WorkMode.OFFICE,
    )


def _about_days(command: OpenOfficePlan) -> Iterator[Violation]:
    """Each day once, at the first output that names it."""
    last = command.today + timedelta(days=DAYS_AHEAD_MAX)
    places = {output.day: number for number, output in reversed(list(enumerate(command.outputs)))}
    for day, number in sorted(places.items()):
        at, terms = f"/outputs/{number}/day", as_of(command.employee.history, day)
        if day < command.today:
            yield Violation("office-day-passed", at, None, SOURCE, {"day": day, "today": command.today})
        if day > last:
            yield Violation("office-day-too-far", at, DAYS_AHEAD_MAX, SOURCE, {"day": day})
        if terms is None or not terms.active:
            yield Violation("not-employed", at, facts={"day": day})


def withdraw_plan(command: WithdrawOfficePlan, plan: Plan) -> PlanClosed:
    """As with an approved request: by the employee, day by day, before the day. The plan of an approved request is no
    office plan."""
    if plan.opened is None or plan.opened.mode is not WorkMode.OFFICE:
        raise missing("not-found")
    if command.by != plan.opened.employee_id:
        raise no_right("not-your-plan")
    if plan.closed:
        raise wrong_state("plan-closed")
    free = [day for day in plan.days if day > command.today]
    days = days_taken(command.days, plan.days, free, "already-begun")
    check_free(days, free, "already-begun")
    return PlanClosed(request_id=plan.opened.request_id, employee_id=plan.opened.employee_id, days=days)


def office_day(employee_id: str, day: date) -> str:
    """The reservation that an employee's plan holds on a day."""
    return f"office:{employee_id}:{day}"


def reservations(plan: Plan | None) -> list[Reservation]:
    """A plan holds its days until they are taken back, so that nobody opens an office plan for a day that has a plan.
    An MKD plan is always opened: its day was approved, whatever else is planned for it."""
    if plan is None or plan.opened is None:
        return []
    whose, limit = plan.opened.employee_id, 1 if plan.opened.mode is WorkMode.OFFICE else NO_LIMIT
    return [
        Reservation(office_day(whose, day), 1, limit, Violation("office-day-taken", "/outputs", facts={"day": day}))
        for day in plan.days
    ]
