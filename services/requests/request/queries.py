"""What is known of somebody who asks: their positions, and the days that they do not work."""

from collections.abc import Collection, Mapping
from datetime import date

from services.requests.policy.queries import policies
from shared.contracts.organisation import PositionRecorded, absent_on
from shared.kit.base.mongo import Database
from shared.people import directory
from shared.people.calendar import off_by


async def positions(db: Database, ids: set[str]) -> Mapping[str, PositionRecorded]:
    """The positions of these ids that this service has heard of."""
    found = [await directory.position(db, id_) for id_ in sorted(ids)]
    return {position.position_id: position for position in found if position}


async def excused(db: Database, employee_id: str, days: Collection[date]) -> frozenset[date]:
    """Those of somebody's days that are not worked, as far as is known now: off by the rules in force, or of a leave or
    a trip."""
    absences = await directory.absences(db, employee_id)
    return off_by(await policies(db), days) | {day for day in days if absent_on(absences, day)}
