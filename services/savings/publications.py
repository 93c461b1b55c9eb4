"""What those who are not the personnel agency read of savings: months as they were published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.savings.answers import InstanceMonth
from services.savings.figures import figures as shown
from services.savings.published import COUNTED, LACKS
from services.savings.restated import between
from shared.kit import published
from shared.kit.calls import Call
from shared.kit.decider import Document
from shared.kit.pages import place_of
from shared.kit.published import Reading

SAVINGS = {"about": "savings"}


@dataclass(frozen=True)
class Found:
    """Figures of a publication, whether this reader may see what they say or not; none where there is none."""

    rows: list[Document]
    next_cursor: str | None = None
    reading: Reading | None = None

    @property
    def as_of(self) -> datetime | None:
        return self.reading.as_of if self.reading else None

    def sees(self, row: Document) -> bool:
        return self.reading is not None and self.reading.sees(row)


async def figures(call: Call, month: str, where: Document, cursor: str | None = None, limit: int = 0) -> Found:
    """The savings of units."""
    return await _found(call, month, {**where, **SAVINGS}, cursor, limit)


async def _found(call: Call, month: str, where: Document, cursor: str | None, limit: int) -> Found:
    place = place_of(cursor)
    reading = await published.read(call.db, month, call.actor.employee_id)
    if reading is None:
        return Found([])
    rows, following = await published.rows(call.db, reading, where, place[0] if place else "", limit)
    return Found(rows, following, reading)


async def instance_month(call: Call, month: str) -> InstanceMonth:
    """All units together. Of a figure that is withheld, all units are left out."""
    reading = await published.read(call.db, month, call.actor.employee_id)
    if reading is None:
        return InstanceMonth(month=month, as_of=None, figures=[], left_out={})
    left_out: dict[str, int] = {}
    for one in reading.sums:
        if not reading.sees(one):
            left_out[one["category"]] = left_out.get(one["category"], 0) + one["units"]
    seen = [shown(one) for one in reading.sums if reading.sees(one)]
    return InstanceMonth(month=month, as_of=reading.as_of, figures=seen, left_out=left_out)


async def completeness(
    call: Call, month: str, where: Document, cursor: str | None, limit: int
) -> tuple[list[Document], str | None, datetime | None]:
    """Counts of days of units, where they may be shown."""
    found = await _found(call, month, {**where, "about": COUNTED}, cursor, limit)
    seen: dict[str, Document] = {one["unit_id"]: {**one, "lacks": {}} for one in found.rows if found.sees(one)}
    if found.reading and seen:
        lacks, _ = await published.rows(
            call.db, found.reading, {"about": LACKS, "unit_id": {"$in": sorted(seen)}}, limit=0
        )
        for one in filter(found.sees, lacks):
            seen[one["unit_id"]]["lacks"][one["lacking"]] = one["days"]
    return list(seen.values()), found.next_cursor, found.as_of


async def restatements(call: Call, month: str, since: datetime) -> list[Document]:
    """Between what was published at a moment, or first, and what is published now."""
    now = await published.read(call.db, month, call.actor.employee_id)
    then = await published.read(call.db, month, call.actor.employee_id, since)
    if now is None or then is None or now.id == then.id:
        return []
    sides: list[list[Document]] = []
    for reading in (then, now):
        rows, _ = await published.rows(call.db, reading, SAVINGS)
        sides.append([row if reading.sees(row) else _withheld(row) for row in rows])
    return between(*sides)


def _withheld(row: Document) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "amounts"}
