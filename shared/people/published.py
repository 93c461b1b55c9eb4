"""Where publications are kept, when a month is looked at, and how they are read.

They are no part of a generation, since they have been seen: a rebuild leaves them as they are. A publication is written
in pieces, which nobody finds until the last one names them; of two workers at once one finds its place taken.
"""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from pymongo import IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.errors import DuplicateKeyError

from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.following import Changed
from shared.kit.base.generations import Models
from shared.kit.base.ids import new_id
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging.jobs import each_alone, left_out
from shared.kit.process.service import Job
from shared.kit.projections.projector import PUBLISHING, TOUCHED, count
from shared.kit.web.pages import cursor_of
from shared.people.disclosure import Told
from shared.people.live import Item, Kind
from shared.people.publishing import ALL, TO_ALL, TO_OTHERS, Figure, State, Unit, Units, due_at, publish

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "publications": (IndexModel([("month", 1), ("number", -1)]),),
    "published": (IndexModel([("publication", 1), ("place", 1)]), IndexModel([("month", 1), ("publication", 1)])),
    "published_people": (IndexModel([("month", 1), ("people", 1)]), IndexModel([("publication", 1), ("unit_id", 1)])),
}
"""Each publication of a month; the figures of each; and, for the service alone, what the newest holds of whom."""


def of_publications(about: str) -> Kind:
    """What those who follow changes are told of publications: each that they may read."""
    return Kind("publications", "publication", about, _published, hidden=_who_reads_an_earlier_one)


def _published(changed: Changed) -> Iterable[Item]:
    yield Item("publication", changed.document["month"], str(changed.document["number"]))


async def _who_reads_an_earlier_one(db: Database, changed: Changed) -> Collection[str]:
    """Those who came in after the first publication go on reading what they could read before (`read`). A publication
    of which it is heard late may have been followed by others, whose people are those of before and more."""
    its = db.published_people.find({"month": changed.document["month"]}, {"since": 1})
    told = changed.document["number"]
    return {person async for one in its for person, number in one["since"].items() if 1 < number <= told}


Live = Callable[[AsyncClientSession, Models, str], Awaitable[Units]]
"""The units' months as they are now, all read at one moment."""
Sum = Callable[[Sequence[Document]], Document]
LOOKS_EVERY_S = 5.0
LONG_S, RESTS = 1.0, 20
"""From how many seconds on a look takes long, and how many times as long nobody looks then."""


@dataclass(frozen=True)
class Publishing:
    """What a service publishes: how its months are read, and how figures of units are added up."""

    job: str
    live: Live
    added: Sum
    looks: dict[tuple[str, str], "Looked"] = field(default_factory=dict)
    """When this process last looked at a month, by database and month."""


@dataclass(frozen=True)
class Looked:
    """When somebody looked, and how long it took. A look that takes long is not taken again at once, however often its
    month is touched meanwhile."""

    at: float
    took_s: float

    @property
    def rests(self) -> bool:
        return self.took_s > LONG_S and time.monotonic() < self.at + RESTS * self.took_s


NEVER = Looked(0, 0)


def job(publishing: Publishing, *after: Job) -> Job:
    """What publishes a service's months when they are over, and again when enough has changed; after the jobs that
    bring them up to date, since what has been published stays so."""
    return Job(publishing.job, partial(publish_due, publishing), partial(count_due, publishing), LOOKS_EVERY_S, after)


async def publish_due(publishing: Publishing, db: Database, generation: str, clock: Clock) -> None:
    """Look at the months that are over and have been touched since they were looked at, and publish what can be told.
    Each is marked by whatever writes its totals (`project.write`)."""
    if generation != await generations.live(db):
        return
    models, now = generations.of(db, generation), clock.now()
    months = await models[TOUCHED].distinct("month")
    for month in (month for month in months if due_at(month) > now):
        marks = await models[TOUCHED].find({"month": month}, {"_id": 1}).to_list()
        await _unmark(models, marks[1:])
    due = await _due(publishing, db, models, now)
    if due:
        await each_alone(db, publishing.job, due, partial(_look, publishing, db, models, now))


