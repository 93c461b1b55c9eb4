"""What performance hears, the command that each event becomes, and the days that it counts when they have passed."""

from collections.abc import Mapping, Sequence
from functools import partial

from pymongo.asynchronous.client_session import AsyncClientSession

from services.performance import queries
from services.performance.decide import ClosePlan, OpenPlan, plans
from services.performance.results import TAKES, fold, plans_in, settle, wants, wants_plans
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.requests import RequestWithdrawn
from shared.kit import generations, jobs, log
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.directory import directory, erasures
from shared.kit.generations import Models
from shared.kit.mongo import Database, in_transaction
from shared.kit.project import MARKS, Projection, load, project, take_away, work_off_people, write
from shared.kit.react import Reaction, react

COUNT = "performance.count"
COUNTED_AT_ONCE = 500
VERIFIED_PLANS = 1000
WHOSE = {"employee_id": 1}
OF_A_POLICY = {"policy_id": {"$exists": True}}


def open_plan(event: RequestApproved) -> OpenPlan:
    return OpenPlan(event)


def close_plan(event: RequestWithdrawn | ApprovalRevoked) -> ClosePlan:
    return ClosePlan(event.request_id, event.employee_id, event.days)


async def give_way(
    session: AsyncClientSession, db: Database, event: RequestApproved
) -> Sequence[tuple[str, ClosePlan]]:
    """Office plans of days that were approved as MKD, and that were not taken back meanwhile, give those days up."""
    held = {"_id": {"$in": [f"office:{event.employee_id}:{day}" for day in event.days]}}
    holders = [id_ async for claim in db.claims.find(held, session=session) for id_ in claim["holders"]]
    plans_at_the_office = sorted({id_ for id_ in holders if id_.startswith("off-")})
    if not plans_at_the_office:
        return []
    mine = (await log.load(db, plans, event.request_id, session)).state
    days = tuple(day for day in event.days if mine is None or day not in mine.taken)
    return [(id_, ClosePlan(id_, event.employee_id, days)) for id_ in plans_at_the_office] if days else []


CONSUMERS = (
    directory("performance.directory", keep=(EmployeeRecorded, ActingRecorded, UnitRecorded)),
    erasures("performance.erasures"),
    react(
        "performance.plans",
        hears=(approvals.PUBLISHER, requests.PUBLISHER),
        reactions={
            RequestApproved: Reaction(plans, open_plan, before=give_way),
            ApprovalRevoked: Reaction(plans, close_plan),
            RequestWithdrawn: Reaction(plans, close_plan),
        },
    ),
    project(
        "performance.results",
        hears=(organisation.PUBLISHER, performance.PUBLISHER, requests.PUBLISHER),
        projection=Projection(TAKES, wants, fold),
    ),
)


async def count_anew(db: Database, generation: str, clock: Clock) -> None:
    """Count the days that have passed since, which no event tells, those of people whose terms or absences have
    changed, and those of which the rules now say otherwise whether they are worked. They are counted once, by this
    chore, rather than on every read, so that a month is a sum that is there, pages in any order, and changes only when
    its results do."""
    models = generations.of(db, generation)
    await work_off_people(models, "counted_plans", COUNTED_AT_ONCE, partial(_again, models, clock))
    if marks := await models[MARKS].find(OF_A_POLICY).to_list():
        await queries.count_otherwise(models, clock.now())
        await take_away(models, marks)
    while due := await models["counted_plans"].find(await _due(db, clock), WHOSE).limit(COUNTED_AT_ONCE).to_list():
        plans_by_id = {one["_id"]: one for one in due}
        await jobs.each_alone(db, COUNT, list(plans_by_id), partial(_count, db, models, clock, plans_by_id))


async def _again(models: Models, clock: Clock, some: Sequence[Document]) -> None:
    """Plans are due that were not: what cannot be counted is left out then as any other."""
    these = {"_id": {"$in": [plan["_id"] for plan in some]}}
    await models["counted_plans"].update_many(these, {"$set": {"due_at": clock.now()}})


async def _count(db: Database, models: Models, clock: Clock, due: Mapping[str, Document], some: Sequence[str]) -> None:
    now = clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await load(session, models, wants_plans([due[id_] for id_ in some]))
        await write(session, models, settle(known, plans_in(known), now))

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many plans have a day that has passed and is not counted yet, and how many people's are to be looked at."""
    models = generations.of(db, generation)
    passed = await models["counted_plans"].count_documents(await _due(db, clock))
    return passed + await models[MARKS].count_documents({})


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: plans, drawn at random, that come to something else when they are
    counted again, and totals that do not add up to what the plans count."""
    models = generations.of(db, generation)
    drawn = await models["counted_plans"].aggregate([{"$sample": {"size": VERIFIED_PLANS}}, {"$project": WHOSE}])
    known = await load(None, models, wants_plans(await drawn.to_list()))
    again = settle(known, plans_in(known), clock.now())
    faults = [f"{id_} is counted otherwise" for id_ in again.add.get("result_days", {})]
    return faults + await queries.unbalanced(models)


async def _due(db: Database, clock: Clock) -> Document:
    return {"due_at": {"$lte": clock.now()}, "_id": {"$nin": await jobs.left_out(db, COUNT)}}
