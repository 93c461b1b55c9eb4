"""Requests' processes."""

from pathlib import Path

import structlog
from fastapi import FastAPI
from pymongo import IndexModel
from starlette.applications import Starlette

from services.requests import queries
from services.requests.api import router
from services.requests.decide import Publish, policies
from services.requests.decide import requests as requests_
from services.requests.handlers import CONSUMERS
from services.requests.wording import WORDING
from shared.contracts import requests
from shared.contracts.requests import PolicyPublished
from shared.kit import directory, http, log, logs, worker
from shared.kit.clock import Clock
from shared.kit.decider import Refused
from shared.kit.mongo import Database
from shared.kit.service import Service
from shared.kit.settings import settings

logger = structlog.get_logger()


async def seed(db: Database, clock: Clock) -> None:
    """Publish the policies that the software ships, once each; where the instance has corrected one of them itself, its
    own rules stay."""
    for file in sorted((Path(__file__).parent / "policies").glob("*.json"), key=lambda file: file.stem):
        policy = PolicyPublished.model_validate_json(file.read_bytes())
        origin = log.Origin("sys-setup", clock.now(), http.traceparent(None))
        command = Publish(policy, await queries.policies(db))
        try:
            await log.transact(db, policies, policy.policy_id, command, origin)
        except Refused as refused:
            logger.warning("policy-not-shipped", policy_id=policy.policy_id, rule=refused.violations[0].rule)


SERVICE = Service(
    publisher=requests.PUBLISHER,
    title="MKD requests",
    about="Days asked for at another place or time, for agreed outputs, within the rules in force.",
    router=router,
    indexes={
        **directory.INDEXES,
        "requests": (IndexModel([("employee_id", 1), ("_id", -1)]),),
        "policies": (),
    },
    consumers=CONSUMERS,
    catalogue=WORDING,
    seed=seed,
    deciders=(requests_, policies),
)


def api() -> FastAPI:
    logs.configure(SERVICE.name, "api")
    return http.api(SERVICE, settings())


def work() -> Starlette:
    logs.configure(SERVICE.name, "worker")
    return worker.worker(SERVICE, settings())
