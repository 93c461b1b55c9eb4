"""Organisation's processes."""

from fastapi import FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.organisation.api import router
from services.organisation.wording import WORDING
from shared.contracts import organisation
from shared.kit import directory, http, logs, worker
from shared.kit.service import Service
from shared.kit.settings import settings

SERVICE = Service(
    publisher=organisation.PUBLISHER,
    title="MKD organisation",
    about="Units, positions with the two MKD criteria, and employees; effective-dated, loaded from sheets.",
    router=router,
    indexes={
        **directory.INDEXES,
        "codes": (IndexModel([("id", 1)]),),
        "people": (IndexModel([("nip", 1)], unique=True),),
        "imports": (IndexModel([("key", 1)], unique=True),),
    },
    catalogue=WORDING,
    body_limit_bytes=16 * 1024 * 1024,
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
