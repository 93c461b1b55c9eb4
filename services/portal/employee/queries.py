"""Asking the services for all that is on record of somebody."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.portal.employee.model import AskedPage
from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.record.model import Changes, Mandate, Names, Record, Terms
from services.portal.record.queries import Told, changes, names, record
from services.portal.record.value import positions_of, superiors_of, units_of
from services.portal.team.model import Absence


@dataclass(frozen=True)
class Known:
    """All that is on record of somebody, as far as the asker may see it."""

    record: Record
    names: Names
    absences: Sequence[Absence] | Lacking
    mandates: Sequence[Mandate] | Lacking


@dataclass(frozen=True)
class Past:
    """What happened to somebody's record, and what they asked for."""

    record: Record
    changes: Told[Terms] | Lacking
    asked: AskedPage | Lacking


async def known(reach: Reach, who: Asker, employee_id: str, day: date) -> Known:
    """Raises `Broken` for somebody whom there is not, or who is not for them to see, and `Away`."""
    its, absences, mandates = await asyncio.gather(
        record(reach, who, employee_id),
        part(reach.every(who, "organisation", "/v1/absences", Absence, employee_id=employee_id)),
        part(reach.every(who, "organisation", "/v1/acting-assignments", Mandate, employee_id=employee_id)),
    )
    called = await names(
        reach, who, day, units=units_of([its]), positions=positions_of([its]), people=superiors_of([its])
    )
    return Known(
        its,
        called,
        absences if isinstance(absences, Lacking) else absences.value,
        mandates if isinstance(mandates, Lacking) else mandates.value,
    )


async def past(reach: Reach, who: Asker, employee_id: str, day: date, cursor: str) -> Past:
    """Raises `Broken` for somebody whom there is not, or who is not for them to see, and `Away`."""
    after = {"cursor": cursor} if cursor else {}
    its, told, asked = await asyncio.gather(
        record(reach, who, employee_id),
        changes(reach, who, f"/v1/employees/{employee_id}", Changes[Terms], day),
        part(reach.get(who, "requests", "/v1/requests", AskedPage, employee_id=employee_id, **after)),
    )
    return Past(its, told, asked if isinstance(asked, Lacking) else asked.value)
