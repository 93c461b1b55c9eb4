"""Approvals' processes."""

from fastapi import FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.approvals.api import router
from services.approvals.decide import cases
from services.approvals.handlers import CONSUMERS, close_lapsed, count_due
from services.approvals.wording import WORDING
from shared.contracts import approvals
from shared.kit import directory, http, logs, worker
from shared.kit.service import Service
from shared.kit.settings import settings

SERVICE = Service(
    publisher=approvals.PUBLISHER,
    title="MKD approvals",
    about="The superior's desk: cases to approve, reject, return or revoke, one by one or many at once.",
    router=router,
    indexes={
        **directory.INDEXES,
        "cases": (IndexModel([("employee_id", 1), ("status", 1), ("_id", -1)]), IndexModel([("lapses_at", 1)])),
    },
    consumers=CONSUMERS,
    catalogue=WORDING,
    chore=close_lapsed,
    due=count_due,
    deciders=(cases,),
    large_bodies={"/v1/cases:decide": 1024 * 1024},
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
