"""What savings hears, and the days that it brings up to date when no event does."""

from datetime import datetime
from functools import partial
from typing import Any, cast

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings import queries
from services.savings.net import Day
from services.savings.projection import TAKES, fold, wants, wants_days
from services.savings.settle import settle, settle_units
from services.savings.unit_days import terms_on
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.kit import generations
from shared.kit.changes import Known, Wanted
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.directory import directory
from shared.kit.generations import Models
from shared.kit.mongo import Database, in_transaction
from shared.kit.project import Projection, load, project, write

SETTLED_AT_ONCE = 500
MARKS_AT_ONCE = 200
UNITS_AT_ONCE = 200
"""What a transaction writes must fit into a part of the database's cache, and a unit's day is a row for each person."""
PLACES: Wanted = {"units": {}, "buildings": {}}
BY_BUILDING = [("building_id", 1), ("day", 1)]
"""The units of a building are settled together: in this order few are settled again with a later batch."""
VERIFIED_DAYS = 500
DECIDED = {"factor_sets": cast("Document", {})}
Pairs = set[tuple[str, str]]

CONSUMERS = (
    directory("savings.directory", keep=(EmployeeRecorded, UnitRecorded, ActingRecorded)),
    project(
        "savings.days",
        hears=(organisation.PUBLISHER, requests.PUBLISHER, approvals.PUBLISHER, performance.PUBLISHER),
        projection=Projection(TAKES, wants, fold, DECIDED),
    ),
)


