"""How a worker runs the jobs of its service: each at its interval, by whoever holds its lease.

A lease spares workers from doing the same work at once; what a job writes is guarded by its transactions, so that one
that runs twice is harmless. A worker that is busy with one job lets go of the others, for another worker to take.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from pymongo.errors import PyMongoError

from shared.kit.base import retries, tasks
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import JobMetrics

CAP_S = 60.0
PASSING_CAP_S = 5.0
"""How long a job waits at most after failures: of its own code, and of a database that does not answer."""
RESTS, RESTS_CAP_S = 2, 10.0
"""How many times as long as a run took there is no other, and how long at most: a job leaves most of the time to what
is heard."""

SOON_S, WAITS_S = 0.1, 0.25
"""How soon a job runs after something was heard that it may follow from, and how soon one that waits for something else
looks again."""
log = structlog.get_logger()


@dataclass(slots=True)
class LeasedJob:
    """What a worker does at an interval while it holds a lease; each of them does what has none. `run` is a run of it;
    `waits` says whether something else must be done first."""

    name: str
    every_s: float
    lease: Lease | None
    run: Callable[[], Awaitable[None]]
    waits: Callable[[], Awaitable[bool]] | None = None
    again_at: float = 0.0
    woken_at: float = float("-inf")
    rests_until: float = float("-inf")
    failed_in_a_row: int = 0
    held: bool = False


class Jobs:
    """The jobs of one worker, one after another."""

    def __init__(self, service: str, of: Iterable[LeasedJob], metrics: JobMetrics) -> None:
        self._service = service
        self._jobs = list(of)
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._woken_at = float("-inf")

    def wake(self) -> None:
        """Something was heard: jobs run soon, instead of when their interval is over; each of them once in it."""
        self._woken_at = time.monotonic()
        for job in self._jobs:
            self._sooner(job)
        self._woken.set()

    def _sooner(self, job: LeasedJob) -> None:
        soon = max(time.monotonic() + SOON_S, job.woken_at + job.every_s, job.rests_until)
        if soon < job.again_at and not job.failed_in_a_row:
            job.again_at = job.woken_at = soon

    async def run(self) -> None:
        """Run them until cancelled; then others may at once."""
        try:
            while True:
                for job in self._jobs:
                    if (began := time.monotonic()) >= job.again_at:
                        job.again_at = await self._turn(job)
                        if self._woken_at > began:
                            self._sooner(job)
                next_at = min((job.again_at for job in self._jobs), default=float("inf"))
                self._woken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), max(0.0, min(next_at - time.monotonic(), CAP_S)))
        finally:
            with suppress(PyMongoError):
                await self._let_go(self._jobs)

    async def _turn(self, job: LeasedJob) -> float:
        """Run a job if it is this worker's. Returns the moment of its next turn.

        One that fails does not stop the others: it is tried again after ever longer pauses, and says so each time.
        """
        # stamina would hold the others up: this loop goes on with them while one of them pauses.
        began = time.monotonic()
        try:
            if await self._held(job):
                if job.waits and await job.waits():
                    job.failed_in_a_row = 0
                    return time.monotonic() + min(job.every_s, WAITS_S)
                await self._under_lease(job)
        except Exception as failed:
            if passes := retries.passing(failed):
                log.warning("job-waits", service=self._service, job=job.name, reason=failed)
            else:
                self._metrics.failed.labels(job.name).inc()
                log.exception("job-failed", service=self._service, job=job.name)
            job.failed_in_a_row += 1
            cap_s = PASSING_CAP_S if passes else CAP_S
            return time.monotonic() + max(job.every_s, retries.pause_s(job.failed_in_a_row, cap_s, 2 * job.every_s))
        job.failed_in_a_row = 0
        ended = time.monotonic()
        job.rests_until = ended + min(RESTS * (ended - began), RESTS_CAP_S)
        return max(ended + job.every_s, job.rests_until)

    async def _under_lease(self, job: LeasedJob) -> None:
        """Renew the lease for as long as a run takes; another worker's job is not gone on with."""
        began = time.monotonic()
        running = asyncio.ensure_future(job.run())
        try:
            every_s = job.lease.renewed_every_s if job.lease else None
            while not (await asyncio.wait({running}, timeout=every_s))[0]:
                with suppress(PyMongoError):
                    if not await self._held(job):
                        log.warning("job-lease-lost", service=self._service, job=job.name)
                        return
                    await self._let_go(other for other in self._jobs if other is not job)
            await running
        finally:
            await tasks.end(running)
        self._metrics.ran(job.name, time.monotonic() - began)

    async def _held(self, job: LeasedJob) -> bool:
        job.held = False
        try:
            job.held = job.lease is None or await job.lease.hold()
        finally:
            self._metrics.held.labels(job.name).set(job.held)
        return job.held

    async def _let_go(self, some: Iterable[LeasedJob]) -> None:
        for job in some:
            if job.held and job.lease:
                job.held = False
                self._metrics.held.labels(job.name).set(0)
                await job.lease.give_up()
