"""How a service's worker is built: it hears, relays and does what time brings."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pymongo
import structlog
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from pymongo.errors import PyMongoError
from starlette.applications import Starlette

from shared.kit.base import garbage, generations, tasks, tracing
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import WorkerMetrics
from shared.kit.base.mongo import CLOCK_MAX_S, check_schema_version, clock_skew_s, connect, reachable
from shared.kit.base.settings import Settings
from shared.kit.messaging import jobs as in_turns
from shared.kit.messaging import kafka, redrive, stops
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.rejections import Limits
from shared.kit.messaging.relay import Relay
from shared.kit.messaging.subscriber import RebalanceListener, subscribe
from shared.kit.process import status, workers
from shared.kit.process.jobs import Jobs, LeasedJob
from shared.kit.process.lagging import Lag, Lags
from shared.kit.process.probes import probes as probes
from shared.kit.process.service import Job, Service

FOLLOWS_EVERY_S = SWEEPS_EVERY_S = 1.0
WATCH_EVERY_S = TELLS_EVERY_S = 5.0
STALLED_AFTER_S = 60.0
SLEPT_S = 20.0
READY_WITHIN_S = 2
BEHIND_MAX = 1000
BEHIND_RESTS_S, HEARING_RESTS_S = 60.0, 5.0
"""From how many records on that wait a worker is behind, and how long that holds a job up at most; and how long it does
that something is heard all the time, which would have to be worked out again."""
LATELY_S = 0.15
GIVES_WAY_S = 0.2
"""How long a job waits at most, between two transactions, for those who hear to be between two of theirs."""
log = structlog.get_logger()


class Worker:
    """One worker process of a service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.clock = settings.clock()
        self.db = connect(settings, service.database)
        self.holder = settings.worker_id or secrets.token_hex(8)
        self.generation = ""
        self.broker: KafkaBroker | None = None
        self.runners: list[Runner] = []
        self.listeners: list[RebalanceListener] = []
        self.jobs: list[asyncio.Task[None]] = []
        self.producer = kafka.Producer(settings)
        self.probe = kafka.Probe(settings)
        self.metrics = WorkerMetrics(service.name)
        self._at_work: list[LeasedJob] = []
        self._lag: Lag | None = None
        self._lags = Lags()
        self._rested_since: dict[str, float] = {}
        self._beat = time.monotonic()
        self._progress: tuple[object, float] = ((), time.monotonic())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; stop in order: the relay, the jobs, then hearing, then the connections."""
        await check_schema_version(self.db)
        await generations.check_models(self.db, self.service.models_version)
        lease = Lease(self.db, "relay", self.holder)
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
        follow = Jobs(self.service.name, [LeasedJob("follow", FOLLOWS_EVERY_S, None, self._follow)], self.metrics.jobs)
        parts = [asyncio.create_task(_vital(part)) for part in (relay.run(), follow.run(), self._watch(), self._tell())]
        try:
            yield
        finally:
            await tasks.end(*parts)
            await self._stop_hearing()
            with suppress(PyMongoError):
                await workers.leave(self.db, self.holder)
            await self.producer.close()
            await self.probe.close()
            await self.db.client.close()

    async def _hear(self, generation: str) -> None:
        """Begin to hear, fill that generation of read models, and do its jobs."""
        await self._stop_hearing()
        self.generation, self.broker = generation, kafka.broker(self.settings)
        its = self.settings
        limits = Limits(its.rejected_in_a_row_max, its.rejected_percent_max, its.rejected_of_last)
        self.runners = self.service.runners(self.db, its, generation, self.metrics.consumers, limits)
        stopped = await stops.every(self.db)
        for runner in self.runners:
            runner.stopped = stopped.get(runner.group)
        self.listeners = [subscribe(self.broker, runner, its.worker_id) for runner in self.runners]
        await self.broker.start()
        self.jobs = self._work_off()

    async def _stop_hearing(self) -> None:
        await tasks.end(*self.jobs)
        await asyncio.gather(*(listener.end() for listener in self.listeners))
        if self.broker:
            await self.broker.stop()
            self.broker = None

    async def _follow(self) -> None:
        """Go on with another generation, jobs and all, once it answers; and with a consumer, once it may."""
        waiting = [listener for listener in self.listeners if listener.runner.stopped]
        stopped = await stops.every(self.db) if waiting else {}
        for listener in waiting:
            if listener.runner.group not in stopped:
                await listener.resume()
                log.info("consumer-resumed", consumer=listener.runner.group)
        if (live := await generations.live(self.db)) != self.generation:
            log.info("generation-switched", service=self.service.name, was=self.generation, live=live)
            await self._hear(live)

    def _work_off(self) -> list[asyncio.Task[None]]:
        """Begin what no event brings: the service's jobs and, beside them, streams whose missing event has come."""
        its, generation = self.service, self.generation
        sweep = LeasedJob("sweep", SWEEPS_EVERY_S, self._lease("sweep"), self._sweep)
        jobs = [
            LeasedJob(
                job.name,
                job.every_s,
                self._lease(job.name),
                partial(job.run, self.db, generation, self.clock),
                partial(self._waits, job, generation),
            )
            for job in its.jobs
        ]
        self._at_work = [sweep, *jobs]
        return [asyncio.create_task(_vital(self._run(of))) for of in ([sweep], jobs)]

    def _lease(self, job: str) -> Lease:
        return Lease(self.db, f"job:{generations.group_of(job, self.generation)}", self.holder)

    async def _waits(self, job: Job, generation: str) -> bool:
        """Whether something waits that must be done before a job."""
        if job.rests_while_hearing and self._rests(job):
            return True
        for before in job.after:
            if await before.pending(self.db, generation, self.clock):
                return True
        return False

    def _rests(self, job: Job) -> bool:
        """Whether something is heard, or there is much to hear, and that has not held the job up for long."""
        now = time.monotonic()
        is_behind = sum(listener.behind for listener in self.listeners) > BEHIND_MAX
        if not is_behind and not self._hears:
            self._rested_since.pop(job.name, None)
            return False
        since = self._rested_since.setdefault(job.name, now)
        if now - since < (BEHIND_RESTS_S if is_behind else HEARING_RESTS_S):
            return True
        del self._rested_since[job.name]
        return False

    @property
    def _hears(self) -> bool:
        """Whether something has been heard lately."""
        return any(time.monotonic() - listener.heard_at < LATELY_S for listener in self.listeners)

    async def _gap(self) -> bool:
        """Wait for those who hear to be between two batches; whether they hear anything."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVES_WAY_S):
                for listener in self.listeners:
                    await listener.between.wait()
        return self._hears

    async def _run(self, of: Sequence[LeasedJob]) -> None:
        in_turns.gap.set(self._gap)
        jobs = Jobs(self.service.name, of, self.metrics.jobs)
        for listener in self.listeners:
            listener.wakes.append(jobs.wake)
        await jobs.run()

    async def _sweep(self) -> None:
        groups = await redrive.waiting(self.db, [runner.group for runner in self.runners])
        for runner in self.runners:
            if runner.group in groups:
                await redrive.sweep(runner)

    async def _watch(self) -> None:
        """End the process when it has work and makes no progress: aiokafka can stop hearing without a word (#1154). Who
        has slept, or was stopped, is given the time to go on first."""
        while True:
            if time.monotonic() - self._beat > WATCH_EVERY_S + SLEPT_S:
                self._progress = (self._progress[0], time.monotonic())
            self._beat = time.monotonic()
            known: Lag | None = None
            with suppress(KafkaError, PyMongoError, TimeoutError):
                known = lag = await self.lag()
                self._lags.note(self._beat, lag)
                done = (lag, [tuple(runner.outcomes.items()) for runner in self.runners])
                stopped = {runner.group for runner in self.runners if runner.stopped}
                may_go_on = sum(behind for (group, _), behind in lag.items() if group not in stopped)
                if not may_go_on or done != self._progress[0]:
                    self._progress = (done, time.monotonic())
            self._lag = known
            if time.monotonic() - self._progress[1] > STALLED_AFTER_S:
                log.critical("stalled", service=self.service.name, after_s=STALLED_AFTER_S)
                os._exit(70)
            await asyncio.sleep(WATCH_EVERY_S)

    async def _tell(self) -> None:
        """Say in the database, for who does not reach this process, what only it knows."""
        while True:
            with suppress(PyMongoError, TimeoutError), pymongo.timeout(TELLS_EVERY_S):
                await workers.tell(
                    self.db,
                    self.holder,
                    self.generation,
                    checks=await self.checks(),
                    failing=[job.name for job in self._at_work if job.failed_in_a_row],
                    lag=self._lag,
                    not_falling=self._lags.not_falling(),
                )
            await asyncio.sleep(TELLS_EVERY_S)

    async def lag(self) -> dict[tuple[str, str], int]:
        """Records that each consumer group has yet to make durable, by topic: Kafka's end minus stored progress."""
        found = await asyncio.gather(*(status.lag(listener) for listener in self.listeners))
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
            "consumers": all(listener.running for listener in self.listeners),
            "rejections": not any(runner.stopped for runner in self.runners),
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
                garbage.keep()
                yield
        except Exception:
            log.critical("worker-failed", exc_info=True)
            raise
        finally:
            await asyncio.to_thread(tracing.stop)

    return probes(at_work, lifespan)
