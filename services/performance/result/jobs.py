"""The days that are counted when they have passed, and again when what they depend on changes."""

from collections.abc import Mapping, Sequence
from functools import partial

from pymongo.asynchronous.client_session import AsyncClientSession

from services.performance.result import queries
from services.performance.result.projection import load_plan_of_plans, settle
from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging import jobs
from shared.kit.process.service import Job
from shared.kit.projections.projector import INVALIDATIONS, load, take_away, work_off_people, write

COUNT = "performance.count"
COUNTED_AT_ONCE = 500
VERIFIED_PLANS = 1000
WHOSE = {"employee_id": 1}
OF_A_POLICY = {"policy_id": {"$exists": True}}


async def count_anew(db: Database, generation: str, clock: Clock) -> None:
    """Count the days that have passed since, which no event tells, those of people whose terms or absences have
    changed, and those of which the rules now say otherwise whether they are worked. They are counted once, by this
    chore, rather than on every read, so that a month is a sum that is there, pages in any order, and changes only when
    its results do."""
    models = generations.of(db, generation)
    await work_off_people(models, "counted_plans", COUNTED_AT_ONCE, partial(_again, models, clock))
    if marks := await models[INVALIDATIONS].find(OF_A_POLICY).to_list():
        await queries.count_otherwise(models, clock.now())
        await take_away(models, marks)
    while due := await models["counted_plans"].find(await _due(db, clock), WHOSE).limit(COUNTED_AT_ONCE).to_list():
        employees = _whose(due)
        work = partial(_count, db, models, clock, employees)
        await jobs.in_turns(db, COUNT, list(employees), COUNTED_AT_ONCE, work)


async def _again(models: Models, clock: Clock, some: Sequence[Document]) -> None:
    """Plans are due that were not: what cannot be counted is left out then as any other."""
    these = {"_id": {"$in": [plan["_id"] for plan in some]}}
    await models["counted_plans"].update_many(these, {"$set": {"due_at": clock.now()}})


async def _count(db: Database, models: Models, clock: Clock, employees: Mapping[str, str], some: Sequence[str]) -> None:
    now = clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await load(session, models, load_plan_of_plans({id_: employees[id_] for id_ in some}))
        await write(session, models, settle(known, known["counted_plans"], now), COUNT)

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many plans have a day that has passed and is not counted yet, and how many people's are to be looked at."""
    models = generations.of(db, generation)
    passed = await models["counted_plans"].count_documents(await _due(db, clock))
    return passed + await models[INVALIDATIONS].count_documents({})


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: plans, drawn at random, that come to something else when they are
    counted again, and totals that do not add up to what the plans count."""
    models = generations.of(db, generation)
    drawn = await models["counted_plans"].aggregate([{"$sample": {"size": VERIFIED_PLANS}}, {"$project": WHOSE}])
    known = await load(None, models, load_plan_of_plans(_whose(await drawn.to_list())))
    again = settle(known, known["counted_plans"], clock.now())
    faults = [f"{id_} is counted otherwise" for id_ in again.add.get("result_days", {})]
    return faults + await queries.unbalanced(models)


def _whose(plans: Sequence[Document]) -> dict[str, str]:
    """By id, whose each is."""
    return {plan["_id"]: plan["employee_id"] for plan in plans}


async def _due(db: Database, clock: Clock) -> Document:
    return {"due_at": {"$lte": clock.now()}, "_id": {"$nin": await jobs.left_out(db, COUNT)}}


COUNT_DAYS = Job(COUNT, count_anew, count_due)
