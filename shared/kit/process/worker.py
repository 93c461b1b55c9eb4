"""How a service's worker is built: it hears, relays and does what time brings."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pymongo
import structlog
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from pymongo.errors import PyMongoError
from starlette.applications import Starlette

from shared.kit.base import generations, tasks, tracing
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import WorkerMetrics
from shared.kit.base.mongo import CLOCK_MAX_S, check_schema_version, clock_skew_s, connect, reachable
from shared.kit.base.settings import Settings
from shared.kit.messaging import kafka, redrive, subscriber
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.relay import Relay
from shared.kit.process import status
from shared.kit.process.probes import probes as probes
from shared.kit.process.service import Job, Service

JOBS_EVERY_S = 1.0
WATCH_EVERY_S = 5.0
STALLED_AFTER_S = 60.0
SLEPT_S = 20.0
PAUSE_MAX_S = 60.0
READY_WITHIN_S = 2
log = structlog.get_logger()


class Worker:
    """One worker process of a service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.clock = settings.clock()
        self.db = connect(settings, service.database)
        self.generation = ""
        self.broker: KafkaBroker | None = None
        self.runners: list[Runner] = []
        self.subscribers: list[BatchSubscriber] = []
        self.producer = kafka.Producer(settings)
        self.probe = kafka.Probe(settings)
        self.metrics = WorkerMetrics(service.name)
        self._beat = time.monotonic()
        self._progress: tuple[object, float] = ((), time.monotonic())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; stop in order: the relay and the jobs, then hearing, then the connections."""
        await check_schema_version(self.db)
        await generations.check_models(self.db, self.service.models_version)
        lease = Lease(self.db, "relay", self.settings.worker_id or secrets.token_hex(8))
        relay = Relay(
            self.db,
            self.service.publisher,
            self.producer,
            lease,
            instance=self.settings.instance,
            prefix=self.settings.topic_prefix,
            metrics=self.metrics.relay,
        )
        await self.probe.start()
        await self._hear(await generations.live(self.db))
        parts = [asyncio.create_task(_vital(part)) for part in (relay.run(), self._work_off(), self._watch())]
        try:
            yield
        finally:
            await tasks.end(*parts)
            await self._stop_hearing()
            await self.producer.close()
            await self.probe.close()
            await self.db.client.close()

    async def _hear(self, generation: str) -> None:
        """Begin to hear, and fill that generation of read models."""
        await self._stop_hearing()
        self.generation, self.broker = generation, kafka.broker(self.settings)
        self.runners = self.service.runners(self.db, self.settings, generation, self.metrics.consumers)
        worker_id = self.settings.worker_id
        self.subscribers = [subscriber.subscribe(self.broker, runner, worker_id) for runner in self.runners]
        await self.broker.start()

    async def _stop_hearing(self) -> None:
        if self.broker:
            await self.broker.stop()
            self.broker = None

    async def _work_off(self) -> None:
        """What no event brings: another generation to go on with, streams whose missing event has come, and the jobs of
        the service."""
        steps = {"follow": self._follow, "sweep": self._sweep}
        steps |= {job.name: partial(self._run, job) for job in self.service.jobs}
        again_at = dict.fromkeys(steps, 0.0)
        failed_in_a_row = dict.fromkeys(steps, 0)
        while True:
            for name, step in steps.items():
                if time.monotonic() >= again_at[name]:
                    good = await self._guarded(name, step)
                    failed_in_a_row[name] = 0 if good else failed_in_a_row[name] + 1
                    pause_s = min(2.0 ** failed_in_a_row[name], PAUSE_MAX_S) if not good else 0
                    again_at[name] = time.monotonic() + pause_s
            await asyncio.sleep(JOBS_EVERY_S)

    async def _guarded(self, name: str, step: Callable[[], Awaitable[None]]) -> bool:
        """Whether a step went well. One that fails does not stop the others, nor what the worker hears;
        it is tried again after ever longer pauses, and says so each time."""
        try:
            await step()
        except PyMongoError as down:
            log.warning("job-waits", service=self.service.name, job=name, reason=down)
        except Exception:
            self.metrics.jobs_failed.labels(name).inc()
            log.exception("job-failed", service=self.service.name, job=name)
            return False
        return True

    async def _follow(self) -> None:
        if (live := await generations.live(self.db)) != self.generation:
            log.info("generation-switched", service=self.service.name, was=self.generation, live=live)
            await self._hear(live)

    async def _sweep(self) -> None:
        for runner in self.runners:
            await redrive.sweep(runner)

    async def _run(self, job: Job) -> None:
        await job.run(self.db, self.generation, self.clock)

    async def _watch(self) -> None:
        """End the process when it has work and makes no progress: aiokafka can stop hearing without a word (#1154). Who
        has slept, or was stopped, is given the time to go on first."""
        while True:
            if time.monotonic() - self._beat > WATCH_EVERY_S + SLEPT_S:
                self._progress = (self._progress[0], time.monotonic())
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
        found = await asyncio.gather(*(status.lag(runner, subscriber) for runner, subscriber in pairs))
        return {of: behind for one in found for of, behind in one.items()}

    async def checks(self) -> dict[str, bool]:
        """What this worker stands on, and whether it can be relied on now."""
        with pymongo.timeout(READY_WITHIN_S):
            mongodb = await reachable(self.db)
            skew_s = await clock_skew_s(self.db) if mongodb else 0.0
        return {
            "mongodb": mongodb,
            "clock": abs(skew_s) <= CLOCK_MAX_S,
            "kafka": await self.probe.answers(READY_WITHIN_S),
            "consumers": all(subscriber.running for subscriber in self.subscribers),
        }

    @property
    def heartbeat_age_s(self) -> float:
        """How long ago the watch last ran."""
        return time.monotonic() - self._beat


async def _vital(part: Coroutine[Any, Any, None]) -> None:
    """A part without which a worker must not go on: any failure that it does not handle itself ends the process."""
    try:
        await part
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.critical("part-failed", exc_info=True)
        os._exit(70)


def worker(service: Service, settings: Settings) -> Starlette:
    """The worker process of a service, as an ASGI app that answers probes while it works."""
    at_work = Worker(service, settings)
    tracing.configure(service.name, "worker", settings.instance)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            async with at_work.running():
                yield
        except Exception:
            log.critical("worker-failed", exc_info=True)
            raise
        finally:
            await asyncio.to_thread(tracing.stop)

    return probes(at_work, lifespan)
