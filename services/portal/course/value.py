"""A request's course, put together of what three services know. Pure."""

from collections.abc import Mapping
from datetime import date

from services.portal.course.model import LIVE, DayState, Decided, Followed, Line, May, Step, Worked
from services.portal.person.model import Person
from services.portal.today.model import Output

BEGUN, ENDED = "request-submitted", frozenset({"request-withdrawn", "request-lapsed"})
OF_CASE = frozenset({"request-approved", "request-rejected", "request-returned", "approval-revoked"})
OF_PLAN = frozenset({"output-logged", "output-verified", "output-returned", "verification-withdrawn"})


def steps(request: Followed, case: Decided | None, plan: Worked | None) -> list[Step]:
    """What happened, in order. What one service only hears of another is told once, by the one that did it."""
    told = [step for step in request.history if step.kind == BEGUN]
    told += [step for step in (case.history if case else ()) if step.kind in OF_CASE]
    told += [step for step in (plan.history if plan else ()) if step.kind in OF_PLAN]
    told += [step for step in request.history if step.kind in ENDED]
    return sorted(told, key=lambda step: step.at)


def since(history: list[Step], version: int) -> tuple[Step, ...]:
    """What happened after a version."""
    return tuple(step for step in history if step.number > version)


def days(request: Followed, case: Decided | None, plan: Worked | None) -> list[DayState]:
    """Each day, with its outputs."""
    reported = {output.output_id: output for output in plan.outputs} if plan else {}
    revoked = {day for step in (case.history if case else ()) if step.kind == "approval-revoked" for day in _of(step)}
    return [DayState(day, _status(request, day, revoked), _outputs(request, day, reported)) for day in request.days]


def may(me: Person, request: Followed, case: Decided | None, today: date) -> May:
    """What a page offers to somebody."""
    mine = request.employee_id == me.employee_id
    live = mine and request.status in LIVE and bool(request.left)
    agreed = request.status == "approved"
    return May(
        change=live and min(request.left, default=today) > today,
        withdraw=live and not agreed,
        withdraw_days=live and agreed,
        revoke=not mine and me.leads and case is not None and case.status == "approved" and bool(request.left),
    )


def _of(step: Step) -> list[date]:
    return step.days or []


def _status(request: Followed, day: date, revoked: set[date]) -> str:
    if day not in request.days_taken_back:
        return request.status
    return "revoked" if day in revoked else "withdrawn"


def _outputs(request: Followed, day: date, reported: Mapping[str, Output]) -> tuple[Line, ...]:
    return tuple(
        Line(
            title=output.title,
            target=output.target_quantity,
            measure=output.measure,
            progress=reported[output.output_id].progress if output.output_id in reported else None,
            quantity=reported[output.output_id].quantity if output.output_id in reported else None,
            reason=reported[output.output_id].reason if output.output_id in reported else None,
        )
        for output in request.outputs
        if output.day == day
    )
