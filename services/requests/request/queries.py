"""What is known of somebody who asks: the days that they do not work."""

from collections.abc import Collection
from datetime import date

from services.requests.policy.queries import remembered
from shared.contracts.organisation import absent_on
from shared.people.calendar import off_by
from shared.people.lookup import Directory


async def excused(directory: Directory, employee_id: str, days: Collection[date]) -> frozenset[date]:
    """Those of somebody's days that are not worked, as far as is known now: off by the rules in force, or of a leave or
    a trip."""
    absences = await directory.absences(employee_id)
    return off_by(await remembered(directory), days) | {day for day in days if absent_on(absences, day)}
