"""What savings hears, and the days that it brings up to date when no event does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings import marks, queries
from services.savings.net import Day
from services.savings.projection import TAKES, fold, wants, wants_days
from services.savings.settle import settle, settle_units
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.kit import generations
from shared.kit.changes import Changes, Known, Wanted
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.directory import directory
from shared.kit.generations import Models
from shared.kit.jobs import each_alone, left_out
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
DAYS_JOB, UNITS_JOB = "savings.settle-days", "savings.settle-units"
NEVER = -1
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
    """Bring up to date what no event will: days whose date has passed, days that a new factor set, another policy, or a
    person's new terms or absences concern, and then the units' days that any of these, or the reference data, have
    touched. What one day fails on is set aside with it, and the others go on."""
    models = generations.of(db, generation)
    await work_off_people(models, "days", SETTLED_AT_ONCE, partial(_look_again, models))
    job = generations.group_of(DAYS_JOB, generation)
    while (
        due := await models["days"].find(await _due(db, generation, clock.now()), {"_id": 1}).to_list(SETTLED_AT_ONCE)
    ):
        await each_alone(db, job, [str(day["_id"]) for day in due], partial(_settle_days, db, models, clock))
    while await _settle_units(db, generation, clock.now()):
        pass


async def _look_again(models: Models, days: Sequence[Document]) -> None:
    """A mark becomes that of each day: one that fails keeps it."""
    ids = [day["_id"] for day in days]
    await models["days"].update_many({"_id": {"$in": ids}}, {"$set": {"factors_seen": NEVER}})


async def _settle_days(db: Database, models: Models, clock: Clock, ids: Sequence[str]) -> None:
    wanted, now = wants_days(ids), clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await _known(session, db, models, wanted)
        await write(session, models, settle(known, {id_: cast("Day", one) for id_, one in known["days"].items()}, now))

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many days of employees and units wait to be brought up to date, but for those set aside for a human."""
    models = generations.of(db, generation)
    waiting = await models["days"].count_documents(await _due(db, generation, clock.now()))
    aside = await left_out(db, generations.group_of(UNITS_JOB, generation))
    waiting += await models["unit_days"].count_documents(await _outdated(db, aside))
    return waiting + await models[MARKS].count_documents({"_id": {"$nin": marks.ids_of(aside)}})


async def _due(db: Database, generation: str, now: datetime) -> Document:
    """Days that time has reached, or that have not been looked at with all sets and policies that there are."""
    policies = await generations.of(db, generation)["policies"].count_documents({})
    seen = [{"factors_seen": {"$lt": await _sets(db)}}, {"policies_seen": {"$lt": policies}}]
    aside = await left_out(db, generations.group_of(DAYS_JOB, generation))
    return {"$or": [{"due_at": {"$lte": now}}, *seen], **({"_id": {"$nin": aside}} if aside else {})}


async def _outdated(db: Database, aside: Sequence[str]) -> Document:
    return {"factors_seen": {"$lt": await _sets(db)}, "_id": {"$nin": list(aside)}}


async def _sets(db: Database) -> int:
    return await db.factor_sets.count_documents({})


async def _known(session: AsyncClientSession | None, db: Database, models: Models, wanted: Wanted) -> Known:
    return {**await load(session, models, wanted), **await load(session, db, DECIDED)}


async def _settle_units(db: Database, generation: str, now: datetime) -> bool:
    """Some of the units' days that wait, and then their marks are taken away, unless they have been set again since.
    False when none waited. Each day is worked out from what is known, so that they can be settled in any order. One
    that is set aside keeps a mark of its own, which is looked at again when a human has seen to it."""
    models, job = generations.of(db, generation), generations.group_of(UNITS_JOB, generation)
    aside = set(await left_out(db, job))
    waiting = await models[MARKS].find({**OF_UNITS, "_id": {"$nin": marks.ids_of(aside)}}).to_list()
    outdated = (
        await models["unit_days"].find(await _outdated(db, sorted(aside))).sort(BY_BUILDING).to_list(UNITS_AT_ONCE)
    )
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
    due = [f"{unit_id}:{day}" for unit_id, day in targets]
    for first in range(0, len(due), UNITS_AT_ONCE):
        batch = [id_ for id_ in due[first : first + UNITS_AT_ONCE] if id_ not in aside]
        if batch:
            await each_alone(db, job, batch, partial(_settle_some, db, models, now))
    await _mark_again(db, models, set(due) & set(await left_out(db, job)))
    await take_away(models, some)
    return True


