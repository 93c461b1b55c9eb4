"""Whose plans and results somebody may read."""

from shared.contracts.organisation import FigureKind, Role
from shared.kit.decisions.decider import Document, missing
from shared.people.accounts import figures_of
from shared.people.context import RequestContext

OPEN = figures_of(FigureKind.PERFORMANCE)
"""Of operations that service accounts ask which read results."""


async def check_may_see(context: RequestContext, employee_id: str) -> None:
    """Your own, those of the people you lead today, and anybody's for the personnel agency. Raises `Refused`, in the
    same way for an employee whom nobody knows."""
    if not await context.may_see(employee_id):
        raise missing("not-found")


async def whom(context: RequestContext, employee_id: str | None) -> Document:
    """A filter of people: the one who is named, or all whom somebody may see."""
    if employee_id:
        await check_may_see(context, employee_id)
        return {"employee_id": employee_id}
    if context.actor.has(Role.PERSONNEL_AGENCY):
        return {}
    led = await context.subordinates()
    return {"employee_id": {"$in": [context.actor.employee_id, *led]}}
