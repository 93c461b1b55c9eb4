"""What a service knows of people, positions and units: its own copy of the reference data, as organisation tells it.

Each event carries the full history of its entity, so that the newest one answers for any day.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from pymongo import IndexModel, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts import organisation
from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    ActingRecorded,
    BuildingRecorded,
    EmployeeRecorded,
    EmployeeTerms,
    PersonErased,
    PositionRecorded,
    Role,
    UnitRecorded,
    as_of,
)
from shared.kit.base.clock import local_date
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.projections.writeset import document

T = TypeVar("T", bound=Event)

COLLECTIONS: Mapping[type[Event], str] = {
    UnitRecorded: "units",
    PositionRecorded: "positions",
    EmployeeRecorded: "employees",
    BuildingRecorded: "buildings",
    ActingRecorded: "acting_assignments",
    AbsenceRecorded: "absences",
}
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "units": (),
    "positions": (),
    "employees": (
        IndexModel([("identity.iss", 1), ("identity.sub", 1)]),
        IndexModel([("history.superior_id", 1)]),
        IndexModel([("history.unit_id", 1)]),
    ),
    "buildings": (),
    "acting_assignments": (IndexModel([("history.for_id", 1)]), IndexModel([("history.acting_id", 1)])),
    "absences": (IndexModel([("employee_id", 1)]),),
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

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        newest = {heard.event.subject: heard.event for heard in events if isinstance(heard.event, keep)}
        for kind in keep:
            changes = [
                ReplaceOne({"_id": id_}, document(event, forget), upsert=True)
                for id_, event in newest.items()
                if isinstance(event, kind)
            ]
            if changes:
                await runner.db[COLLECTIONS[kind]].bulk_write(changes, ordered=False, session=session)

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


async def units(db: Database, unit_ids: Collection[str]) -> list[UnitRecorded]:
    """Those of some units that this service has heard of."""
    found = db.units.find({"_id": {"$in": sorted(unit_ids)}})
    return [UnitRecorded.model_validate(one, strict=False) async for one in found]


async def actor(db: Database, iss: str, sub: str, now: datetime, time_zone: str) -> Actor | None:
    """The employee whom a token speaks for, if there is one who is active today, where their unit is; `time_zone` holds
    where that is not known. The unit is only asked for where it makes a difference. Partitions come in any order, so
    that for a moment two may be on record for one subject, which only its publisher keeps unique: then it speaks for
    nobody."""
    found = await db.employees.find({"identity.iss": iss, "identity.sub": sub}).limit(2).to_list()
    known = _as(EmployeeRecorded, found[0] if len(found) == 1 else None)
    if known is None:
        return None
    day = local_date(now, time_zone)
    before, terms, after = (as_of(known.history, day + timedelta(days)) for days in (-1, 0, 1))
    if after and before != after:
        its_zone = await zone_of(db, (terms or after).unit_id, day, time_zone)
        terms = as_of(known.history, local_date(now, its_zone))
    return Actor(known.employee_id, terms) if terms and terms.active else None


async def who_have(db: Database, roles: Collection[Role], today: date) -> set[str]:
    """Who is active today and has one of some roles."""
    found = set()
    async for one in db.employees.find({"history.roles": {"$in": sorted(role.value for role in roles)}}):
        known = _as(EmployeeRecorded, one)
        terms = known and as_of(known.history, today)
        if known and terms and terms.active and {*roles} & {*terms.roles}:
            found.add(known.employee_id)
    return found


async def zone_of(db: Database, unit_id: str, day: date, otherwise: str) -> str:
    """The time zone in which a unit is on a day."""
    found = await unit(db, unit_id)
    terms = as_of(found.history, day) if found else None
    return terms.time_zone if terms else otherwise


async def absences(db: Database, employee_id: str) -> list[AbsenceRecorded]:
    """When somebody is on leave or on a trip, as far as this service has heard."""
    found = db.absences.find({"employee_id": employee_id})
    return [AbsenceRecorded.model_validate(one, strict=False) async for one in found]


def erasures(name: str) -> Consumer:
    """A consumer that erases what has been written about somebody whose personal data are to go."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        gone = [heard.event.employee_id for heard in events if isinstance(heard.event, PersonErased)]
        if gone:
            await runner.db.texts.delete_many({"employee_id": {"$in": gone}}, session=session)

    return Consumer(name, (organisation.PUBLISHER,), (PersonErased,), apply, batch=1000)


def _as(kind: type[T], found: Document | None) -> T | None:
    return kind.model_validate(found, strict=False) if found else None
