"""What a service knows of people, positions and units: its own copy of the reference data, as organisation tells it.

Each event carries the full history of its entity, so that the newest one answers for any day.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from pymongo import IndexModel, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts import organisation
from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    EmployeeRecorded,
    EmployeeTerms,
    PersonErased,
    PositionRecorded,
    Role,
    UnitRecorded,
    as_of,
)
from shared.kit.changes import document
from shared.kit.cloudevents import Heard
from shared.kit.consumer import Consumer, Runner
from shared.kit.decider import Document
from shared.kit.leaders import Leaders
from shared.kit.mongo import Database

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

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[Heard], _: datetime) -> None:
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


async def actor(db: Database, iss: str, sub: str, today: date) -> Actor | None:
    """The employee whom a token speaks for, if there is one who is active today. Partitions come in any order, so that
    for a moment two may be on record for one subject, which only its publisher keeps unique: then it speaks for
    nobody."""
    found = await db.employees.find({"identity.iss": iss, "identity.sub": sub}).limit(2).to_list()
    known = _as(EmployeeRecorded, found[0] if len(found) == 1 else None)
    terms = known and as_of(known.history, today)
    return Actor(known.employee_id, terms) if known and terms and terms.active else None


async def time_zone_of(db: Database, actor: Actor, today: date, otherwise: str) -> str:
    """Where the actor's unit is today."""
    found = await unit(db, actor.terms.unit_id)
    terms = as_of(found.history, today) if found else None
    return terms.time_zone if terms else otherwise


async def leaders_of(db: Database, employee_id: str, today: date) -> Leaders:
    """Who leads an employee today: their superior, and whoever acts for the superior by mandate."""
    known = await employee(db, employee_id)
    terms = known and as_of(known.history, today)
    if not terms or not terms.superior_id:
        return Leaders(None)
    found = await _mandates(db, "for_id", terms.superior_id, today)
    return Leaders(terms.superior_id, frozenset(mandate.acting_id for mandate in found))


async def subordinates_of(db: Database, leader_id: str, today: date) -> list[str]:
    """Whom somebody leads today, directly or in the place of another by mandate."""
    places = {leader_id} | {mandate.for_id for mandate in await _mandates(db, "acting_id", leader_id, today)}
    led = []
    async for found in db.employees.find({"history.superior_id": {"$in": sorted(places)}}):
        known = _as(EmployeeRecorded, found)
        terms = known and as_of(known.history, today)
        if known and terms and terms.active and terms.superior_id in places and known.employee_id != leader_id:
            led.append(known.employee_id)
    return led


async def _mandates(db: Database, side: str, employee_id: str, today: date) -> list[ActingTerms]:
    """The mandates in force today that somebody has given (`for_id`) or holds (`acting_id`)."""
    histories = [
        as_of(ActingRecorded.model_validate(found, strict=False).history, today)
        async for found in db.acting_assignments.find({f"history.{side}": employee_id})
    ]
    return [terms for terms in histories if terms and today <= terms.ends_on and getattr(terms, side) == employee_id]


async def absences(db: Database, employee_id: str) -> list[AbsenceRecorded]:
    """When somebody is on leave or on a trip, as far as this service has heard."""
    found = db.absences.find({"employee_id": employee_id})
    return [AbsenceRecorded.model_validate(one, strict=False) async for one in found]


def erasures(name: str) -> Consumer:
    """A consumer that erases what has been written about somebody whose personal data are to go."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[Heard], _: datetime) -> None:
        gone = [heard.event.employee_id for heard in events if isinstance(heard.event, PersonErased)]
        if gone:
            await runner.db.texts.delete_many({"employee_id": {"$in": gone}}, session=session)

    return Consumer(name, (organisation.PUBLISHER,), (PersonErased,), apply, batch=1000)


def _as(kind: type[T], found: Document | None) -> T | None:
    return kind.model_validate(found, strict=False) if found else None
