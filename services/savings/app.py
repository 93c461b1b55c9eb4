"""Savings' processes."""

from fastapi import APIRouter, FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.savings import api as totals
from services.savings import buildings, explain
from services.savings.decide import factor_sets
from services.savings.handlers import CONSUMERS, count_due, settle_due, verify
from services.savings.published import PUBLISHING
from services.savings.publishing import publish_shipped
from services.savings.wording import WORDING
from shared.contracts import savings
from shared.kit import directory, http, log, logs, published, worker
from shared.kit.clock import Clock
from shared.kit.mongo import Database
from shared.kit.project import MARKS, TOUCHED
from shared.kit.service import Service
from shared.kit.settings import settings


async def seed(db: Database, clock: Clock) -> None:
    """Publish the factor sets that the software ships."""
    await publish_shipped(db, log.Origin("sys-setup", clock.now(), http.traceparent(None)))


router = APIRouter()
router.include_router(totals.router)
router.include_router(explain.router)
router.include_router(buildings.router)


async def chore(db: Database, generation: str, clock: Clock) -> None:
    """What no event brings: days to be settled, and months to be published."""
    await settle_due(db, generation, clock)
    await published.publish_due(PUBLISHING, db, generation, clock)


async def due(db: Database, generation: str, clock: Clock) -> int:
    """How much of it waits."""
    return await count_due(db, generation, clock) + await published.count_due(PUBLISHING, db, generation, clock)


SERVICE = Service(
    publisher=savings.PUBLISHER,
    title="MKD savings",
    about="What realised days saved, and cost in return: fuel, electricity, meals and greenhouse gas, with range, "
    "by factor set and beneficiary.",
    router=router,
    indexes={**directory.INDEXES, **published.INDEXES, "factor_sets": ()},
    read_models={
        "employees": (IndexModel([("history.unit_id", 1)]),),
        "units": (),
        "buildings": (),
        "absences": (IndexModel([("employee_id", 1)]),),
        "policies": (),
        "days": (
            IndexModel([("employee_id", 1), ("day", 1)]),
            IndexModel([("position.unit_id", 1), ("day", 1)]),
            IndexModel([("due_at", 1)]),
            IndexModel([("factors_seen", 1)]),
            IndexModel([("policies_seen", 1)]),
            IndexModel([("counted.month", 1)]),
        ),
        "unit_days": (
            IndexModel([("unit_id", 1), ("day", 1)]),
            IndexModel([("building_id", 1), ("day", 1)]),
            IndexModel([("factors_seen", 1)]),
        ),
        MARKS: (),
        TOUCHED: (IndexModel([("month", 1)]),),
        "turns": (),
        "postings": (
            IndexModel([("employee_id", 1), ("day", 1)]),
            IndexModel([("month", 1), ("_id", 1)]),
            IndexModel([("month", 1), ("at", 1)]),
        ),
        "unit_months": (IndexModel([("month", 1), ("_id", 1)]), IndexModel([("unit_id", 1), ("month", 1)])),
        "employee_months": (
            IndexModel([("month", 1), ("_id", 1)]),
            IndexModel([("employee_id", 1), ("month", 1)]),
            IndexModel(
                [
                    ("month", 1),
                    ("days", 1),
                    ("factor_set_id", 1),
                    ("category", 1),
                    ("beneficiary", 1),
                    ("tier", 1),
                    ("scope", 1),
                    ("unit_id", 1),
                    ("employee_id", 1),
                ],
                name="people_by_scope",
            ),
        ),
        "completeness": (IndexModel([("month", 1), ("_id", 1)]),),
        "people_months": (
            IndexModel(
                [
                    ("month", 1),
                    ("unit_id", 1),
                    ("employee_id", 1),
                    ("factor_set_id", 1),
                    ("days_agreed", 1),
                    ("days_realised", 1),
                ],
                name="people",
            ),
        ),
    },
    consumers=CONSUMERS,
    catalogue=WORDING,
    seed=seed,
    chore=chore,
    due=due,
    verify=verify,
    deciders=(factor_sets,),
    models_version=2,
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
