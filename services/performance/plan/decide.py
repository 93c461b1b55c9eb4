"""What may be reported, and who may verify it. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.performance.plan.document import show_plan
from services.performance.plan.model import Achieved, Plan, PlanEvent, Progress
from services.performance.plan.rules import (
    SOURCE,
    OpenOfficePlan,
    WithdrawOfficePlan,
    open_plan,
    reservations,
    withdraw_plan,
)
from services.performance.plan.value import share_ppm
from shared.contracts.approvals import RequestApproved
from shared.contracts.performance import (
    PUBLISHER,
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    PlanOpened,
    VerificationWithdrawn,
)
from shared.contracts.values import AgreedOutput
from shared.kit.decisions.decider import Decider, Kind, Refused, Violation, missing, no_right, wrong_state
from shared.people.superiors import Superiors

REPORTS_MAX = 50
"""So often one output may be reported before somebody judges it: to correct oneself takes few, and a loop would fill
the log."""

UNHEARD_OF = Plan(None, {})


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A request was approved: its outputs wait to be logged."""

    approved: RequestApproved


@dataclass(frozen=True, slots=True)
class ClosePlan:
    """Days of a request were withdrawn or their approval revoked, or days of an office plan were approved as MKD."""

    request_id: str
    employee_id: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The employee reports an output. `today` is the date where the unit is."""

    output_id: str
    by: str
    today: date
    quantity: Decimal
    evidence_text_id: str


@dataclass(frozen=True, slots=True)
class Verify:
    """The superior finds the output done. `leaders` are those who lead the employee now."""

    output_id: str
    by: str
    leaders: Superiors


@dataclass(frozen=True, slots=True)
class Return:
    """The superior sends the output back."""

    output_id: str
    by: str
    leaders: Superiors
    reason_text_id: str


@dataclass(frozen=True, slots=True)
class WithdrawVerification:
    """The superior takes a verification back."""

    output_id: str
    by: str
    leaders: Superiors
    reason_text_id: str


Judgement = Verify | Return | WithdrawVerification
Command = OpenPlan | ClosePlan | OpenOfficePlan | WithdrawOfficePlan | Log | Judgement


def evolve(plan: Plan | None, event: PlanEvent) -> Plan | None:
    match plan, event:
        case None | Plan(opened=None), PlanOpened(outputs=outputs):
            before = plan or UNHEARD_OF
            return replace(before, opened=event, outputs={output.output_id: Achieved() for output in outputs})
        case _, PlanClosed(days=None):
            return replace(plan or UNHEARD_OF, wholly=True)
        case _, PlanClosed(days=days):
            before = plan or UNHEARD_OF
            return replace(before, taken=before.taken.union(days or ()))
        case Plan(), OutputLogged(quantity=quantity, days_late=late, evidence_text_id=evidence):
            reports = plan.outputs[event.output_id].reports + 1
            logged = Achieved(Progress.LOGGED, quantity, late, evidence, reports=reports)
            return _with(plan, event.output_id, logged)
        case Plan(), OutputVerified():
            return _with(plan, event.output_id, replace(plan.outputs[event.output_id], progress=Progress.VERIFIED))
        case Plan(), OutputReturned(reason_text_id=reason):
            judged = plan.outputs[event.output_id]
            returned = replace(judged, progress=Progress.RETURNED, reason_text_id=reason, reports=0)
            return _with(plan, event.output_id, returned)
        case Plan(), VerificationWithdrawn(reason_text_id=reason):
            judged = plan.outputs[event.output_id]
            logged = replace(judged, progress=Progress.LOGGED, reason_text_id=reason, reports=0)
            return _with(plan, event.output_id, logged)
    return plan


def _with(plan: Plan, output_id: str, achieved: Achieved) -> Plan:
    return replace(plan, outputs={**plan.outputs, output_id: achieved})


def decide(command: Command, plan: Plan | None) -> list[PlanEvent]:
    match command, plan:
        case OpenPlan(approved), None | Plan(opened=None):
            return [PlanOpened.model_validate(approved.model_dump(include=set(PlanOpened.model_fields)))]
        case OpenPlan(), Plan():
            return []
        case ClosePlan(), _:
            return _close(command, plan)
        case OpenOfficePlan(), None:
            return [open_plan(command)]
        case WithdrawOfficePlan(), Plan():
            return [withdraw_plan(command, plan)]
        case Log() | Verify() | Return() | WithdrawVerification(), Plan(opened=PlanOpened() as opened):
            return [_on_output(command, plan, opened)]
    raise missing("not-found")


def _close(command: ClosePlan, plan: Plan | None) -> list[PlanEvent]:
    """What was taken back is noted even where nobody has heard of the approval yet; and then each day once."""
    known = plan.days if plan and plan.opened else set(command.days) - (plan.taken if plan else set())
    days = tuple(day for day in command.days if day in known)
    if not days:
        return []
    return [PlanClosed(request_id=command.request_id, employee_id=command.employee_id, days=days)]


def _on_output(command: Log | Judgement, plan: Plan, opened: PlanOpened) -> PlanEvent:
    agreed = next((output for output in opened.outputs if output.output_id == command.output_id), None)
    if agreed is None:
        raise missing("not-found")
    if agreed.day not in plan.days:
        raise wrong_state("plan-closed")
    achieved = plan.outputs[command.output_id]
    if isinstance(command, Log):
        return _log(command, opened, agreed, achieved)
    return _judge(command, opened, agreed, achieved)


def _log(command: Log, opened: PlanOpened, agreed: AgreedOutput, achieved: Achieved) -> OutputLogged:
    if command.by != opened.employee_id:
        raise no_right("not-your-output")
    if achieved.progress is Progress.VERIFIED:
        raise wrong_state("already-verified")
    if command.today < agreed.day:
        raise wrong_state("day-to-come", day=agreed.day, today=command.today)
    if achieved.reports >= REPORTS_MAX:
        raise Refused(Violation("reports-max", "", REPORTS_MAX, SOURCE), kind=Kind.STATE)
    return OutputLogged(
        request_id=opened.request_id,
        employee_id=opened.employee_id,
        output_id=agreed.output_id,
        day=agreed.day,
        mode=opened.mode,
        quantity=command.quantity,
        days_late=(command.today - agreed.day).days,
        evidence_text_id=command.evidence_text_id,
    )


def _judge(command: Judgement, opened: PlanOpened, agreed: AgreedOutput, achieved: Achieved) -> PlanEvent:
    if command.by == opened.employee_id:
        raise no_right("own-output")
    if command.by not in command.leaders:
        raise no_right("not-the-superior")
    about: dict[str, Any] = {
        "request_id": opened.request_id,
        "employee_id": opened.employee_id,
        "output_id": agreed.output_id,
        "day": agreed.day,
        "mode": opened.mode,
        "acting_for": command.leaders.acting_for(command.by),
    }
    by = command.by
    match command, achieved.progress:
        case Verify(), Progress.LOGGED:
            attained = share_ppm(Fraction(achieved.quantity or 0), Fraction(agreed.target_quantity))
            return OutputVerified(**about, attained_ppm=attained, verified_by=by)
        case Return(reason_text_id=reason), Progress.LOGGED:
            return OutputReturned(**about, returned_by=by, reason_text_id=reason)
        case WithdrawVerification(reason_text_id=reason), Progress.VERIFIED:
            return VerificationWithdrawn(**about, withdrawn_by=by, reason_text_id=reason)
    raise wrong_state("output-progress", progress=achieved.progress)


plans: Decider[Command, Plan] = Decider("plans", PUBLISHER, evolve, decide, show_plan, reservations)
