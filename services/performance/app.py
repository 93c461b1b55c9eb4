"""Performance's processes."""

from fastapi import APIRouter, FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.performance import api as plans
from services.performance import bulk, opening, reading
from services.performance.decide import plans as plans_
from services.performance.handlers import CONSUMERS, count_anew, count_due, verify
from services.performance.published import PUBLISHING
from services.performance.wording import WORDING
from shared.contracts import performance
from shared.kit import directory, http, logs, published, worker
from shared.kit.clock import Clock
from shared.kit.mongo import Database
from shared.kit.project import MARKS, TOUCHED
from shared.kit.service import Service
from shared.kit.settings import settings

router = APIRouter()
for part in (plans, opening, bulk, reading):
    router.include_router(part.router)


async def chore(db: Database, generation: str, clock: Clock) -> None:
    """What no event brings: days that have passed, and months to be published."""
    await count_anew(db, generation, clock)
    await published.publish_due(PUBLISHING, db, generation, clock)


async def due(db: Database, generation: str, clock: Clock) -> int:
    """How much of it waits."""
    return await count_due(db, generation, clock) + await published.count_due(PUBLISHING, db, generation, clock)


SERVICE = Service(
    publisher=performance.PUBLISHER,
    title="MKD performance",
    about="The agreed outputs of MKD days and office days: logged, verified, returned; and what they come to by day, "
    "employee and unit.",
    router=router,
    indexes={
        **directory.INDEXES,
        **published.INDEXES,
        "plans": (
            IndexModel([("employee_id", 1), ("_id", -1)]),
            IndexModel([("employee_id", 1), ("outputs.progress", 1), ("_id", -1)]),
        ),
    },
    read_models={
        "employees": (),
        "absences": (IndexModel([("employee_id", 1)]),),
        "policies": (),
        MARKS: (),
        TOUCHED: (IndexModel([("month", 1)]),),
        "counted_plans": (IndexModel([("employee_id", 1)]), IndexModel([("due_at", 1)])),
        "result_days": (IndexModel([("month", 1), ("_id", 1)]), IndexModel([("employee_id", 1), ("month", 1)])),
        "employee_months": (IndexModel([("month", 1), ("_id", 1)]), IndexModel([("employee_id", 1), ("month", 1)])),
        "unit_months": (IndexModel([("month", 1), ("_id", 1)]),),
    },
    consumers=CONSUMERS,
    catalogue=WORDING,
    chore=chore,
    due=due,
    verify=verify,
    models_version=2,
    deciders=(plans_,),
    large_bodies={"/v1/plans:log": 2**20, "/v1/plans:judge": 2**20},
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
