"""What a service knows of people, positions and units: its own copy of the reference data, as organisation tells it.

Each event carries the full history of its entity, so that the newest one answers for any day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from pymongo import IndexModel, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts import organisation
from shared.contracts.event import Event
from shared.contracts.organisation import EmployeeRecorded, EmployeeTerms, PositionRecorded, Role, UnitRecorded, as_of
from shared.kit.changes import document
from shared.kit.cloudevents import Heard
from shared.kit.consumer import Consumer
from shared.kit.decider import Document
from shared.kit.mongo import Database

T = TypeVar("T", bound=Event)

COLLECTIONS: Mapping[type[Event], str] = {
    UnitRecorded: "units",
    PositionRecorded: "positions",
    EmployeeRecorded: "employees",
}
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "units": (),
    "positions": (),
    "employees": (
        IndexModel([("identity.iss", 1), ("identity.sub", 1)], unique=True),
        IndexModel([("history.superior_id", 1)]),
    ),
}


@dataclass(frozen=True)
class Actor:
    """Who sends a command: an employee as they stand today, by our own records and not by the token's."""

    employee_id: str
    terms: EmployeeTerms

    def has(self, role: Role) -> bool:
        return role in self.terms.roles


def directory(name: str, keep: tuple[type[Event], ...], forget: frozenset[str] = frozenset({"commute"})) -> Consumer:
    """A consumer that keeps the newest of each entity of those kinds."""

    async def apply(session: AsyncClientSession, db: Database, events: Sequence[Heard], _: datetime) -> None:
        newest = {heard.event.subject: heard.event for heard in events if isinstance(heard.event, keep)}
        for kind in keep:
            changes = [
                ReplaceOne({"_id": id_}, document(event, forget), upsert=True)
                for id_, event in newest.items()
                if isinstance(event, kind)
            ]
            if changes:
                await db[COLLECTIONS[kind]].bulk_write(changes, ordered=False, session=session)

    return Consumer(name, (organisation.PUBLISHER,), keep, apply, batch=1000)


async def employee(db: Database, employee_id: str) -> EmployeeRecorded | None:
    """An employee as far as this service has heard."""
    return _as(EmployeeRecorded, await db.employees.find_one({"_id": employee_id}))


async def position(db: Database, position_id: str) -> PositionRecorded | None:
    """A position as far as this service has heard."""
    return _as(PositionRecorded, await db.positions.find_one({"_id": position_id}))


async def unit(db: Database, unit_id: str) -> UnitRecorded | None:
    """A unit as far as this service has heard."""
    return _as(UnitRecorded, await db.units.find_one({"_id": unit_id}))


async def actor(db: Database, iss: str, sub: str, today: date) -> Actor | None:
    """The employee whom a token speaks for, if there is one who is active today."""
    known = _as(EmployeeRecorded, await db.employees.find_one({"identity.iss": iss, "identity.sub": sub}))
    terms = known and as_of(known.history, today)
    return Actor(known.employee_id, terms) if known and terms and terms.active else None


async def superior_of(db: Database, employee_id: str, today: date) -> str | None:
    """Who leads an employee today."""
    known = await employee(db, employee_id)
    terms = known and as_of(known.history, today)
    return terms.superior_id if terms else None


async def subordinates_of(db: Database, superior_id: str, today: date) -> list[str]:
    """Whom somebody leads today, directly."""
    led = []
    async for found in db.employees.find({"history.superior_id": superior_id}):
        known = _as(EmployeeRecorded, found)
        terms = known and as_of(known.history, today)
        if known and terms and terms.active and terms.superior_id == superior_id:
            led.append(known.employee_id)
    return led


def _as(kind: type[T], found: Document | None) -> T | None:
    return kind.model_validate(found, strict=False) if found else None
