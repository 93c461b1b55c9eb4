"""Who may read what of savings."""

from services.savings.factor_set.document import stored_factor_sets
from shared.contracts.organisation import FigureKind, Role
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document, missing, no_right
from shared.people.accounts import figures_of, must_read, units_of
from shared.people.context import RequestContext

OPEN = figures_of(FigureKind.SAVINGS)
"""Of operations that service accounts ask which read savings."""


def sees_all(context: RequestContext) -> bool:
    """Whether somebody may see every unit's figures."""
    return context.actor.has(Role.PERSONNEL_AGENCY) or context.actor.has(Role.ANALYST)


def is_agency(context: RequestContext) -> bool:
    """Whether somebody may see figures of few people, and single people's."""
    return context.actor.has(Role.PERSONNEL_AGENCY)


def unit_allowed(context: RequestContext, unit_id: str | None) -> str:
    """The unit that somebody may see who asks for one, or for none. Raises `Refused`."""
    own = context.actor.terms.unit_id
    if unit_id:
        must_read(context.actor, unit_id)
    if sees_all(context):
        return unit_id or own
    if unit_id not in (None, own):
        raise no_right("own-unit-only")
    return own


def units_asked(context: RequestContext, unit_id: str | None) -> Document:
    """A filter of units: all for those who see all and name none."""
    if unit_id or not sees_all(context):
        return {"unit_id": unit_allowed(context, unit_id)}
    return units_of(context.actor)


def whose(context: RequestContext, employee_id: str | None) -> Document:
    """A filter of people. Others' records are for the personnel agency, which sees everybody's when it names nobody."""
    if is_agency(context):
        return {"employee_id": employee_id} if employee_id else {}
    if employee_id not in (None, context.actor.employee_id):
        raise missing("not-found")
    return {"employee_id": context.actor.employee_id}


async def factor_sets_of(context: RequestContext, ids: set[str]) -> list[FactorSetPublished]:
    """Factor sets by id."""
    return stored_factor_sets(await context.db.factor_sets.find({"_id": {"$in": sorted(ids)}}).to_list())
