"""Units' days that wait to be settled, after their people's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.factor_set.queries import how_many, known_of
from services.savings.ledger.model import DayKey
from services.savings.presence import UNITS_BY_ID
from services.savings.unit_day import rules
from services.savings.unit_day.projection import settle_units
from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging.jobs import in_turns, left_out
from shared.kit.process.service import Job
from shared.kit.projections.projector import INVALIDATIONS, load, take_away, write
from shared.kit.projections.writeset import LoadPlan, WriteSet

NAME = "savings.settle-units"
MARKS_AT_ONCE = 200
UNITS_AT_ONCE = 200
"""What a transaction writes must fit into a part of the database's cache, and a unit's day is a row for each person."""
PLACES: LoadPlan = {"units": {}, "buildings": {}}
WHEREABOUTS: Mapping[str, Sequence[str]] = {
    "employees": tuple(f"history.{name}" for name in ("effective_from", "unit_id", "active", "grade")),
}
"""What places people: what is known of them is more, and there are many."""
BY_BUILDING = [("building_id", 1), ("day", 1)]
"""The units of a building are settled together: in this order few are settled again with a later batch."""
OF_UNITS = {"employee_id": {"$exists": False}}


async def settle_marked(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date the units' days that a new factor set concerns, or that people's days or the reference data have
    touched until now. What is touched meanwhile waits for the next run, so that days are not settled with every batch
    that is heard."""
    until = ObjectId()
    while await _settle_units(db, generation, clock.now(), until):
        pass


async def count_due(db: Database, generation: str, _: Clock) -> int:
    """How many days and marks wait, but for those set aside for a human."""
    models = generations.of(db, generation)
    aside = await left_out(db, generations.group_of(NAME, generation))
    waiting = await models["unit_days"].count_documents(await _outdated(db, aside))
    return waiting + await models[INVALIDATIONS].count_documents(_but_for(aside))


def _but_for(aside: Iterable[str]) -> Document:
    """A filter of marks, but for those of single days that are set aside."""
    days = [{"unit_id": key.whose, "first": key.day, "last": key.day} for key in map(DayKey.of, sorted(aside))]
    return {"$nor": days} if days else {}


async def _outdated(db: Database, aside: Sequence[str]) -> Document:
    return {"factors_seen": {"$lt": await how_many(db)}, "_id": {"$nin": list(aside)}}


async def _settle_units(db: Database, generation: str, now: datetime, until: ObjectId) -> bool:
    """Some of the units' days that wait, and then their marks are taken away, unless they have been set again since.
    False when none waited that was marked before `until`. Each day is worked out from what is known, so that they can
    be settled in any order. One that is set aside keeps a mark of its own, which is looked at again when a human has
    seen to it."""
    models, job = generations.of(db, generation), generations.group_of(NAME, generation)
    aside = set(await left_out(db, job))
    marked = {**OF_UNITS, **_but_for(aside), "setting": {"$not": {"$gt": until}}}
    waiting = await models[INVALIDATIONS].find(marked).to_list()
    outdated = (
        await models["unit_days"].find(await _outdated(db, sorted(aside))).sort(BY_BUILDING).to_list(UNITS_AT_ONCE)
    )
    if not waiting and not outdated:
        return False
    units = UNITS_BY_ID.validate_python((await load(None, models, {"units": {}}))["units"])
    pairs = zip(waiting, rules.read(waiting), strict=True)
    first = sorted(pairs, key=lambda pair: rules.order(units, pair[1]))[:MARKS_AT_ONCE]
    some, invalid = [mark for mark, _ in first], [one for _, one in first]
    days = {DayKey(one["unit_id"], one["day"]) for one in outdated} | rules.single(invalid)
    days |= await _with_somebody_away(models, rules.ranges(units, invalid))
    held = models["unit_days"].find({"_id": {"$in": sorted(map(str, days))}}, {"building_id": 1})
    were = {DayKey.of(one["_id"]): one["building_id"] async for one in held}
    targets = sorted(
        rules.with_neighbours(units, days, were), key=lambda key: (key.day, rules.building_on(units, key), key.whose)
    )
    due = [str(key) for key in targets]
    others = [id_ for id_ in due if id_ not in aside]
    await in_turns(db, job, others, UNITS_AT_ONCE, partial(_settle_some, db, models, now))
    await _invalidate(db, models, set(due) & set(await left_out(db, job)))
    await take_away(models, some)
    return True


async def _invalidate(db: Database, models: Models, aside: Iterable[str]) -> None:
    again = WriteSet.of(rules.of_day(DayKey.of(id_)) for id_ in sorted(aside))
    await in_transaction(db, partial(write, db=models, changes=again, by=NAME))


async def _settle_some(db: Database, models: Models, now: datetime, ids: Sequence[str]) -> None:
    targets = [DayKey.of(id_) for id_ in ids]

    async def work(session: AsyncClientSession) -> None:
        """A worker that has lost its lease unnoticed must cross the one that has it: it would write what it read before
        otherwise, where the other found nobody away and wrote nothing."""
        await models["turns"].update_one({"_id": "units"}, {"$inc": {"taken": 1}}, upsert=True, session=session)
        places = await load(session, models, PLACES)
        units = UNITS_BY_ID.validate_python(places["units"])
        seated = sorted(rules.beside(units, {key.whose for key in targets}))
        days = sorted({key.day for key in targets})
        wanted: LoadPlan = {
            "employees": {"history.unit_id": {"$in": seated}},
            "away": {"unit_id": {"$in": seated}, "day": {"$in": days}},
            "unit_days": {"_id": {"$in": list(ids)}},
            "employee_totals": {
                "unit_id": {"$in": sorted({key.whose for key in targets})},
                "month": {"$in": sorted({key.month for key in targets})},
            },
        }
        known = {**places, **await known_of(session, db, models, wanted, WHEREABOUTS)}
        absent = {"employee_id": {"$in": sorted(known["employees"])}, "history": _about(days)}
        found = {**known, **await load(session, models, {"absences": absent})}
        await write(session, models, settle_units(found, targets, now), NAME)

    await in_transaction(db, work)


def _about(days: Sequence[str]) -> Document:
    """A filter of histories that say something of those days."""
    return {"$elemMatch": {"effective_from": {"$lte": days[-1]}, "ends_on": {"$gte": days[0]}}}


async def _with_somebody_away(models: Models, ranges: Mapping[str, tuple[str, str]]) -> set[DayKey]:
    """The days, from each unit's first to its last, on which somebody is away, or was when it was last settled."""
    days: set[DayKey] = set()
    each = [{"unit_id": id_, "day": {"$gte": first, "$lte": last}} for id_, (first, last) in sorted(ranges.items())]
    for collection in ("away", "unit_days") if each else ():
        found = models[collection].find({"$or": each}, {"unit_id": 1, "day": 1})
        days |= {DayKey(one["unit_id"], one["day"]) async for one in found}
    return days


SETTLE_UNITS = Job(NAME, settle_marked, count_due, rests_while_hearing=True)
