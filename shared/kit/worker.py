"""How a service's worker is built: it hears, relays and does what time brings, and says how it is."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

from shared.kit import kafka, redrive, tasks
from shared.kit.asyncapi import asyncapi
from shared.kit.consumer import Runner
from shared.kit.deadletters import Status
from shared.kit.lease import Lease
from shared.kit.metrics import WorkerMetrics
from shared.kit.mongo import check_age, connect, reachable
from shared.kit.relay import Relay
from shared.kit.service import Service
from shared.kit.settings import Settings

CHORES_EVERY_S = 1.0
WATCH_EVERY_S = 5.0
STALLED_AFTER_S = 60.0
log = structlog.get_logger()


class Worker:
    """One worker process of a service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.clock = settings.clock()
        self.db = connect(settings, service.database)
        self.broker: KafkaBroker = kafka.broker(settings)
        self.runners = [
            Runner(consumer, self.db, self.clock, settings.instance, settings.topic_prefix)
            for consumer in service.consumers
        ]
        self.subscribers: list[BatchSubscriber] = [
            kafka.subscribe(self.broker, runner, settings.worker_id) for runner in self.runners
        ]
        self.producer = kafka.Producer(settings)
        self.probe = kafka.Probe(settings)
        self.metrics = WorkerMetrics(service.name)
        self._beat = time.monotonic()
        self._progress: tuple[object, float] = ((), time.monotonic())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; stop in order: hearing first, then the relay, then the connections."""
        await check_age(self.db)
        lease = Lease(self.db, "relay", self.settings.worker_id or secrets.token_hex(8))
        relay = Relay(
            self.db,
            self.service.publisher,
            self.producer,
            lease,
            instance=self.settings.instance,
            prefix=self.settings.topic_prefix,
        )
        await self.probe.start()
        await self.broker.start()
        jobs = [asyncio.create_task(_vital(job)) for job in (relay.run(), self._chores(), self._watch())]
        try:
            yield
        finally:
            await self.broker.stop()
            await tasks.end(*jobs)
            await self.producer.close()
            await self.probe.close()
            await self.db.client.close()

    async def _chores(self) -> None:
        """What no event brings: streams whose missing event has come, and the service's own work of time."""
        while True:
            try:
                for runner in self.runners:
                    await redrive.sweep(runner)
                if self.service.chore:
                    await self.service.chore(self.db, self.clock)
            except PyMongoError as down:
                log.warning("chores-wait", service=self.service.name, reason=repr(down)[:300])
            await asyncio.sleep(CHORES_EVERY_S)

    async def _watch(self) -> None:
        """End the process when it has work and makes no progress: aiokafka can stop hearing without a word (#1154)."""
        while True:
            self._beat = time.monotonic()
            with suppress(KafkaError, PyMongoError, TimeoutError):
                lag = await self.lag()
                done = (lag, [tuple(runner.outcomes.items()) for runner in self.runners])
                if not sum(lag.values()) or done != self._progress[0]:
                    self._progress = (done, time.monotonic())
            if time.monotonic() - self._progress[1] > STALLED_AFTER_S:
                log.critical("stalled", service=self.service.name, after_s=STALLED_AFTER_S)
                os._exit(70)
            await asyncio.sleep(WATCH_EVERY_S)

    async def lag(self) -> dict[tuple[str, str], int]:
        """Records that each consumer group has yet to make durable, by topic: Kafka's end minus stored progress."""
        pairs = zip(self.runners, self.subscribers, strict=True)
        found = await asyncio.gather(*(_lag(runner, subscriber) for runner, subscriber in pairs))
        return {of: behind for one in found for of, behind in one.items()}

    async def refresh(self) -> None:
        """Bring the metrics up to now."""
        for (group, topic), behind in (await self.lag()).items():
            self.metrics.lag.labels(group, topic).set(behind)
        unsent = await self.db.commits.count_documents({"sent": False})
        oldest = await self.db.commits.find_one({"sent": False}, sort=[("recorded_at", 1)]) if unsent else None
        self.metrics.unsent.set(unsent)
        self.metrics.oldest_s.set((datetime.now(UTC) - oldest["recorded_at"]).total_seconds() if oldest else 0)
        for runner in self.runners:
            for verdict, count in runner.outcomes.items():
                self.metrics.events.labels(runner.group, verdict.value).set(count)
            for status in Status:
                count = await self.db.dead_letters.count_documents({"consumer": runner.group, "status": status.value})
                self.metrics.letters.labels(runner.group, status.value).set(count)
        if self.service.due:
            self.metrics.due.set(await self.service.due(self.db, self.clock))

    async def livez(self, _: Request) -> Response:
        """Whether the event loop and the watch still run; never whether others do."""
        late_s = time.monotonic() - self._beat
        return JSONResponse({"heartbeat_age_seconds": round(late_s, 1)}, 200 if late_s < 60 else 503)

    async def readyz(self, _: Request) -> Response:
        """Whether this worker can do its work now."""
        checks = {
            "mongodb": await reachable(self.db),
            "kafka": await self.probe.answers(),
            "consumers": all(subscriber.running for subscriber in self.subscribers),
        }
        return JSONResponse(checks, 200 if all(checks.values()) else 503)

    async def scrape(self, _: Request) -> Response:
        """Metrics, brought up to now."""
        try:
            await self.refresh()
        except (KafkaError, PyMongoError, TimeoutError) as down:
            return JSONResponse({"not_reachable": type(down).__name__}, 503)
        return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _lag(runner: Runner, subscriber: BatchSubscriber) -> dict[tuple[str, str], int]:
    if not subscriber.consumer:
        raise KafkaError("the consumer has not started")
    partitions = [
        TopicPartition(topic, partition)
        for topic in runner.publishers
        for partition in subscriber.consumer.partitions_for_topic(topic) or ()
    ]
    ends = await asyncio.wait_for(subscriber.consumer.end_offsets(partitions), 10)
    going_on = await runner.progress()
    lag = dict.fromkeys(((runner.group, topic) for topic in runner.publishers), 0)
    for at, end in ends.items():
        lag[runner.group, at.topic] += max(0, end - going_on.get((at.topic, at.partition), 0))
    return lag


async def _vital(job: Coroutine[Any, Any, None]) -> None:
    """A job without which a worker must not go on: any failure that it does not handle itself ends the process."""
    try:
        await job
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.critical("job-failed", exc_info=True)
        os._exit(70)


def worker(service: Service, settings: Settings) -> Starlette:
    """The worker process of a service, as an ASGI app that answers probes while it works."""
    at_work = Worker(service, settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with at_work.running():
            yield

    return probes(at_work, lifespan)


def probes(at_work: Worker, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """What a worker answers."""

    async def document(_: Request) -> Response:
        return JSONResponse(asyncapi(at_work.service))

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/livez", at_work.livez),
            Route("/readyz", at_work.readyz),
            Route("/metrics", at_work.scrape),
            Route("/asyncapi.json", document),
        ],
    )
