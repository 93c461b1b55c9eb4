"""Asking savings for a month."""

from services.portal.dashboard.model import InstanceMonth, UnitMonth
from services.portal.person.model import Person
from services.portal.reach import Asker, Reach, Read


async def instance_month(reach: Reach, who: Asker, month: str) -> Read[InstanceMonth]:
    """All units together. Raises `Broken`, or `Away`."""
    return await reach.get(who, "savings", f"/v1/instance-months/{month}", InstanceMonth)


async def unit_months(reach: Reach, who: Asker, person: Person, month: str, category: str) -> Read[list[UnitMonth]]:
    """By unit: all of them for who may read them, else one's own. Raises `Broken`, or `Away`."""
    own = {} if person.reads_units else {"unit_id": person.unit_id}
    return await reach.every(who, "savings", "/v1/unit-months", UnitMonth, month=month, category=category, **own)


async def unit_rows(reach: Reach, who: Asker, person: Person, month: str, category: str) -> str:
    """The same as CSV. Raises `Broken`, or `Away`."""
    own = {} if person.reads_units else {"unit_id": person.unit_id}
    return await reach.rows(who, "savings", "/v1/unit-months", month=month, category=category, limit=200, **own)
