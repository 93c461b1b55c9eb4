"""Asking savings how figures came about."""

import asyncio
from collections.abc import Sequence
from datetime import date

from services.portal.explanation.model import Day, DayExplained, UnitMonth
from services.portal.person.model import Employee
from services.portal.person.queries import named
from services.portal.reach import Asker, Lacking, Reach, Read, part


async def unit_month(reach: Reach, who: Asker, unit_id: str, month: str) -> Read[UnitMonth]:
    """Raises `Broken` where there is no figure that they may see, and `Away`."""
    return await reach.get(who, "savings", f"/v1/unit-months/{unit_id}/{month}", UnitMonth)


async def days_of(reach: Reach, who: Asker, unit_id: str, month: str) -> tuple[Sequence[Day], Sequence[Employee]]:
    """The realised days of a unit, for the personnel agency, and names. Raises `Broken`, or `Away`."""
    days, found = await asyncio.gather(
        reach.every(who, "savings", "/v1/days", Day, month=month, unit_id=unit_id),
        part(reach.every(who, "organisation", "/v1/employees", Employee, unit_id=unit_id)),
    )
    people = [] if isinstance(found, Lacking) else found.value
    return days.value, await named(reach, who, people, [one.employee_id for one in days.value])


async def days_of_one(reach: Reach, who: Asker, employee_id: str, month: str) -> Sequence[Day]:
    """Somebody's days of a month. Raises `Broken`, or `Away`."""
    return (await reach.every(who, "savings", "/v1/days", Day, month=month, employee_id=employee_id)).value


async def explained(reach: Reach, who: Asker, employee_id: str, day: date) -> DayExplained:
    """Raises `Broken` where there is nothing that they may see, and `Away`."""
    return (await reach.get(who, "savings", f"/v1/days/{employee_id}/{day}", DayExplained)).value


async def name(reach: Reach, who: Asker, employee_id: str) -> str:
    """Somebody's name; their id where it cannot be had."""
    found = await part(reach.get(who, "organisation", f"/v1/employees/{employee_id}", Employee))
    return employee_id if isinstance(found, Lacking) else found.value.name
