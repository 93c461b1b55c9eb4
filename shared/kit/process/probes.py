"""What a worker answers about itself: probes, metrics, and what it says and hears.

All of it is for operators. A worker listens on loopback, or inside the network that its containers share; who reaches
its port sees it, so that none of it holds a name, free text or the value of a record.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pymongo
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

from shared.kit.base import generations
from shared.kit.process import status
from shared.kit.process.asyncapi import asyncapi
from shared.kit.process.lagging import Lag

if TYPE_CHECKING:
    from shared.kit.process.worker import Worker

LIVE_WITHIN_S = 60
ASKED_WITHIN_S = 3
"""How long MongoDB and Kafka may each take to tell how things are: a scrape and a reader are answered in any case."""


def probes(at_work: "Worker", lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The routes of a worker."""
    asked = Probes(at_work)
    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/livez", asked.livez),
            Route("/readyz", asked.readyz),
            Route("/metrics", asked.metrics),
            Route("/asyncapi.json", asked.asyncapi),
        ],
    )


class Probes:
    """Each question that a worker is asked."""

    def __init__(self, at_work: "Worker") -> None:
        self._of = at_work

    async def livez(self, _: Request) -> Response:
        """Whether the event loop and the watch still run; never whether others do."""
        late_s = self._of.heartbeat_age_s
        return JSONResponse({"heartbeat_age_seconds": round(late_s, 1)}, 200 if late_s < LIVE_WITHIN_S else 503)

    async def readyz(self, _: Request) -> Response:
        """Whether this worker can do its work now."""
        checks = await self._of.checks()
        return JSONResponse(checks, 200 if all(checks.values()) else 503)

    async def metrics(self, _: Request) -> Response:
        """Metrics, brought up to now as far as MongoDB and Kafka answer."""
        checks = await self._of.checks()
        for check, good in checks.items():
            self._of.metrics.ready.labels(check).set(good)
        if not (checks["mongodb"] and await self._told()):
            status.unknown(self._of.metrics, self._of.runners, self._of.service.jobs)
        status.tell_lag(self._of.metrics, self._of.runners, await self._lag(checks))
        return Response(generate_latest(self._of.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def asyncapi(self, _: Request) -> Response:
        """What this service says and hears on Kafka."""
        return JSONResponse(asyncapi(self._of.service))

    async def _told(self) -> bool:
        """Set all that MongoDB tells; false where it does not answer."""
        worker = self._of
        try:
            with pymongo.timeout(ASKED_WITHIN_S):
                pending = await worker.service.pending(worker.db, worker.generation, worker.clock)
                await status.tell(worker.metrics, worker.db, worker.runners, pending)
        except PyMongoError:
            return False
        return True

    async def _lag(self, checks: Mapping[str, bool]) -> Lag | None:
        """The lag, unless MongoDB or Kafka does not answer, or this worker does not fill yet what answers."""
        if not (checks["mongodb"] and checks["kafka"]):
            return None
        try:
            async with asyncio.timeout(ASKED_WITHIN_S):
                here = await generations.live(self._of.db) == self._of.generation
                return await self._of.lag() if here else None
        except (KafkaError, PyMongoError, TimeoutError):
            return None
