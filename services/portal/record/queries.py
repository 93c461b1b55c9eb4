"""Asking organisation for records and for what things are called."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic

from pydantic import BaseModel

from services.portal.person.model import SOFTWARE
from services.portal.person.queries import named
from services.portal.reach import PAGE_SIZE, Asker, Lacking, Reach, part
from services.portal.record.model import Change, Changes, Found, M, Names, Position, Record, Unit
from services.portal.record.value import named_in, terms_on

PEOPLE = ("superior_id", "assessed_by")


async def record(reach: Reach, who: Asker, employee_id: str) -> Record:
    """Raises `Broken` for somebody whom there is not, or who is not for them to see, and `Away`."""
    return (await reach.get(who, "organisation", f"/v1/employees/{employee_id}", Record)).value


async def search(reach: Reach, who: Asker, **asked: str | int) -> Found:
    """People by what is known of them, those that the asker may see. What is empty is not asked for. Raises `Broken`,
    or `Away`."""
    body = {name: value for name, value in asked.items() if value}
    return await reach.check(who, "organisation", "/v1/employees:search", body, Found)


async def names(
    reach: Reach,
    who: Asker,
    day: date,
    *,
    units: Iterable[str] = (),
    positions: Iterable[str] = (),
    people: Iterable[str] = (),
) -> Names:
    """What some ids are called; what cannot be had is left out."""
    of_units, of_positions, of_people = await asyncio.gather(
        _of(reach, who, "/v1/units", Unit, units),
        _of(reach, who, "/v1/positions", Position, positions),
        named(reach, who, [], people),
    )
    return Names(
        {one.unit_id: unit_name(one, day) for one in of_units if isinstance(one, Unit)},
        {one.position_id: one.code for one in of_positions if isinstance(one, Position)},
        {one.employee_id: one.name for one in of_people},
    )


@dataclass(frozen=True)
class Told(Generic[M]):
    """What happened to a record, the newest first, with names of all that it names."""

    items: Sequence[Change[M]]
    names: Names


async def changes(reach: Reach, who: Asker, path: str, model: type[Changes[M]], day: date) -> Told[M] | Lacking:
    """The changes of a record, as organisation tells them there; or why they cannot be shown."""
    read = await part(reach.get(who, "organisation", f"{path}/changes", model))
    if isinstance(read, Lacking):
        return read
    items = read.value.items[::-1]
    people = named_in(items, *PEOPLE) | {one.actor for one in items if not one.actor.startswith(SOFTWARE)}
    units, positions = named_in(items, "unit_id", "parent_id"), named_in(items, "position_id")
    return Told(items, await names(reach, who, day, units=units, positions=positions, people=people))


def unit_name(unit: Unit, day: date) -> str:
    """What a unit is called on a day."""
    terms = terms_on(unit.history, day)
    return terms.name if terms else unit.code


async def _of(
    reach: Reach, who: Asker, path: str, model: type[Unit] | type[Position], ids: Iterable[str]
) -> Sequence[BaseModel]:
    wanted = sorted(set(ids))
    pages = [wanted[at : at + PAGE_SIZE] for at in range(0, len(wanted), PAGE_SIZE)]
    read = await asyncio.gather(*(part(reach.every(who, "organisation", path, model, id=page)) for page in pages))
    return [item for one in read if not isinstance(one, Lacking) for item in one.value]