async def settle_due(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date what no event will: days whose date has passed, days that a new factor set concerns, and then
    the units' days that any of these, or the reference data, have touched."""
    models = generations.of(db, generation)
    while due := await models["days"].find(await _due(db, clock.now()), {"_id": 1}).limit(SETTLED_AT_ONCE).to_list():
        ids = [str(day["_id"]) for day in due]

        async def days(session: AsyncClientSession, ids: list[str] = ids, now: datetime = clock.now()) -> None:
            known = await _known(session, db, models, wants_days(ids))
            known_days = {id_: cast("Day", found) for id_, found in known["days"].items()}
            await write(session, models, settle(known, known_days, known["employees"], now))

        await in_transaction(db, days)
    while await _settle_units(db, models, clock.now()):
        pass


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many days of employees and units wait to be brought up to date."""
    models = generations.of(db, generation)
    waiting = await models["days"].count_documents(await _due(db, clock.now()))
    waiting += await models["unit_days"].count_documents({"factors_seen": {"$lt": await _sets(db)}})
    return waiting + await models["unsettled"].count_documents({})


async def _due(db: Database, now: datetime) -> Document:
    return {"$or": [{"due_at": {"$lte": now}}, {"factors_seen": {"$lt": await _sets(db)}}]}


async def _sets(db: Database) -> int:
    return await db.factor_sets.count_documents({})


async def _known(session: AsyncClientSession, db: Database, models: Models, wanted: Any) -> Known:
    return {**await load(session, models, wanted), **await load(session, db, DECIDED)}


async def _settle_units(db: Database, models: Models, now: datetime) -> bool:
    """Some of the units' days that wait, and then their marks are taken away, unless they have been set again since.
    False when none waited. Each day is worked out from what is known, so that they can be settled in any order."""
    waiting = await models["unsettled"].find({}).to_list()
    older = {"factors_seen": {"$lt": await _sets(db)}}
    outdated = await models["unit_days"].find(older).sort(BY_BUILDING).limit(UNITS_AT_ONCE).to_list()
    if not waiting and not outdated:
        return False
    places = await load(None, models, PLACES)
    marks = sorted(waiting, key=lambda mark: _place(places, mark))[:MARKS_AT_ONCE]
    pairs = {(one["unit_id"], one["day"]) for one in outdated} | await _pairs(models, places, marks)
    targets = sorted(
        await _with_neighbours(models, places, pairs), key=lambda at: (at[1], _building(places, *at), at[0])
    )
    for some in (targets[n : n + UNITS_AT_ONCE] for n in range(0, len(targets), UNITS_AT_ONCE)):
        await in_transaction(db, partial(_settle_some, db=db, models=models, targets=some, now=now))
    for mark in marks:
        await models["unsettled"].delete_one({"_id": mark["_id"], "times": mark["times"]})
    return True


async def _settle_some(
    session: AsyncClientSession, db: Database, models: Models, targets: list[tuple[str, str]], now: datetime
) -> None:
    places = await load(session, models, PLACES)
    seated, days = _beside(places, {unit_id for unit_id, _ in targets}), sorted({day for _, day in targets})
    wanted = {
        "employees": {"history.unit_id": {"$in": seated}},
        "days": {"position.unit_id": {"$in": seated}, "day": {"$in": days}},
        "unit_days": {"_id": {"$in": [f"{unit_id}:{day}" for unit_id, day in targets]}},
    }
    known = {**places, **await _known(session, db, models, wanted)}
    await write(session, models, settle_units(known, targets, now))


def _beside(places: Known, unit_ids: set[str]) -> list[str]:
    """Units, and all that have ever sat in a building of theirs: who is there decides what a zone draws."""
    buildings = {id_: _buildings_of(unit) for id_, unit in places["units"].items()}
    theirs = {building for id_ in unit_ids for building in buildings.get(id_, ())}
    return sorted(unit_ids | {id_ for id_, sat_in in buildings.items() if sat_in & theirs})


async def _pairs(models: Models, known: Known, marks: list[Document]) -> Pairs:
    """The units and days that marks stand for: those on which somebody is away, or was when they were last settled."""
    pairs: Pairs = {(mark["unit_id"], mark["first"]) for mark in marks if mark.get("first") == mark.get("last", "")}
    ranges = [(mark["unit_id"], mark["first"]) for mark in marks if mark.get("first", "") != mark.get("last", "")]
    for building_id in (mark["building_id"] for mark in marks if "building_id" in mark):
        ranges += [(id_, "") for id_, unit in known["units"].items() if building_id in _buildings_of(unit)]
    if not ranges:
        return pairs
    either: list[tuple[str, str]] = [("days", "position.unit_id"), ("unit_days", "unit_id")]
    for collection, unit_field in either:
        where = {"$or": [{unit_field: unit_id, "day": {"$gte": first}} for unit_id, first in ranges]}
        grouped = {"_id": {"unit_id": f"${unit_field}", "day": "$day"}}
        found = await models[collection].aggregate([{"$match": where}, {"$group": grouped}])
        pairs |= {(one["_id"]["unit_id"], one["_id"]["day"]) async for one in found}
    return pairs


async def _with_neighbours(models: Models, known: Known, pairs: Pairs) -> Pairs:
    """With all units of the same buildings on those days, since who else is in a zone decides whether it is closed;
    also of the buildings that they sat in when they were last settled."""
    ids = sorted(f"{unit_id}:{day}" for unit_id, day in pairs)
    held = await models["unit_days"].find({"_id": {"$in": ids}}, {"building_id": 1, "day": 1}).to_list()
    buildings = {(one["building_id"], one["day"]) for one in held if one["building_id"]}
    seats: dict[tuple[str, str], set[str]] = {}
    for day in {day for _, day in pairs}:
        for unit_id in known["units"]:
            if building_id := _building(known, unit_id, day):
                seats.setdefault((building_id, day), set()).add(unit_id)
    beside = {at for at, units in seats.items() if any((unit_id, at[1]) in pairs for unit_id in units)}
    return pairs | {(unit_id, at[1]) for at in beside | buildings for unit_id in seats.get(at, ())}


def _place(known: Known, mark: Document) -> tuple[str, str]:
    """The day and the building that a mark is about."""
    first = str(mark.get("first", ""))
    return first, mark.get("building_id") or _building(known, mark["unit_id"], first)


def _building(known: Known, unit_id: str, day: str) -> str:
    """Where a unit sits on a day; nothing for one without a seat."""
    terms = terms_on(known["units"].get(unit_id), day)
    return terms["seat"]["building_id"] if terms and terms["seat"] else ""


def _buildings_of(unit: Document) -> set[str]:
    return {terms["seat"]["building_id"] for terms in unit["history"] if terms["seat"]}


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: days that are worth something else when they are worked out again,
    drawn at random, and totals that are not the sum of their rows."""
    models = generations.of(db, generation)
    drawn = await models["days"].aggregate([{"$sample": {"size": VERIFIED_DAYS}}, {"$project": {"_id": 1}}])
    wanted = wants_days([str(one["_id"]) async for one in drawn])
    known: Known = {**await load(None, models, wanted), **await load(None, db, DECIDED)}
    again = settle(
        known, {id_: cast("Day", one) for id_, one in known["days"].items()}, known["employees"], clock.now()
    )
    faults = [f"day {row['day_id']} is posted otherwise" for row in again.insert.get("postings", [])]
    return faults + await queries.unbalanced(models)
