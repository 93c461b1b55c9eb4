"""How commits reach Kafka: unsent ones are sent in order, then marked. Sending twice is allowed, losing one is not."""

import asyncio
import json
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from shared.contracts.event import Publisher
from shared.kit.base import faults, retries, tasks, tracing
from shared.kit.base.ids import new_event_id
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import RelayMetrics
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import numbered
from shared.kit.messaging import cloudevents, refill
from shared.kit.messaging.deadletters import Status
from shared.kit.messaging.kafka import Message, Place

BATCH = 500
IDLE_S, UNTOLD_S = 1.0, 0.2
"""How long a pause is where there is nothing; and while nobody tells when there is something."""
LOOKS_EVERY_S = 5.0
CAP_S = 5.0
"""How long a pause after failures is at most."""
FAILURES_MAX = 3
STANDS_BACK_S = 5.0
"""After so many failures in a row the lease is let go for so long."""
FILLED_AT_ONCE = 500
GATHER_S = 0.05
"""What is committed so soon after another commit goes with it: a round costs the same for many commits as for one."""
QUIET_S = 1.0
"""What comes sooner after what was sent before is looked for every `GATHER_S`, and not listened for."""
LISTENS_MS = 10_000
"""How long the database keeps the change stream waiting where there is nothing: less than a socket's timeout."""
INSERTED: Sequence[Mapping[str, Any]] = [{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}]
log = structlog.get_logger()


class Post(Protocol):
    """What carries messages: Kafka's producer, or the bus of a test."""

    async def send(self, messages: Sequence[Message]) -> Sequence[Place]:
        """Where each is stored. Raises otherwise, when some may be."""
        ...

    async def ends(self, topic: str, partitions: Collection[int]) -> Mapping[int, int]:
        """Where each of some partitions of a topic ends."""
        ...


