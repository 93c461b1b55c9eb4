"""What requests knows when it is asked: the rules, the positions, and where somebody's unit is."""

from collections.abc import Mapping

from shared.contracts.organisation import PositionRecorded
from shared.contracts.requests import PolicyPublished
from shared.kit import directory
from shared.kit.mongo import Database


async def policies(db: Database) -> list[PolicyPublished]:
    """Every set of rules, oldest first."""
    found = [PolicyPublished.model_validate(one, strict=False) async for one in db.policies.find({})]
    return sorted(found, key=lambda policy: policy.effective_from)


async def positions(db: Database, ids: set[str]) -> Mapping[str, PositionRecorded]:
    """The positions of these ids that this service has heard of."""
    found = [await directory.position(db, id_) for id_ in sorted(ids)]
    return {position.position_id: position for position in found if position}
