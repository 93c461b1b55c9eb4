"""What requests knows when it is asked: the rules, the positions, and where somebody's unit is."""

from collections.abc import Collection, Mapping
from datetime import date

from shared.contracts.organisation import PositionRecorded, absent_on
from shared.contracts.requests import PolicyPublished
from shared.kit import directory
from shared.kit.calendar import off_by
from shared.kit.mongo import Database


async def policies(db: Database) -> list[PolicyPublished]:
    """Every set of rules, oldest first, those that are corrected included."""
    found = [PolicyPublished.model_validate(one, strict=False) async for one in db.policies.find({})]
    return sorted(found, key=lambda policy: (policy.effective_from, policy.corrects is not None, policy.policy_id))


async def positions(db: Database, ids: set[str]) -> Mapping[str, PositionRecorded]:
    """The positions of these ids that this service has heard of."""
    found = [await directory.position(db, id_) for id_ in sorted(ids)]
    return {position.position_id: position for position in found if position}


async def excused(db: Database, employee_id: str, days: Collection[date]) -> frozenset[date]:
    """Those of somebody's days that are not worked, as far as is known now: off by the rules in force, or of a leave or
    a trip."""
    absences = await directory.absences(db, employee_id)
    return off_by(await policies(db), days) | {day for day in days if absent_on(absences, day)}
