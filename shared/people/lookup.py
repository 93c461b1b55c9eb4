"""What a service has heard of people, positions and units, read when it is asked for and remembered until it changes.

Whoever changes the directory counts the change in the same transaction (`shared.kit.base.changes`). A call reads those
counts first, which is one small question; while they stay the same, all that was read under them is still so. What a
call is told is thus never older than the call, as if it had read everything anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from bson.timestamp import Timestamp

from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    AccountRecorded,
    ActingRecorded,
    EmployeeRecorded,
    EmployeeTerms,
    FigureKind,
    PositionRecorded,
    Role,
    UnitRecorded,
    as_of,
)
from shared.kit.base import changes
from shared.kit.base.changes import Counts, Stand
from shared.kit.base.clock import local_date
from shared.kit.base.generations import FIRST
from shared.kit.base.mongo import Database
from shared.kit.base.together import Together
from shared.kit.projections import projector
from shared.kit.projections.writeset import VERSIONS
from shared.people.directory import COLLECTIONS

E = TypeVar("E", bound=Event)
T = TypeVar("T")
KEPT_BYTES_MAX = 16 * 2**20
REMEMBERED_MAX = 10_000
"""So many answers are kept; then everything is forgotten and begun anew."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a service account reads: figures of these kinds, of these units; of all and their sums where none are
    named. Both in order, so that what is the same looks the same."""

    figures: tuple[FigureKind, ...]
    units: tuple[str, ...] | None


@dataclass(frozen=True)
class Actor:
    """Who sends a command: an employee as they stand today, by our own records and not by the token's; or a program
    that reads, which has a scope and is no employee."""

    employee_id: str
    terms: EmployeeTerms
    scope: Scope | None = None

    @property
    def reader(self) -> str | None:
        """As whom they read what is published: nobody in particular where nobody knows who looks at it."""
        return None if self.scope else self.employee_id

    def has(self, role: Role) -> bool:
        return role in self.terms.roles


@dataclass(frozen=True)
class By(Generic[E]):
    """A way to find entities of a kind: by what stands in a field, which `values` reads from one that was found."""

    kind: type[E]
    field: str
    values: Callable[[E], Iterable[object]]


EMPLOYEES = By(EmployeeRecorded, "_id", lambda one: [one.employee_id])
BELOW = By(EmployeeRecorded, "history.superior_id", lambda one: [terms.superior_id for terms in one.history])
BY_ROLE = By(EmployeeRecorded, "history.roles", lambda one: [r.value for terms in one.history for r in terms.roles])
BY_SUBJECT = By(EmployeeRecorded, "identity.sub", lambda one: [one.identity.sub])
POSITIONS = By(PositionRecorded, "_id", lambda one: [one.position_id])
UNITS = By(UnitRecorded, "_id", lambda one: [one.unit_id])
GIVEN = By(ActingRecorded, "history.for_id", lambda one: [terms.for_id for terms in one.history])
HELD = By(ActingRecorded, "history.acting_id", lambda one: [terms.acting_id for terms in one.history])
BY_ACCOUNT = By(AccountRecorded, "identity.sub", lambda one: [one.identity.sub])
ABSENCES = By(AbsenceRecorded, "employee_id", lambda one: [one.employee_id])


class Directory:
    """People, positions and units as far as a service has heard of them, `as_of` which counts of changes; and the
    generation of read models that answers then."""

    def __init__(self, db: Database, as_of: Counts = (), generation: str = FIRST) -> None:
        self.db = db
        self.as_of = as_of
        self.generation = generation
        self._found: dict[tuple[int, object], tuple[Event, ...]] = {}
        self._once: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._found) + len(self._once)

    async def find(self, by: By[E], values: Collection[object]) -> dict[str, E]:
        """The entities that have one of some values there, by their ids."""
        unknown = {value for value in values if (id(by), value) not in self._found}
        if unknown:
            await self._read(by, unknown)
        found: dict[str, E] = {}
        for value in values:
            found |= {one.subject: one for one in self._found[id(by), value] if isinstance(one, by.kind)}
        return found

    async def _read(self, by: By[E], values: Collection[object]) -> None:
        found: dict[object, dict[str, E]] = {value: {} for value in values}
        where = {by.field: {"$in": sorted(values, key=str)}}
        async for document in self.db[COLLECTIONS[by.kind]].find(where):
            one = by.kind.model_validate(document, strict=False)
            for value in by.values(one):
                if value in found:
                    found[value][one.subject] = one
        self._found |= {(id(by), value): tuple(entities.values()) for value, entities in found.items()}
        if by is BY_SUBJECT:
            people = (one for entities in found.values() for one in entities.values())
            self._found |= {(id(EMPLOYEES), one.subject): (one,) for one in people}

    async def once(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        """What is read by a name, as it was read first."""
        if name not in self._once:
            self._once[name] = await read()
        kept: T = self._once[name]
        return kept

    async def employee(self, employee_id: str) -> EmployeeRecorded | None:
        return (await self.find(EMPLOYEES, [employee_id])).get(employee_id)

    async def positions(self, ids: Collection[str]) -> Mapping[str, PositionRecorded]:
        """The positions of these ids that this service has heard of."""
        return await self.find(POSITIONS, sorted(ids))

    async def units(self, ids: Collection[str]) -> list[UnitRecorded]:
        """Those of some units that this service has heard of."""
        return list((await self.find(UNITS, sorted(ids))).values())

    async def absences(self, employee_id: str) -> list[AbsenceRecorded]:
        """When somebody is on leave or on a trip, as far as this service has heard."""
        return list((await self.find(ABSENCES, [employee_id])).values())

    async def zone_of(self, unit_id: str, day: date, otherwise: str) -> str:
        """The time zone in which a unit is on a day."""
        found = (await self.find(UNITS, [unit_id])).get(unit_id)
        terms = as_of(found.history, day) if found else None
        return terms.time_zone if terms else otherwise

    async def actor(self, iss: str, sub: str, now: datetime, time_zone: str) -> Actor | None:
        """The employee whom a token speaks for, if there is one who is active today, where their unit is; `time_zone`
        holds where that is not known. The unit is only asked for where it makes a difference. Partitions come in any
        order, so that for a moment two may be on record for one subject, which only its publisher keeps unique: then it
        speaks for nobody."""
        found = await self.with_subject(iss, sub)
        if len(found) != 1:
            return None
        (known,) = found
        day = local_date(now, time_zone)
        before, terms, after = (as_of(known.history, day + timedelta(days)) for days in (-1, 0, 1))
        if after and before != after:
            its_zone = await self.zone_of((terms or after).unit_id, day, time_zone)
            terms = as_of(known.history, local_date(now, its_zone))
        return Actor(known.employee_id, terms) if terms and terms.active else None

    async def with_subject(self, iss: str, sub: str) -> list[EmployeeRecorded]:
        """Those on record whom a token of that issuer and subject would speak for."""
        found = (await self.find(BY_SUBJECT, [sub])).values()
        return [one for one in found if one.identity.iss == iss]

    async def who_have(self, roles: Collection[Role], today: date) -> set[str]:
        """Who is active today and has one of some roles."""
        found = set()
        for known in (await self.find(BY_ROLE, sorted(role.value for role in roles))).values():
            terms = as_of(known.history, today)
            if terms and terms.active and {*roles} & {*terms.roles}:
                found.add(known.employee_id)
        return found


class Kept:
    """Things that were made and may be wanted again, by what they are known by: of more than `bytes_max`, those go that
    were not wanted for longest."""

    def __init__(self, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._things: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._making: dict[str, asyncio.Task[Any]] = {}

    def find(self, tag: str) -> Any:
        """One that is kept, or nothing."""
        if tag not in self._things:
            return None
        self._things.move_to_end(tag)
        return self._things[tag][0]

    async def made(self, tag: str, make: Callable[[], Awaitable[T]], size_bytes: Callable[[T], int]) -> T:
        """One that is kept, or that is made now, once for all who want it meanwhile. Raises as `make` does."""
        known: T | None = self.find(tag)
        if known is not None:
            return known
        if tag not in self._making:
            self._making[tag] = asyncio.create_task(self._make(tag, make, size_bytes))
        made: T = await asyncio.shield(self._making[tag])
        return made

    async def _make(self, tag: str, make: Callable[[], Awaitable[T]], size_bytes: Callable[[T], int]) -> T:
        try:
            thing = await make()
            self.keep(tag, thing, size_bytes(thing))
            return thing
        finally:
            del self._making[tag]

    def keep(self, tag: str, thing: object, size_bytes: int) -> None:
        _, before = self._things.pop(tag, (None, 0))
        self._things[tag] = thing, size_bytes
        self._bytes += size_bytes - before
        while self._bytes > self._bytes_max:
            _, (_, size) = self._things.popitem(last=False)
            self._bytes -= size


class MonthNow(NamedTuple):
    """A month of read models, and what it is known by until a transaction changes it."""

    month: str
    versions: projector.Versions


class Now(NamedTuple):
    """The directory as a call finds it, a point that was passed before, and a month where one is asked for."""

    directory: Directory
    point: Timestamp | None
    month: MonthNow | None = None


class Memory:
    """What a process remembers: the directory, as of each call, and answers that hold until something changes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._directory = Directory(db)
        self.kept = Kept()
        self.of_versions: set[str] = set()
        """The paths of routes that have told what they tell by a month's version."""
        self._stand: Together[Stand] = Together()
        self._month: Together[tuple[Stand, MonthNow | None]] = Together()

    async def now(self) -> Now:
        """The directory as it stands now. One whose changes nobody counts, as organisation's own, is always read."""
        stand = await self._stand.ask("stand", lambda: changes.stand(self._db))
        return Now(self._as_of(stand), stand.point)

    async def now_and_month(self, month: str) -> Now:
        """The same and a month's version, by one question; no version where another generation answers by now."""
        stand, known = await self._month.ask(month, lambda: self._stand_and_month(month))
        return Now(self._as_of(stand), stand.point, known)

    async def _stand_and_month(self, month: str) -> tuple[Stand, MonthNow | None]:
        asked = self._directory.generation
        collection = f"{asked}.{VERSIONS}"
        stand, found = await changes.stand_and(self._db, collection, projector.told_apart_by(month))
        known = MonthNow(month, projector.versions_of(asked, found)) if stand.generation == asked else None
        return stand, known

    def _as_of(self, stand: Stand) -> Directory:
        counts, generation, _ = stand
        held = self._directory
        if not counts or (counts, generation) != (held.as_of, held.generation) or len(held) > REMEMBERED_MAX:
            self._directory = Directory(self._db, counts, generation)
        return self._directory
