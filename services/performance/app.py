"""Performance's processes."""

from fastapi import FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.performance.api import router
from services.performance.handlers import CONSUMERS
from services.performance.wording import WORDING
from shared.contracts import performance
from shared.kit import directory, http, logs, worker
from shared.kit.service import Service
from shared.kit.settings import settings

SERVICE = Service(
    publisher=performance.PUBLISHER,
    title="MKD performance",
    about="The agreed outputs of approved days: logged, verified, returned.",
    router=router,
    indexes={**directory.INDEXES, "plans": (IndexModel([("employee_id", 1), ("_id", -1)]),)},
    consumers=CONSUMERS,
    catalogue=WORDING,
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