async def count_due(publishing: Publishing, db: Database, generation: str, clock: Clock) -> int:
    """How many months are to be looked at. One whose changes wait for those of more people has been."""
    if generation != await generations.live(db):
        return 0
    return len(await _due(publishing, db, generations.of(db, generation), clock.now()))


async def _due(publishing: Publishing, db: Database, models: Models, now: datetime) -> list[str]:
    months = [month for month in await models[TOUCHED].distinct("month") if due_at(month) <= now]
    months = [month for month in months if not publishing.looks.get((db.name, month), NEVER).rests]
    return sorted(set(months) - set(await left_out(db, publishing.job))) if months else []


async def _unmark(models: Models, marks: Sequence[Document]) -> None:
    if marks:
        await models[TOUCHED].delete_many({"_id": {"$in": [mark["_id"] for mark in marks]}})


async def _look(publishing: Publishing, db: Database, models: Models, now: datetime, months: Sequence[str]) -> None:
    for month in months:
        began = time.monotonic()
        marks = await models[TOUCHED].find({"month": month}, {"_id": 1}).to_list()

        async def read(session: AsyncClientSession, month: str = month) -> Units:
            return await publishing.live(session, models, month)

        live = await in_transaction(db, read)
        before = await _newest(db, month)
        if state := await asyncio.to_thread(publish, before, live, now):
            await _save(publishing, db, models, month, state)
        await _unmark(models, marks)
        publishing.looks[db.name, month] = Looked(time.monotonic(), time.monotonic() - began)


async def _save(publishing: Publishing, db: Database, models: Models, month: str, state: State) -> None:
    """What a month's version tells apart changes with it."""
    id_ = new_id("pub")
    rows = [
        _row(id_, month, unit, name, figure, of, state)
        for unit, of in state.units.items()
        for name, figure in of.figures.items()
    ]
    if rows:
        await db.published.insert_many(rows, ordered=False)
    people = [_people(id_, month, unit, state) for unit in state.units]
    if gone := state.since.keys() - {person for one in people for person in one["people"]}:
        people.append(_gone(id_, month, gone, state))
    if people:
        await db.published_people.insert_many(people)
    told = {
        "_id": _publication_id(month, state.number),
        "month": month,
        "number": state.number,
        "as_of": state.as_of,
        "publication": id_,
        "sums": _sums(publishing.added, state),
        "shown": [[name, to] for (unit, name), to in state.shown.items() if unit == ALL],
        "read_by_all": _read_by_all(state),
    }

    async def publish_it(session: AsyncClientSession) -> None:
        await db.publications.insert_one(told, session=session)
        await count(session, models, [month], by=PUBLISHING)

    try:
        await in_transaction(db, publish_it)
    except DuplicateKeyError:
        await db.published.delete_many({"publication": id_})
        await db.published_people.delete_many({"publication": id_})
        return
    known = await db.publications.distinct("publication", {"month": month})
    await db.published.delete_many({"month": month, "publication": {"$nin": known, "$lt": id_}})
    await db.published_people.delete_many({"month": month, "publication": {"$lt": id_}})


def _read_by_all(state: State) -> int:
    """The number of the newest publication that nobody has come into since, so that everybody may read it."""
    return min((number for number in state.since.values() if number > 1), default=state.number + 1) - 1


def _row(id_: str, month: str, unit: str, name: str, figure: Figure, of: Unit, state: State) -> Document:
    to = state.shown.get((unit, name), 0)
    value = {**figure.value, "people": len(of.people(figure))} if to else {}
    place = f"{unit}|{name}"
    return {
        **figure.tags,
        **value,
        "_id": f"{id_}|{place}",
        "publication": id_,
        "place": place,
        "unit_id": unit,
        "month": month,
        "figure": name,
        "shown": to,
    }


