"""Asking the services for a team's days."""

import asyncio
from collections.abc import Sequence
from datetime import date

from services.portal.person.model import Employee
from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.team.model import Absence, Asked, Team
from services.portal.team.value import COUNTS
from services.portal.today.model import Week
from services.portal.today.value import iso_week, month_of


async def team(reach: Reach, who: Asker, mondays: Sequence[date]) -> Team:
    """Those who are led, and their days. Raises `Broken`, or `Away`."""
    months = sorted({month for monday in mondays for month in (month_of(monday), month_of(_sunday(monday)))})
    people, asked, absences, weeks = await asyncio.gather(
        reach.every(who, "organisation", "/v1/employees", Employee),
        asyncio.gather(*(_asked(reach, who, month) for month in months)),
        part(reach.every(who, "organisation", "/v1/absences", Absence)),
        asyncio.gather(*(reach.get(who, "requests", f"/v1/weeks/{iso_week(monday)}", Week) for monday in mondays)),
    )
    return Team(
        people=people.value,
        asked=[one for month in asked for one in month],
        absences=[] if isinstance(absences, Lacking) else absences.value,
        weeks=[read.value for read in weeks],
        lacks_absences=isinstance(absences, Lacking),
    )


async def _asked(reach: Reach, who: Asker, month: str) -> list[Asked]:
    status = sorted(COUNTS)
    return (await reach.every(who, "requests", "/v1/requests", Asked, whose="led", status=status, month=month)).value


def _sunday(monday: date) -> date:
    return date.fromordinal(monday.toordinal() + 6)
