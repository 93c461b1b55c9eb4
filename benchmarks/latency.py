"""How long it takes from Kafka to a read model at a steady rate, with all jobs running, beside a loop written by hand.

An event is visible when the checkpoint that is stored in the same transaction has passed it.
"""

import asyncio
import math
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from confluent_kafka import KafkaError, Message
from pymongo import AsyncMongoClient

from benchmarks.catchup import LOOP, told_to_peers
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.parts import PORT_BASE, Parts, parts
from benchmarks.population import Population, Sender, tell, worked
from deploy.base.home import ROOT
from deploy.local import stack
from shared.contracts.event import Event, Publisher

LOOKS_EVERY_S = 0.003
WARM_UP_S = 5
PORT = PORT_BASE + 61
OURS = "savings"
Place = tuple[str, int]


@dataclass
class Watch:
    """When each event was sent, and how long it took until its place was passed."""

    waiting: dict[Place, deque[tuple[int, float]]] = field(default_factory=dict)
    took_ms: list[tuple[float, float]] = field(default_factory=list)

    def sent(self, at: float, error: KafkaError | None, message: Message) -> None:
        """Kafka has taken an event that was handed over at a moment. Raises `RuntimeError` when it has not."""
        if error:
            raise RuntimeError(f"an event was not sent: {error}")
        place = (str(message.topic()), int(message.partition() or 0))
        self.waiting.setdefault(place, deque()).append((int(message.offset() or 0), at))

    def passed(self, place: Place, next_offset: int, now: float) -> None:
        """Everything before an offset is visible."""
        waits = self.waiting.get(place, deque())
        while waits and waits[0][0] < next_offset:
            at = waits.popleft()[1]
            self.took_ms.append((at, (now - at) * 1000))


def latency(report: Report, rounds: int, of: Population, rate: int, seconds: float) -> None:
    """Rounds of both, each on a Kafka and a MongoDB of its own."""
    what = f"latency at {rate} events a second"
    needed = math.ceil(rate * (WARM_UP_S + seconds) / (2 * of.people))
    of = replace(of, days=needed)
    for round_ in range(rounds):
        for name in (OURS, LOOP) if round_ % 2 else (LOOP, OURS):
            with parts() as at:
                tell(at, of)
                with (_worker if name == OURS else _loop)(at) as pid, costing(at.of(pid)) as cost:
                    took = asyncio.run(_send(at, name, of, rate, seconds))
                noted = {f"p{share} ms": percentile(took, share / 100) for share in (50, 95, 99)}
                report.add(what, Sample(name, len(took), cost, noted, len(took) >= rate * seconds * 0.99))
    report.table(what, LOOP)


async def _send(at: Parts, name: str, of: Population, rate: int, seconds: float) -> list[float]:
    """Send at that rate for some seconds after the warm-up; the milliseconds until each was visible."""
    watch, sender = Watch(), Sender(at)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(at.admin_url)
    looking = asyncio.create_task(_look(client, name, watch, sender))
    begun = time.perf_counter()
    for number, (publisher, event) in enumerate(worked(of)):
        due = begun + number / rate
        if due > begun + WARM_UP_S + seconds:
            break
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        _send_one(sender, watch, publisher, event)
    async with asyncio.timeout(60):
        while any(watch.waiting.values()) or sender.unsent:
            await asyncio.sleep(LOOKS_EVERY_S)
    looking.cancel()
    await client.close()
    return [took for sent_at, took in watch.took_ms if sent_at >= begun + WARM_UP_S]


def _send_one(sender: Sender, watch: Watch, publisher: Publisher, event: Event) -> None:
    now = time.perf_counter()
    sender.send(publisher, event, told=lambda error, message: watch.sent(now, error, message))
    sender.poll()


async def _look(client: Any, name: str, watch: Watch, sender: Sender) -> None:
    database, collection = ("mkd_savings", "checkpoints") if name == OURS else ("bench_loop", "offsets")
    while True:
        sender.poll()
        found = await client[database][collection].find({"next": {"$exists": True}}).to_list()
        now = time.perf_counter()
        for one in found:
            group, _, rest = str(one["_id"]).rpartition("|") if "|" in str(one["_id"]) else ("", "", str(one["_id"]))
            if name == OURS and not group.startswith("savings.days"):
                continue
            topic, _, partition = rest.rpartition("/")
            watch.passed((topic, int(partition)), int(one["next"]), now)
        await asyncio.sleep(LOOKS_EVERY_S)


@contextmanager
def _worker(at: Parts) -> Iterator[int]:
    """Savings' worker as a stack runs it, which knows the people."""
    command = [*stack.SERVING, *stack.QUIET, "--port", str(PORT), "services.savings.app:work"]
    with (at.home.folder("logs") / "savings-worker.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **at.environment("savings")}, stdout=log, stderr=log
        )
    try:
        _wait_ready(at)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_ready(at: Parts) -> None:
    """Until it answers that it is ready, and has taken in who there is."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/readyz", timeout=5).status_code == 200:
                time.sleep(2)
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError((at.home.folder("logs") / "savings-worker.log").read_text()[-2000:])


@contextmanager
def _loop(at: Parts) -> Iterator[int]:
    environment = {**os.environ, **told_to_peers(at, 10**9, "bench_loop")}
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.peers.loop"], cwd=ROOT, env=environment)
    try:
        time.sleep(3)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
