"""Who may read what of savings."""

from services.savings.factor_set.document import stored_factor_sets
from shared.contracts.organisation import Role
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document, missing, no_right
from shared.people.context import Call


def sees_all(call: Call) -> bool:
    """Whether somebody may see every unit's figures."""
    return call.actor.has(Role.PERSONNEL_AGENCY) or call.actor.has(Role.ANALYST)


def is_agency(call: Call) -> bool:
    """Whether somebody may see figures of few people, and single people's."""
    return call.actor.has(Role.PERSONNEL_AGENCY)


def unit_allowed(call: Call, unit_id: str | None) -> str:
    """The unit that somebody may see who asks for one, or for none. Raises `Refused`."""
    own = call.actor.terms.unit_id
    if sees_all(call):
        return unit_id or own
    if unit_id not in (None, own):
        raise no_right("own-unit-only")
    return own


def units_asked(call: Call, unit_id: str | None) -> Document:
    """A filter of units: all for those who see all and name none."""
    return {"unit_id": unit_allowed(call, unit_id)} if unit_id or not sees_all(call) else {}


def whose(call: Call, employee_id: str | None) -> Document:
    """A filter of people. Others' records are for the personnel agency, which sees everybody's when it names nobody."""
    if is_agency(call):
        return {"employee_id": employee_id} if employee_id else {}
    if employee_id not in (None, call.actor.employee_id):
        raise missing("not-found")
    return {"employee_id": call.actor.employee_id}


async def factor_sets_of(call: Call, ids: set[str]) -> list[FactorSetPublished]:
    """Factor sets by id."""
    return stored_factor_sets(await call.db.factor_sets.find({"_id": {"$in": sorted(ids)}}).to_list())