def _sums(added: Sum, state: State) -> list[Document]:
    """The sums of what is published of the units, whether that itself is shown or not."""
    by_name: dict[str, list[Document]] = {}
    for _, of in sorted(state.units.items()):
        for name, figure in of.figures.items():
            if figure.summed:
                by_name.setdefault(name, []).append({**figure.tags, **figure.value})
    found = []
    for name, parts in sorted(by_name.items()):
        to = state.shown.get((ALL, name), 0)
        tags = next(of.figures[name].tags for of in state.units.values() if name in of.figures)
        found.append({**tags, **(added(parts) if to else {}), "figure": name, "shown": to, "units": len(parts)})
    return found


def _people(id_: str, month: str, unit: str, state: State) -> Document:
    """A unit's published numbers by person, to compare with later. Names of numbers are free text to the database."""
    of = state.units[unit]
    people = sorted({person for figure in of.figures.values() for person in of.people(figure)})
    body = {
        "numbers": of.numbers,
        "figures": {name: [f.tags, f.value, f.numbers, f.summed] for name, f in of.figures.items()},
        "shown": {name: to for (where, name), to in state.shown.items() if where == unit},
        "told": _of_unit(state.told, unit),
        "told_to_all": _of_unit(state.told_to_all, unit),
    }
    return {
        "_id": f"{id_}|{unit}",
        "publication": id_,
        "month": month,
        "unit_id": unit,
        "people": people,
        "since": {person: state.since[person] for person in people},
        "body": json.dumps(body, separators=(",", ":")),
    }


def _gone(id_: str, month: str, gone: Collection[str], state: State) -> Document:
    """Those of whom earlier publications told and this one does not: they know their own of then, and stay among its
    people."""
    since = {person: state.since[person] for person in sorted(gone)}
    of = {"publication": id_, "month": month, "unit_id": ALL}
    return {"_id": f"{id_}|{ALL}", **of, "people": list(since), "since": since, "body": ""}


def _of_unit(told: Told, unit: str) -> Document:
    return {
        "classes": {person: class_ for (where, person), class_ in told.classes.items() if where == unit},
        "worths": {name: worths for (name, where), worths in told.worths.items() if where == unit},
        "sums": [{name: of[unit] for name, of in sums.items() if unit in of} for sums in told.sums],
    }


async def _newest(db: Database, month: str) -> State | None:
    """The last publication, as it can be gone on from."""
    found = await db.publications.find_one({"month": month}, sort=[("number", -1)])
    if found is None:
        return None
    bodies: dict[str, Document] = {}
    since: dict[str, int] = {}
    async for one in db.published_people.find({"publication": found["publication"]}).sort("unit_id", 1):
        since |= one["since"]
        if one["unit_id"] != ALL:
            bodies[one["unit_id"]] = json.loads(one["body"])
    shown = {(ALL, name): to for name, to in found["shown"]}
    shown |= {(unit, name): to for unit, body in bodies.items() for name, to in body["shown"].items()}
    units = {
        unit: Unit(
            {name: Figure(f[0], f[1], tuple(f[2]), f[3]) for name, f in body["figures"].items()}, body["numbers"]
        )
        for unit, body in bodies.items()
    }
    told, told_to_all = (
        _whole({unit: body[name] for unit, body in bodies.items()}) for name in ("told", "told_to_all")
    )
    return State(found["number"], found["as_of"], units, shown, told, told_to_all, since)


def _whole(by_unit: Mapping[str, Document]) -> Told:
    told = Told()
    for unit, of in by_unit.items():
        told.classes.update({(unit, person): class_ for person, class_ in of["classes"].items()})
        for name, worths in of["worths"].items():
            told.worths[name, unit] = {person: tuple(known) for person, known in worths.items()}
    for number in range(max((len(of["sums"]) for of in by_unit.values()), default=0)):
        names = {name for of in by_unit.values() for name in of["sums"][number]}
        told.sums.append(
            {n: {u: of["sums"][number][n] for u, of in by_unit.items() if n in of["sums"][number]} for n in names}
        )
    return told