async def _mark_again(db: Database, models: Models, aside: Iterable[str]) -> None:
    changes = Changes()
    for unit_id, _, day in (id_.partition(":") for id_ in sorted(aside)):
        marks.unsettle(changes, unit_id, day, day)
    await in_transaction(db, partial(write, db=models, changes=changes))


async def _settle_some(db: Database, models: Models, now: datetime, ids: Sequence[str]) -> None:
    targets = [(unit_id, day) for unit_id, _, day in (id_.partition(":") for id_ in ids)]

    async def work(session: AsyncClientSession) -> None:
        """Two workers take turns: one that finds nobody away writes nothing that the other's settlement would cross."""
        await models["turns"].update_one({"_id": "units"}, {"$inc": {"taken": 1}}, upsert=True, session=session)
        places = await load(session, models, PLACES)
        seated = sorted(marks.beside(places, {unit_id for unit_id, _ in targets}))
        days = sorted({day for _, day in targets})
        wanted: Wanted = {
            "employees": {"history.unit_id": {"$in": seated}},
            "days": {"position.unit_id": {"$in": seated}, "day": {"$in": days}},
            "unit_days": {"_id": {"$in": list(ids)}},
        }
        known = {**places, **await _known(session, db, models, wanted)}
        absent = {"employee_id": {"$in": sorted(known["employees"])}, "history": _about(days)}
        known |= await load(session, models, {"absences": absent})
        await write(session, models, settle_units(known, targets, now))

    await in_transaction(db, work)


def _about(days: Sequence[str]) -> Document:
    """A filter of histories that say something of those days."""
    return {"$elemMatch": {"effective_from": {"$lte": days[-1]}, "ends_on": {"$gte": days[0]}}}


async def _with_somebody_away(models: Models, ranges: Mapping[str, tuple[str, str]]) -> marks.Pairs:
    """The days, from each unit's first to its last, on which somebody is away, or was when it was last settled."""
    pairs: marks.Pairs = set()
    either: list[tuple[str, str]] = [("days", "position.unit_id"), ("unit_days", "unit_id")]
    for collection, unit_field in either if ranges else ():
        each = [
            {unit_field: id_, "day": {"$gte": first, "$lte": last}} for id_, (first, last) in sorted(ranges.items())
        ]
        where = {"$or": each}
        grouped = {"_id": {"unit_id": f"${unit_field}", "day": "$day"}}
        found = await models[collection].aggregate([{"$match": where}, {"$group": grouped}])
        pairs |= {(one["_id"]["unit_id"], one["_id"]["day"]) async for one in found}
    return pairs


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: days that are worth something else when they are worked out again,
    drawn at random, and totals that are not the sum of their rows."""
    models = generations.of(db, generation)
    aside = await left_out(db, generations.group_of(DAYS_JOB, generation))
    whole, some = {"$match": {"_id": {"$nin": aside}}}, {"$sample": {"size": VERIFIED_DAYS}}
    drawn = await models["days"].aggregate([whole, some, {"$project": {"_id": 1}}])
    wanted = wants_days([str(one["_id"]) async for one in drawn])
    known = await _known(None, db, models, wanted)
    again = settle(known, {id_: cast("Day", one) for id_, one in known["days"].items()}, clock.now())
    faults = [f"day {row['day_id']} is posted otherwise" for row in again.insert.get("postings", [])]
    return faults + await queries.unbalanced(models)
