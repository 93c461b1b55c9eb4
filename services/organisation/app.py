"""Organisation's processes."""

from fastapi import FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.organisation import staging
from services.organisation.api import router
from services.organisation.decide import erasures
from services.organisation.entries import DECIDERS
from services.organisation.takeover import count_due, go_on
from services.organisation.wording import WORDING
from shared.contracts import organisation
from shared.kit import directory, http, logs, worker
from shared.kit.service import Service
from shared.kit.settings import settings

SERVICE = Service(
    publisher=organisation.PUBLISHER,
    title="MKD organisation",
    about="Units, buildings, positions with the two MKD criteria, employees and mandates; effective-dated, loaded from "
    "sheets and exported as such.",
    router=router,
    indexes={
        **directory.INDEXES,
        "codes": (IndexModel([("id", 1)]),),
        "people": (IndexModel([("nip", 1)], unique=True),),
        "erasures": (IndexModel([("employee_id", 1)]),),
        "imports": (
            IndexModel([("key", 1)], unique=True),
            IndexModel([("status", 1)]),
            IndexModel([("expires_at", 1)], expireAfterSeconds=0),
        ),
        "staged_rows": (
            IndexModel([("import_id", 1), *staging.BY_CODE]),
            IndexModel([("people", 1)]),
            IndexModel([("expires_at", 1)], expireAfterSeconds=0),
        ),
    },
    catalogue=WORDING,
    chore=go_on,
    due=count_due,
    deciders=(*DECIDERS.values(), erasures),
    large_bodies={"/v1/imports": 32 * 1024 * 1024},
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