@dataclass(frozen=True)
class Reading:
    """A publication as one reader may read it."""

    id: str
    number: int
    as_of: datetime
    sums: list[Document]
    least: int
    """What a figure is shown to, at least, for this reader to see it."""

    def sees(self, row: Mapping[str, Any]) -> bool:
        return bool(row["shown"] >= self.least)


class Publications(NamedTuple):
    """All publications of a month, the oldest first, and since which of them somebody has been among its people."""

    told: list[Document]
    since: Mapping[str, int]

    def reading(self, reader: str | None, at: datetime | None = None) -> Reading | None:
        """The last one, or the last at a moment, or the first; none when there is none. Somebody who has been among its
        people since the first reads only what they could not take their own off. Who came in later goes on reading what
        they could read before. Nobody in particular reads what all of them may."""
        among = self.since.get(reader, 0) if reader else 1
        until = among - 1 if among > 1 else math.inf if reader else self._read_by_all
        may = [one for one in self.told if one["number"] <= until and (not at or one["as_of"] <= at)]
        found = (may or self.told[:1])[-1:]
        least = TO_ALL if among == 1 else TO_OTHERS
        return next(
            (Reading(one["publication"], one["number"], one["as_of"], one["sums"], least) for one in found), None
        )

    @property
    def _read_by_all(self) -> int:
        """The number of the newest that everybody on record may read."""
        number: int = self.told[-1].get("read_by_all", 1) if self.told else 0
        return number


async def publications(db: Database, month: str) -> Publications:
    """What has been published of a month."""
    told = await db.publications.find({"month": month}).sort("number", 1).to_list()
    since: dict[str, int] = {}
    async for one in db.published_people.find({"month": month}, {"since": 1}):
        for person, number in one["since"].items():
            since[person] = min(number, since.get(person, number))
    return Publications(told, since)


async def read(db: Database, month: str, reader: str | None, at: datetime | None = None) -> Reading | None:
    """What one reader reads of a month, or has read at a moment (`Publications.reading`)."""
    here = [one["since"][reader] async for one in _about(db, month, reader)] if reader else []
    since = {reader: min(here, default=0)} if reader else {}
    told = await db.publications.find({"month": month}).sort("number", 1).to_list()
    return Publications(told, since).reading(reader, at)


async def read_by_all(db: Database, months: Collection[str]) -> Mapping[str, Reading]:
    """What everybody on record may read of some months, whoever they are, so that it may be told to strangers too:
    those of which there is any. That is the newest publication that nobody has come into since, as those may read it
    who are among its people. Strangers cost two questions, however many months they ask for."""
    told = db.publications.find({"month": {"$in": [*months]}}, {"month": 1, "read_by_all": 1})
    newest = {one["month"]: one.get("read_by_all", 1) async for one in told.sort([("month", 1), ("number", 1)])}
    where = {"_id": {"$in": [_publication_id(month, number) for month, number in newest.items()]}}
    return {
        one["month"]: Reading(one["publication"], one["number"], one["as_of"], one["sums"], TO_ALL)
        async for one in db.publications.find(where)
    }


def _publication_id(month: str, number: int) -> str:
    return f"{month}#{number}"


def _about(db: Database, month: str, reader: str) -> AsyncCursor[Document]:
    return db.published_people.find({"month": month, "people": reader}, {f"since.{reader}": 1})


async def rows(
    db: Database, reading: Reading, where: Document, after: str = "", limit: int = 0
) -> tuple[list[Document], str | None]:
    """Figures of a publication, in order of unit and name; and the cursor that asks for those after them."""
    asked = {"publication": reading.id, "place": {"$gt": after}, **where}
    found = await db.published.find(asked).sort("place", 1).limit(limit).to_list()
    return found, cursor_of(found[-1]["place"]) if limit and len(found) == limit else None
