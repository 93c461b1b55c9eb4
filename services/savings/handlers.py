"""What savings hears, and the days that it brings up to date when no event does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings import marks, queries
from services.savings.net import Day
from services.savings.projection import TAKES, fold, wants, wants_days
from services.savings.settle import settle, settle_units
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.kit import generations
from shared.kit.changes import Known, Wanted
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.directory import directory
from shared.kit.generations import Models
from shared.kit.mongo import Database, in_transaction
from shared.kit.project import MARKS, Projection, load, project, take_away, work_off_people, write

SETTLED_AT_ONCE = 500
MARKS_AT_ONCE = 200
UNITS_AT_ONCE = 200
"""What a transaction writes must fit into a part of the database's cache, and a unit's day is a row for each person."""
PLACES: Wanted = {"units": {}, "buildings": {}}
BY_BUILDING = [("building_id", 1), ("day", 1)]
"""The units of a building are settled together: in this order few are settled again with a later batch."""
VERIFIED_DAYS = 500
DECIDED = {"factor_sets": cast("Document", {})}
OF_UNITS = {"employee_id": {"$exists": False}}

CONSUMERS = (
    directory("savings.directory", keep=(EmployeeRecorded, UnitRecorded, ActingRecorded)),
    project(
        "savings.days",
        hears=(organisation.PUBLISHER, requests.PUBLISHER, approvals.PUBLISHER, performance.PUBLISHER),
        projection=Projection(TAKES, wants, fold, DECIDED),
    ),
)


async def settle_due(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date what no event will: days whose date has passed, days that a new factor set or a person's new
    terms concern, and then the units' days that any of these, or the reference data, have touched."""
    models = generations.of(db, generation)
    while due := await models["days"].find(await _due(db, clock.now()), {"_id": 1}).limit(SETTLED_AT_ONCE).to_list():
        await _settle_days(db, models, clock, due)
    await work_off_people(models, "days", SETTLED_AT_ONCE, partial(_settle_days, db, models, clock))
    while await _settle_units(db, models, clock.now()):
        pass


async def _settle_days(db: Database, models: Models, clock: Clock, days: Iterable[Document]) -> None:
    wanted, now = wants_days(str(day["_id"]) for day in days), clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await _known(session, db, models, wanted)
        known_days = {id_: cast("Day", found) for id_, found in known["days"].items()}
        await write(session, models, settle(known, known_days, known["employees"], now))

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many days of employees and units wait to be brought up to date."""
    models = generations.of(db, generation)
    waiting = await models["days"].count_documents(await _due(db, clock.now()))
    waiting += await models["unit_days"].count_documents({"factors_seen": {"$lt": await _sets(db)}})
    return waiting + await models[MARKS].count_documents({})


async def _due(db: Database, now: datetime) -> Document:
    return {"$or": [{"due_at": {"$lte": now}}, {"factors_seen": {"$lt": await _sets(db)}}]}


async def _sets(db: Database) -> int:
    return await db.factor_sets.count_documents({})


async def _known(session: AsyncClientSession, db: Database, models: Models, wanted: Any) -> Known:
    return {**await load(session, models, wanted), **await load(session, db, DECIDED)}


async def _settle_units(db: Database, models: Models, now: datetime) -> bool:
    """Some of the units' days that wait, and then their marks are taken away, unless they have been set again since.
    False when none waited. Each day is worked out from what is known, so that they can be settled in any order."""
    waiting = await models[MARKS].find(OF_UNITS).to_list()
    older = {"factors_seen": {"$lt": await _sets(db)}}
    outdated = await models["unit_days"].find(older).sort(BY_BUILDING).limit(UNITS_AT_ONCE).to_list()
    if not waiting and not outdated:
        return False
    places = await load(None, models, PLACES)
    some = sorted(waiting, key=lambda mark: marks.place(places, mark))[:MARKS_AT_ONCE]
    pairs = {(one["unit_id"], one["day"]) for one in outdated} | marks.single(some)
    pairs |= await _with_somebody_away(models, marks.ranges(places, some))
    ids = sorted(f"{unit_id}:{day}" for unit_id, day in pairs)
    held = await models["unit_days"].find({"_id": {"$in": ids}}, {"building_id": 1, "day": 1}).to_list()
    targets = sorted(
        marks.with_neighbours(places, pairs, held), key=lambda at: (at[1], marks.building(places, *at), at[0])
    )
    for batch in (targets[first : first + UNITS_AT_ONCE] for first in range(0, len(targets), UNITS_AT_ONCE)):
        await in_transaction(db, partial(_settle_some, db=db, models=models, targets=batch, now=now))
    await take_away(models, some)
    return True


async def _settle_some(
    session: AsyncClientSession, db: Database, models: Models, targets: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Two workers take turns: one that finds nobody away writes nothing that the other's settlement would cross."""
    await models["turns"].update_one({"_id": "units"}, {"$inc": {"taken": 1}}, upsert=True, session=session)
    places = await load(session, models, PLACES)
    seated = sorted(marks.beside(places, {unit_id for unit_id, _ in targets}))
    wanted = {
        "employees": {"history.unit_id": {"$in": seated}},
        "days": {"position.unit_id": {"$in": seated}, "day": {"$in": sorted({day for _, day in targets})}},
        "unit_days": {"_id": {"$in": [f"{unit_id}:{day}" for unit_id, day in targets]}},
    }
    known = {**places, **await _known(session, db, models, wanted)}
    await write(session, models, settle_units(known, targets, now))


async def _with_somebody_away(models: Models, ranges: Mapping[str, str]) -> marks.Pairs:
    """The days, from each unit's first on, on which somebody is away, or was when the unit was last settled."""
    pairs: marks.Pairs = set()
    either: list[tuple[str, str]] = [("days", "position.unit_id"), ("unit_days", "unit_id")]
    for collection, unit_field in either if ranges else ():
        where = {"$or": [{unit_field: unit_id, "day": {"$gte": first}} for unit_id, first in sorted(ranges.items())]}
        grouped = {"_id": {"unit_id": f"${unit_field}", "day": "$day"}}
        found = await models[collection].aggregate([{"$match": where}, {"$group": grouped}])
        pairs |= {(one["_id"]["unit_id"], one["_id"]["day"]) async for one in found}
    return pairs


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
