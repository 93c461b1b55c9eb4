"""Employees' days that no event brings up to date."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.employee_day.projection import load_plan_of_days, settle
from services.savings.factor_set.queries import how_many, known_of
from services.savings.month import queries
from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging.jobs import each_alone, left_out
from shared.kit.process.service import Job
from shared.kit.projections.projector import work_off_people, write

NAME = "savings.settle-days"
SETTLED_AT_ONCE = 500
VERIFIED_DAYS = 500
NEVER = -1


async def settle_days(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date what no event will: days whose date has passed, days that a new factor set, another policy, or a
    person's new terms or absences concern. What one day fails on is set aside with it, and the others go on."""
    models = generations.of(db, generation)
    await work_off_people(models, "days", SETTLED_AT_ONCE, partial(_look_again, models))
    job = generations.group_of(NAME, generation)
    while (
        due := await models["days"].find(await _due(db, generation, clock.now()), {"_id": 1}).to_list(SETTLED_AT_ONCE)
    ):
        await each_alone(db, job, [str(day["_id"]) for day in due], partial(_settle_days, db, models, clock))


async def _look_again(models: Models, days: Sequence[Document]) -> None:
    """A mark becomes that of each day: one that fails keeps it."""
    ids = [day["_id"] for day in days]
    await models["days"].update_many({"_id": {"$in": ids}}, {"$set": {"factors_seen": NEVER}})


async def _settle_days(db: Database, models: Models, clock: Clock, ids: Sequence[str]) -> None:
    wanted, now = load_plan_of_days(ids), clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await known_of(session, db, models, wanted)
        await write(session, models, settle(known, known["days"], now), NAME)

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many days wait, but for those set aside for a human."""
    return await generations.of(db, generation)["days"].count_documents(await _due(db, generation, clock.now()))


async def _due(db: Database, generation: str, now: datetime) -> Document:
    """Days that time has reached, or that have not been looked at with all sets and policies that there are."""
    policies = await generations.of(db, generation)["policies"].count_documents({})
    seen = [{"factors_seen": {"$lt": await how_many(db)}}, {"policies_seen": {"$lt": policies}}]
    aside = await left_out(db, generations.group_of(NAME, generation))
    return {"$or": [{"due_at": {"$lte": now}}, *seen], **({"_id": {"$nin": aside}} if aside else {})}


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: days that are worth something else when they are worked out again,
    drawn at random, and totals that are not the sum of their rows."""
    models = generations.of(db, generation)
    aside = await left_out(db, generations.group_of(NAME, generation))
    whole, some = {"$match": {"_id": {"$nin": aside}}}, {"$sample": {"size": VERIFIED_DAYS}}
    drawn = await models["days"].aggregate([whole, some, {"$project": {"_id": 1}}])
    wanted = load_plan_of_days([str(one["_id"]) async for one in drawn])
    known = await known_of(None, db, models, wanted)
    again = settle(known, known["days"], clock.now())
    faults = [f"day {row['day_id']} is posted otherwise" for row in again.insert.get("postings", [])]
    return faults + await queries.unbalanced(models)


SETTLE_DAYS = Job(NAME, settle_days, count_due)
