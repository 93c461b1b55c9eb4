"""How long it takes from Kafka to a read model at a steady rate, with all jobs running, beside a loop written by hand.

An event is visible when the checkpoint that is stored in the same transaction has passed it.
"""

import asyncio
import itertools
import math
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pymongo
from confluent_kafka import KafkaError, Message
from pymongo import AsyncMongoClient

from benchmarks.catchup import LOOP, loop_holds, told_to_peers
from benchmarks.exact import everything, faults
from benchmarks.grounds import Grounds
from benchmarks.grounds import Told as Ground
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.parts import Parts
from benchmarks.population import Population, Sender, worked
from benchmarks.workers import NOTED_IN, OF_DAYS, Place, place_of, working
from deploy.base.home import ROOT
from shared.contracts import approvals
from shared.contracts.event import Event, Publisher

LOOKS_EVERY_S = 0.003
PASSED_WITHIN_S = 120
OURS = "savings"
Told = tuple[Publisher, Event]


@dataclass(frozen=True)
class Pace:
    """Events a second, for some seconds, after some more that do not count."""

    rate: int
    seconds: float
    warm_up_s: float

    @property
    def events(self) -> int:
        """How many are sent in all."""
        return self.warm_up + round(self.rate * self.seconds)

    @property
    def warm_up(self) -> int:
        """How many of them do not count."""
        return round(self.rate * self.warm_up_s)


@dataclass
class Watch:
    """Events by number: where each lies and when it was sent, and how many milliseconds later its place was passed."""

    waiting: dict[Place, deque[tuple[int, int, float]]] = field(default_factory=dict)
    took: list[tuple[int, float]] = field(default_factory=list)

    def sent(self, number: int, at: float, error: KafkaError | None, message: Message) -> None:
        """Kafka has taken an event that was handed over at a moment. Raises `RuntimeError` when it has not."""
        if error:
            raise RuntimeError(f"an event was not sent: {error}")
        place = (str(message.topic()), int(message.partition() or 0))
        self.waiting.setdefault(place, deque()).append((int(message.offset() or 0), number, at))

    def passed(self, place: Place, next_offset: int, now: float) -> None:
        """Everything before an offset is visible."""
        waits = self.waiting.get(place, deque())
        while waits and waits[0][0] < next_offset:
            _, number, at = waits.popleft()
            self.took.append((number, (now - at) * 1000))


def latency(report: Report, grounds: Grounds, rounds: int, of: Population, pace: Pace) -> None:
    """Rounds of both, each with days of its own that come after all that the ground tells; it is left then, since it
    holds more than others would find there."""
    what = f"latency at {pace.rate} events a second"
    ground = grounds.told(of)
    longer = replace(of, days=of.days + math.ceil(rounds * pace.events / of.people))
    ground.at.after(longer.dates()[-1])
    to_come = worked(longer, of.days)
    for round_ in range(rounds):
        for name in (OURS, LOOP) if round_ % 2 else (LOOP, OURS):
            sent = list(itertools.islice(to_come, pace.events))
            report.add(what, (_ours if name == OURS else _loop)(ground.at, str(round_), sent, pace))
    report.check(f"{what}: savings holds all of it", _holds_all(ground, longer, to_come))
    report.table(what, LOOP, "p99 ms")
    grounds.leave()


def _ours(at: Parts, _: str, events: Sequence[Told], pace: Pace) -> Sample:
    with working(at) as there:
        there.settled()
        return _measured(at, OURS, there.pids[0], events, pace)


def _loop(at: Parts, run: str, events: Sequence[Told], pace: Pace) -> Sample:
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        client.drop_database("bench_loop")
    with _looping(at, run) as pid:
        sample = _measured(at, LOOP, pid, events, pace)
    sent = Counter("approved" if publisher is approvals.PUBLISHER else "verified" for publisher, _ in events)
    return replace(sample, exact=sample.exact and loop_holds(at) == {"approved": 0, "verified": 0} | sent)


def _measured(at: Parts, name: str, pid: int, events: Sequence[Told], pace: Pace) -> Sample:
    with costing(at.of(pid)) as cost:
        took = asyncio.run(_send(at, name, events, pace))
    noted = {f"p{share} ms": percentile(took, share / 100) for share in (50, 95, 99)}
    return Sample(name, len(events), cost, noted, len(took) == len(events) - pace.warm_up)


async def _send(at: Parts, name: str, events: Sequence[Told], pace: Pace) -> list[float]:
    """Send at that rate; the milliseconds until each was visible that came after the warm-up."""
    watch, sender = Watch(), Sender(at)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(at.admin_url)
    looking = asyncio.create_task(_look(client, name, watch, sender))
    begun = time.perf_counter()
    for number, (publisher, event) in enumerate(events):
        if (wait := begun + number / pace.rate - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        _send_one(sender, watch, number, publisher, event)
    async with asyncio.timeout(PASSED_WITHIN_S):
        while len(watch.took) < len(events):
            if looking.done():
                looking.result()
            await asyncio.sleep(LOOKS_EVERY_S)
    looking.cancel()
    await client.close()
    return [took for number, took in watch.took if number >= pace.warm_up]


def _send_one(sender: Sender, watch: Watch, number: int, publisher: Publisher, event: Event) -> None:
    now = time.perf_counter()
    sender.send(publisher, event, told=lambda error, message: watch.sent(number, now, error, message))
    sender.poll()


async def _look(client: Any, name: str, watch: Watch, sender: Sender) -> None:
    while True:
        sender.poll()
        for collection, where in _noted(client, name):
            found = await collection.find(where).to_list()
            now = time.perf_counter()
            for one in found:
                watch.passed(place_of(str(one["_id"])), int(one["next"]), now)
        await asyncio.sleep(LOOKS_EVERY_S)


def _noted(client: Any, name: str) -> list[tuple[Any, dict[str, Any]]]:
    """Where somebody notes the next offsets."""
    if name == OURS:
        return [(client["mkd_savings"][collection], OF_DAYS) for collection in NOTED_IN]
    return [(client["bench_loop"].offsets, {"next": {"$exists": True}})]


def _holds_all(ground: Ground, longer: Population, to_come: Iterator[Told]) -> bool:
    """Send what is left of the last days, and see whether savings then holds all that was ever sent."""
    sender = Sender(ground.at)
    for publisher, event in to_come:
        sender.send(publisher, event)
    sender.done()
    with working(ground.at) as there:
        there.settled()
    return not faults(ground.at, longer, everything(longer))


@contextmanager
def _looping(at: Parts, run: str) -> Iterator[int]:
    """The loop, which hears what comes from now on."""
    environment = told_to_peers(at, 10**9, "bench_loop", f"latency-{run}", since="latest")
    command = [sys.executable, "-m", "benchmarks.peers.loop"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        if process.stdout.readline().strip() != "listens":
            raise RuntimeError("the loop does not listen")
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