class Relay:
    """Publishes one service's commits on its topic, and mirrors its dead letters for alerting."""

    def __init__(
        self,
        db: Database,
        publisher: Publisher,
        post: Post,
        lease: Lease,
        *,
        instance: str,
        prefix: str = "",
        metrics: RelayMetrics | None = None,
    ) -> None:
        self._db = db
        self._publisher = publisher
        self._post = post
        self._lease = lease
        self._source = publisher.source(instance)
        self._topic = f"{prefix}{publisher.topic}"
        self._notices = f"{self._topic}.dlq"
        self._wake = asyncio.Event()
        self._metrics = metrics or RelayMetrics()
        self._failed = 0
        self._looked_at = -LOOKS_EVERY_S
        self._ends: dict[int, int] = {}
        self._ends_in_term = ""
        self._sent_at = -QUIET_S
        self._quiet = asyncio.Event()
        self._listens = False

    async def run(self) -> None:
        """Relay until cancelled. Polls on state; a change stream only shortens the wait, and is not listened to while
        one commit comes upon the other: it costs the database something at every write of anybody."""
        watcher = asyncio.create_task(self._watch())
        self._quiet.set()
        try:
            while True:
                self._wake.clear()
                if (done := await self.attempt()) < BATCH:
                    await self._pause(done)
        finally:
            await tasks.end(watcher)
            with suppress(PyMongoError):
                await self._lease.give_up()

    async def _pause(self, done: int) -> None:
        now = time.monotonic()
        if now - self._sent_at > QUIET_S:
            self._quiet.set()
        elif done:
            self._quiet.clear()
        if done:
            self._sent_at = now
        if self._quiet.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), IDLE_S if self._listens else UNTOLD_S)
        await asyncio.sleep(GATHER_S)

    async def attempt(self) -> int:
        """One batch, if this relay holds the lease. What fails is left for the next attempt; who fails again and again,
        be it for a wrong clock, lets another try."""
        try:
            done = await self.once() if await self._lease.hold() else 0
        except (KafkaError, PyMongoError, TimeoutError) as failed:
            self._metrics.failures.inc()
            self._failed += 1
            log.warning("relay-waits", service=self._publisher.name, reason=failed, in_a_row=self._failed)
            await self._stand_back()
            return 0
        self._failed = 0
        return done

    async def _stand_back(self) -> None:
        """The lease is given up, and not asked for again until another has had the time to take it."""
        # No retry of stamina's: between two attempts the lease changes hands, and what is to be sent with it.
        self._look_again()
        if self._failed % FAILURES_MAX:
            await asyncio.sleep(retries.pause_s(self._failed, CAP_S, IDLE_S))
            return
        with suppress(PyMongoError):
            await self._lease.give_up()
        await asyncio.sleep(STANDS_BACK_S + retries.pause_s(1, IDLE_S))

    async def once(self) -> int:
        """Send one batch of what is unsent, ordered by key and number, and mark it. Returns how many commits. At first
        and then every few seconds, see to what else may be there."""
        if time.monotonic() - self._looked_at >= LOOKS_EVERY_S:
            await self._look()
            await self._mirror()
            self._looked_at = time.monotonic()
        commits = await self._db.commits.find({"sent": False}).sort([("key", 1), ("n", 1)]).limit(BATCH).to_list()
        return await self._send(commits) if commits else 0

    def _look_again(self) -> None:
        """Before anything is sent; and remember nothing."""
        self._looked_at, self._ends_in_term = -LOOKS_EVERY_S, ""

    async def _look(self) -> None:
        """Whether Kafka still ends where it did; what it has lost is made good before anything else is sent. What is
        known is read before what is there, which only grows."""
        self._ends_in_term = ""
        for loss in await self._losses(self._topic):
            await self._note(loss)
        for partition in await refill.begun(self._db, self._topic):
            await self._refill(partition)
        for loss in await self._losses(self._notices):
            mirrored = {"status": Status.OPEN.value, "mirrored": True}
            await self._db.dead_letters.update_many(mirrored, {"$unset": {"mirrored": ""}})
            await refill.done(self._db, self._notices, loss.partition, loss.end)

    async def _losses(self, topic: str) -> list[refill.Loss]:
        known = await refill.known_ends(self._db, topic)
        return refill.losses(topic, known, await self._post.ends(topic, known.keys())) if known else []

    async def _note(self, loss: refill.Loss) -> None:
        told = {"topic": loss.topic, "partition": loss.partition, "ends_at": loss.end, "had_acknowledged": loss.had}
        log.critical("kafka-lost-events", **told, remedy="what may be missing is sent again now, by itself")
        await refill.begin(self._db, loss)

    async def _refill(self, noted: Document) -> None:
        """Take back what lay at lost offsets, and fill these, so that all of it comes after what anybody has heard."""
        partition, until = noted["partition"], noted["refill"]["until"]
        again = await refill.unsend(self._db, partition, noted["refill"]["from"])
        end = (await self._post.ends(self._topic, [partition]))[partition]
        while end < until:
            fillers = [self._filler(partition) for _ in range(min(until - end, FILLED_AT_ONCE))]
            end = max(offset for _, offset in await self._post.send(fillers)) + 1
        await refill.done(self._db, self._topic, partition, end)
        log.warning("kafka-refilled", topic=self._topic, partition=partition, sent_again=again, goes_on_at=end)

    def _filler(self, partition: int) -> Message:
        headers = cloudevents.filler_headers(
            self._publisher,
            id_=new_event_id(),
            source=self._source,
            subject=f"{self._topic}/{partition}",
            time=datetime.now(UTC),
        )
        return Message(self._topic, b"", b"", headers, partition)

    async def _send(self, commits: Sequence[Document]) -> int:
        """Each commit's sending is a step of the trace that it was made in, and what hears it comes after that. Nothing
        is marked as sent where Kafka put it at an offset that it had acknowledged before. A commit of private events
        goes nowhere and is done."""
        with ExitStack() as steps:
            messages, whose = [], []
            for commit in commits:
                step = steps.enter_context(self._step(commit))
                mine = self.messages({**commit, "trace": step.trace})
                messages += mine
                whose += [commit["_id"]] * len(mine)
            known = await self._known_ends()
            places = await self._post.send(messages) if messages else []
        self._metrics.sent.inc(len(messages))
        if went_back := refill.losses(self._topic, known, {**known, **_first(places)}):
            for loss in went_back:
                await self._note(loss)
            self._look_again()
            return len(commits)
        if places:
            await refill.note(self._db, self._topic, places)
            self._ends = {**known, **refill.ends(places, known)}
        last = dict(zip(whose, places, strict=True))
        marked = [
            UpdateOne({"_id": id_}, {"$set": {"sent": True, "placed": {"partition": partition, "offset": offset}}})
            for id_, (partition, offset) in last.items()
        ]
        marked += [
            UpdateOne({"_id": one["_id"]}, {"$set": {"sent": True}}) for one in commits if one["_id"] not in last
        ]
        await self._db.commits.bulk_write(marked, ordered=False)
        return len(commits)

    async def _known_ends(self) -> Mapping[int, int]:
        """Up to where each partition was acknowledged: as it was noted here for as long as the lease is held without a
        break, since nobody else notes anything meanwhile."""
        if not self._lease.term or self._ends_in_term != self._lease.term:
            term = self._lease.term
            self._ends = await refill.known_ends(self._db, self._topic)
            self._ends_in_term = term
        return self._ends

    def _step(self, commit: Document) -> AbstractContextManager[tracing.Step]:
        ids = {"messaging.destination.name": self._topic, "mkd.commit": commit["_id"]}
        return tracing.step(f"send {self._topic}", SpanKind.PRODUCER, after=commit["trace"], ids=ids)

    def messages(self, commit: Document) -> list[Message]:
        """One message for each public event of a commit, with its number among those of its aggregate."""
        return [
            Message(
                topic=self._topic,
                key=commit["key"].encode(),
                value=event["data"].encode(),
                headers=cloudevents.headers(
                    event["type"],
                    id_=event["id"],
                    source=self._source,
                    subject=commit["aggregate"],
                    n=sequence,
                    time=commit["occurred_at"],
                    trace=commit["trace"],
                ),
            )
            for event, sequence in numbered(commit)
            if sequence is not None
        ]

    async def _mirror(self) -> None:
        """Tell `mkd.<service>.dlq` of new dead letters: where and why, not what, which stays in the database."""
        new = {"status": Status.OPEN.value, "mirrored": {"$exists": False}}
        letters = await self._db.dead_letters.find(new, {"value": 0, "headers": 0}).limit(BATCH).to_list()
        if letters:
            await refill.note(
                self._db, self._notices, await self._post.send([self._notice(letter) for letter in letters])
            )
            ids = [letter["_id"] for letter in letters]
            await self._db.dead_letters.update_many({"_id": {"$in": ids}}, {"$set": {"mirrored": True}})

    def _notice(self, letter: Document) -> Message:
        said = {name: letter[name] for name in ("consumer", "topic", "partition", "offset", "rule", "stream")}
        said["reason"] = faults.reason(letter["rule"], letter["reason"])
        return Message(
            topic=self._notices,
            key=letter["key"] or b"",
            value=json.dumps(said).encode(),
            headers=[("content-type", b"application/json")],
        )

    async def _watch(self) -> None:
        failed = 0
        while True:
            try:
                await self._quiet.wait()
                async with await self._db.commits.watch(INSERTED, max_await_time_ms=LISTENS_MS) as stream:
                    self._listens = True
                    self._wake.set()
                    async for _ in stream:
                        failed = 0
                        self._wake.set()
                        if not self._quiet.is_set():
                            break
            except PyMongoError:
                # No retry of stamina's: it would count on from the last break, however long the stream has held.
                failed, self._listens = failed + 1, False
                await asyncio.sleep(retries.pause_s(failed, CAP_S, IDLE_S))
            self._listens = False


def _first(places: Sequence[Place]) -> dict[int, int]:
    """The lowest offset of each partition."""
    found: dict[int, int] = {}
    for partition, offset in places:
        found[partition] = min(offset, found.get(partition, offset))
    return found
