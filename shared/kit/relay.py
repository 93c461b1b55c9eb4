"""How commits reach Kafka: unsent ones are sent in order, then marked. Sending twice is allowed, losing one is not."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Protocol

import structlog
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind
from pymongo.errors import PyMongoError

from shared.contracts.event import Publisher
from shared.kit import cloudevents, faults, tasks, tracing
from shared.kit.deadletters import Status
from shared.kit.decider import Document
from shared.kit.kafka import Message
from shared.kit.lease import Lease
from shared.kit.metrics import RelayMetrics
from shared.kit.mongo import Database

BATCH = 500
IDLE_S = 1.0
GATHER_S = 0.05
"""What is committed so soon after another commit goes with it: a round costs the same for many commits as for one."""
log = structlog.get_logger()


class Post(Protocol):
    """What carries messages: Kafka's producer, or the bus of a test."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when all are stored; raises otherwise, when some may be."""
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
        self._source = f"/{instance}/{publisher.name}"
        self._prefix = prefix
        self._wake = asyncio.Event()
        self._metrics = metrics or RelayMetrics()

    async def run(self) -> None:
        """Relay until cancelled. Polls on state; a change stream only shortens the wait."""
        watcher = asyncio.create_task(self._watch())
        try:
            while True:
                self._wake.clear()
                if await self.attempt() < BATCH:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), IDLE_S)
                        await asyncio.sleep(GATHER_S)
        finally:
            await tasks.end(watcher)
            with suppress(PyMongoError):
                await self._lease.give_up()

    async def attempt(self) -> int:
        """One batch, if this relay holds the lease. What fails is left for the next attempt."""
        try:
            return await self.once() if await self._lease.hold() else 0
        except (KafkaError, PyMongoError, TimeoutError) as failed:
            self._metrics.failures.inc()
            log.warning("relay-waits", service=self._publisher.name, reason=failed)
            await asyncio.sleep(IDLE_S)
            return 0

    async def once(self) -> int:
        """Send one batch of what is unsent, ordered by key and number, and mark it. Returns how many commits."""
        commits = await self._db.commits.find({"sent": False}).sort([("key", 1), ("n", 1)]).limit(BATCH).to_list()
        if commits:
            await self._send(commits)
            await self._db.commits.update_many({"_id": {"$in": [c["_id"] for c in commits]}}, {"$set": {"sent": True}})
        await self._mirror()
        return len(commits)

    async def _send(self, commits: Sequence[Document]) -> None:
        """Each commit's sending is a step of the trace that it was made in, and what hears it comes after that."""
        with ExitStack() as steps:
            messages = []
            for commit in commits:
                step = steps.enter_context(self._step(commit))
                messages += self.messages({**commit, "trace": step.trace})
            await self._post.send(messages)
        self._metrics.sent.inc(len(messages))

    def _step(self, commit: Document) -> AbstractContextManager[tracing.Step]:
        topic = f"{self._prefix}{self._publisher.topic}"
        ids = {"messaging.destination.name": topic, "mkd.commit": commit["_id"]}
        return tracing.step(f"send {topic}", SpanKind.PRODUCER, after=commit["trace"], ids=ids)

    def messages(self, commit: Document) -> list[Message]:
        """One message for each event of a commit."""
        return [
            Message(
                topic=f"{self._prefix}{self._publisher.topic}",
                key=commit["key"].encode(),
                value=event["data"].encode(),
                headers=cloudevents.headers(
                    event["type"],
                    id_=event["id"],
                    source=self._source,
                    subject=commit["aggregate"],
                    n=n,
                    time=commit["occurred_at"],
                    trace=commit["trace"],
                ),
            )
            for n, event in enumerate(commit["events"], commit["n"])
        ]

    async def _mirror(self) -> None:
        """Tell `mkd.<service>.dlq` of new dead letters: where and why, not what, which stays in the database."""
        new = {"status": Status.OPEN.value, "mirrored": {"$exists": False}}
        letters = await self._db.dead_letters.find(new, {"value": 0, "headers": 0}).limit(BATCH).to_list()
        if letters:
            await self._post.send([self._notice(letter) for letter in letters])
            ids = [letter["_id"] for letter in letters]
            await self._db.dead_letters.update_many({"_id": {"$in": ids}}, {"$set": {"mirrored": True}})

    def _notice(self, letter: Document) -> Message:
        said = {name: letter[name] for name in ("consumer", "topic", "partition", "offset", "rule", "stream")}
        said["reason"] = faults.reason(letter["rule"], letter["reason"])
        return Message(
            topic=f"{self._prefix}{self._publisher.topic}.dlq",
            key=letter["key"] or b"",
            value=json.dumps(said).encode(),
            headers=[("content-type", b"application/json")],
        )

    async def _watch(self) -> None:
        while True:
            try:
                async with await self._db.commits.watch([{"$match": {"operationType": "insert"}}]) as stream:
                    async for _ in stream:
                        self._wake.set()
            except PyMongoError:
                await asyncio.sleep(IDLE_S)
