"""Units' days that wait to be settled, after their people's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.factor_set.queries import how_many, known_of
from services.savings.unit_day import rules as marks
from services.savings.unit_day.projection import settle_units
from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging.jobs import each_alone, left_out
from shared.kit.process.service import Job
from shared.kit.projections.projector import MARKS, load, take_away, write
from shared.kit.projections.writeset import Changes, Wanted

NAME = "savings.settle-units"
MARKS_AT_ONCE = 200
UNITS_AT_ONCE = 200
"""What a transaction writes must fit into a part of the database's cache, and a unit's day is a row for each person."""
PLACES: Wanted = {"units": {}, "buildings": {}}
BY_BUILDING = [("building_id", 1), ("day", 1)]
"""The units of a building are settled together: in this order few are settled again with a later batch."""
OF_UNITS = {"employee_id": {"$exists": False}}


async def settle_marked(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date the units' days that a new factor set concerns, or that people's days or the reference data have
    touched."""
    while await _settle_units(db, generation, clock.now()):
        pass


async def count_due(db: Database, generation: str, _: Clock) -> int:
    """How many days and marks wait, but for those set aside for a human."""
    models = generations.of(db, generation)
    aside = await left_out(db, generations.group_of(NAME, generation))
    waiting = await models["unit_days"].count_documents(await _outdated(db, aside))
    return waiting + await models[MARKS].count_documents({"_id": {"$nin": marks.ids_of(aside)}})


async def _outdated(db: Database, aside: Sequence[str]) -> Document:
    return {"factors_seen": {"$lt": await how_many(db)}, "_id": {"$nin": list(aside)}}


async def _settle_units(db: Database, generation: str, now: datetime) -> bool:
    """Some of the units' days that wait, and then their marks are taken away, unless they have been set again since.
    False when none waited. Each day is worked out from what is known, so that they can be settled in any order. One
    that is set aside keeps a mark of its own, which is looked at again when a human has seen to it."""
    models, job = generations.of(db, generation), generations.group_of(NAME, generation)
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
        known = {**places, **await known_of(session, db, models, wanted)}
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


SETTLE_UNITS = Job(NAME, settle_marked, count_due)
