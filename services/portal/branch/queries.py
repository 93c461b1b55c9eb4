"""Asking savings for sums along the tree of units."""

from services.portal.branch.model import Branches
from services.portal.branch.value import Asked
from services.portal.reach import Asker, Reach, Read


async def branches(reach: Reach, who: Asker, asked: Asked) -> Read[Branches]:
    """The parts of a unit in a month. Raises `Broken`, or `Away`."""
    return await reach.get(who, "savings", "/v1/branches", Branches, **_params(asked))


async def rows(reach: Reach, who: Asker, asked: Asked) -> str:
    """The same as CSV. Raises `Broken`, or `Away`."""
    return await reach.rows(who, "savings", "/v1/branches", **_params(asked))


def _params(asked: Asked) -> dict[str, str]:
    unit = {"unit_id": asked.unit_id} if asked.unit_id else {}
    return {"from": asked.month, "to": asked.month, "category": asked.category, **unit}
