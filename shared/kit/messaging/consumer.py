"""How a consumer hears: each batch of records becomes one transaction on effects, inbox, checkpoint and dead letters.

Two guards make every effect happen once. The inbox knows the last event of each stream, so that a record that comes
twice, at whatever offset, changes nothing. `checkpoints` knows the next offset of each partition, and the epoch of its
owner, so that a consumer goes on where its effects stand and one that lost the partition cannot write.
"""

import gc
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from opentelemetry.trace import SpanKind
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from shared.contracts.event import Event, Publisher
from shared.kit.base import generations, tasks, tracing
from shared.kit.base.clock import Clock
from shared.kit.base.generations import FIRST, group_of
from shared.kit.base.metrics import ConsumerMetrics
from shared.kit.base.mongo import Database, in_transaction, is_duplicate
from shared.kit.base.retries import attempts, passing
from shared.kit.messaging import deadletters, stops, streams
from shared.kit.messaging.admission import Admission, Item, Verdict, admit, item
from shared.kit.messaging.checkpoint import Checkpoint, Fenced, Partition
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.messaging.rejections import Counted, Limits, Tally, count
from shared.kit.messaging.stops import Stop, Stopped

Apply = Callable[[AsyncClientSession, "Runner", Sequence[ReceivedEvent], datetime], Awaitable[None]]
log = structlog.get_logger()


TOO_OFTEN = 3
"""A transaction that the database has rolled back so often, for others or for its size, is tried in halves: one that
changes more than the database can hold in memory is rolled back for ever."""
GROWS_BY = 0.01
"""Batches then grow again, with each that is durable by this share of the largest."""
DUPLICATES_MAX = 5
"""So often a unique key may be taken: by another worker that was quicker, at first; by what is there to stay, then."""


@dataclass(frozen=True)
class Consumer:
    """One consumer group: its name, whom it subscribes to, which of their events it handles, and what it does with them
    inside the transaction it is given and at the business time it is told. Other events change nothing."""

    name: str
    subscribes_to: tuple[Publisher, ...]
    handles: tuple[type[Event], ...]
    apply: Apply
    batch: int = 200
    rebuilt: bool = False
    """Whether its effects are read models, which every generation has its own of."""

    @property
    def of_no_effect(self) -> frozenset[bytes]:
        """The types of events that its publishers have and that change nothing here, as they stand in headers."""
        public = [(publisher, event) for publisher in self.subscribes_to for event in publisher.events]
        return frozenset(publisher.type_of(event).encode() for publisher, event in public if event not in self.handles)


@dataclass
class _Ownership:
    epoch: int
    next: int


@dataclass(frozen=True)
class _Durable:
    """What a transaction has done: the records it took, what was counted, and whether the consumer is stopped now."""

    admission: Admission
    counted: Counted
    stop: Stop | None


class RolledBack(Exception):
    """A transaction was rolled back so often that it is to be tried with less."""


class Runner:
    """A consumer at work on one database. It accepts events of its own instance, and of the sources in `accepted`."""

    def __init__(
        self,
        consumer: Consumer,
        db: Database,
        clock: Clock,
        instance: str,
        prefix: str = "",
        generation: str = FIRST,
        metrics: ConsumerMetrics | None = None,
        accepted: Collection[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self.consumer = consumer
        self.clock = clock
        self.generation = generation
        self.models = generations.of(db, generation)
        self.group = f"{prefix}{group_of(consumer.name, generation) if consumer.rebuilt else consumer.name}"
        self.publishers = {f"{prefix}{publisher.topic}": publisher for publisher in consumer.subscribes_to}
        self.db = db
        self.checkpoint = Checkpoint(db, self.group)
        self.outcomes: Counter[Verdict] = Counter()
        self.metrics = metrics or ConsumerMetrics()
        self.metrics.fenced.labels(self.group)
        self.metrics.went_back.labels(self.group)
        self._sources = {
            topic: streams.accepted(publisher, instance, accepted) for topic, publisher in self.publishers.items()
        }
        self.stopped: Stop | None = None
        self._limits = limits
        self._tallies: Mapping[str, Tally] = {}
        self._owned: dict[Partition, _Ownership] = {}
        self._at_once = consumer.batch

    async def claim(self, partition: Partition) -> int:
        """Become the owner of a partition; the offset to go on from. Any owner before is fenced from now on."""
        epoch, next_ = await self.checkpoint.claim(partition)
        self._owned[partition] = _Ownership(epoch, next_)
        return next_

    def resume(self) -> None:
        """Count anew: an operator lets this consumer go on."""
        self.stopped, self._tallies = None, {}

    def owns(self, partition: Partition) -> bool:
        """Whether the partition has been claimed and not released since."""
        return partition in self._owned

    @property
    def part(self) -> str:
        """Which part of the group this is: the first of its partitions, by number. No two that are at work at once have
        the same, but for the moment in which one of them is fenced."""
        return str(min((partition for _, partition in self._owned), default=0))

    def goes_on_at(self, partition: Partition) -> int:
        """The offset of the next record of a partition that is owned."""
        return self._owned[partition].next

    async def step_back(self, partition: Partition, offset: int) -> None:
        """Kafka ends at that offset, before what has been heard: go on from there, where what it has lost will come
        again. Raises `Fenced`."""
        owned = self._owned[partition]
        log.critical("kafka-went-back", consumer=self.group, partition=partition, heard_to=owned.next, ends_at=offset)
        self.metrics.went_back.labels(self.group).inc()
        await self.checkpoint.step_back(partition, owned.epoch, offset)
        owned.next = offset

    def release(self, partition: Partition) -> None:
        """The partition went to somebody else."""
        self._owned.pop(partition, None)

    async def handle(self, records: Sequence[Record]) -> None:
        """Make a batch durable, whatever is in it; when this returns, Kafka may forget it. Raises `Fenced`, and
        `Stopped` where too much of it is rejected: up to there it is durable.

        A database that does not answer is waited for. A record that the code cannot handle is put aside alone.
        """
        left = records
        while left:
            now, left = left[: self._at_once], left[self._at_once :]
            await self._handle(now)

    async def _handle(self, records: Sequence[Record]) -> None:
        items = [self.item(record) for record in records]
        try:
            await self._persist(items)
            self._at_once = min(self.consumer.batch, self._at_once + math.ceil(self.consumer.batch * GROWS_BY))
        except RolledBack:
            self._at_once = len(records) // 2
            gc.collect()  # what was rolled back holds on to itself, and is large
            log.warning("batch-halved", consumer=self.group, records=len(records))
            await self.handle(records)
        except Fenced:
            self.metrics.fenced.labels(self.group).inc()
            raise
        except Stopped as stopped:
            self.stopped = stopped.stop
            raise
        except Exception as failed:
            if len(records) > 1:
                for record in records:
                    await self._handle([record])
                return
            log.error("handler-failed", consumer=self.group, place=records[0].place, reason=failed, **_ids(items[0]))
            await self._persist([items[0]._replace(fault=deadletters.handler_fault(failed))])

    def item(self, record: Record) -> Item:
        """A record as far as today's code can read it."""
        return item(record, self.publishers[record.topic], self._sources[record.topic])

    async def _persist(self, items: Sequence[Item]) -> None:
        """A batch of one trace is a step of it; a batch of several is a trace of its own that names them all."""
        started = time.perf_counter()
        traces = list(dict.fromkeys(one.heard.trace for one in items if one.heard))
        after = traces.pop() if len(traces) == 1 else ""
        with tracing.step(
            f"process {self.group}",
            SpanKind.CONSUMER,
            after=after,
            links=traces,
            ids={"messaging.consumer.group.name": self.group, "messaging.batch.message_count": len(items)},
        ):
            done = await self._until_durable(items)
        admission, taken = done.admission, items[: done.counted.taken]
        self._tallies = done.counted.tallies
        self.outcomes.update(admission.verdicts)
        for partition, last in _last_offsets(one.record for one in taken).items():
            if partition in self._owned:
                self._owned[partition].next = last + 1
        newest = max((heard.time for heard in admission.apply), default=None)
        age_s = (self.clock.now() - newest).total_seconds() if newest else None
        self.metrics.handled(self.group, len(taken), time.perf_counter() - started, age_s)
        if done.stop:
            log.critical("consumer-stopped", consumer=self.group, **asdict(done.stop.exceeded))
            raise Stopped(self.group, done.stop)

    async def _until_durable(self, items: Sequence[Item]) -> _Durable:
        begun = begun_now = twice = 0

        def may_pass(failed: Exception) -> bool:
            nonlocal twice
            twice += (taken := isinstance(failed, PyMongoError) and is_duplicate(failed))
            return passing(failed) or (taken and twice <= DUPLICATES_MAX)

        async def work(session: AsyncClientSession) -> _Durable:
            nonlocal begun, begun_now
            if begun_now >= TOO_OFTEN and len(items) > 1:
                raise RolledBack
            self.metrics.retries.labels(self.group).inc(min(begun, 1))
            begun, begun_now = begun + 1, begun_now + 1
            return await self._batch(session, items)

        async for attempt in attempts(self.group, may_pass):
            with attempt:
                begun_now = 0
                done = await in_transaction(self.db, work)
        return done

    async def _batch(self, session: AsyncClientSession, items: Sequence[Item]) -> _Durable:
        """The one transaction of a batch: of all of it, or up to the record at which a limit is reached."""
        known, _ = await tasks.together(
            self.checkpoint.heard(session, {one.stream for one in items if one.stream}), self._may_go_on()
        )
        admission = admit(items, known)
        counted = await self._count(session, items, admission)
        if counted.taken < len(items):
            items = items[: counted.taken]
            admission = admit(items, known)
        await self.checkpoint.advance(session, self._mine(one.record for one in items))
        await self.consumer.apply(session, self, admission.apply, self.clock.now())
        await deadletters.keep(session, self.db, self.group, admission.aside)
        await self.checkpoint.remember(session, admission.positions, known)
        stop = await stops.stop(session, self.db, self.group, counted.exceeded) if counted.exceeded else None
        return _Durable(admission, counted, stop)

    async def _may_go_on(self) -> None:
        """Raises `Stopped` where the consumer is stopped already."""
        if self._limits is not None:
            await stops.check(self.db, self.group)

    async def _count(self, session: AsyncClientSession, items: Sequence[Item], admission: Admission) -> Counted:
        if self._limits is None:
            return Counted(len(items), {})
        faulty = [one for one in admission.aside if one.verdict is Verdict.FAULT]
        again = await deadletters.known(session, self.db, self.group, faulty) if faulty else set()
        return count(self._tallies, items, admission.verdicts, again, self._limits)

    def _mine(self, records: Iterable[Record]) -> dict[Partition, tuple[int, int]]:
        """The last offset of each partition, with the epoch in which it is owned; in none that there is otherwise."""
        return {
            partition: (self._owned[partition].epoch if partition in self._owned else -1, last)
            for partition, last in _last_offsets(records).items()
        }


def _ids(item: Item) -> Mapping[str, str]:
    """What a log line says of an event, as far as it could be read."""
    known = {"stream": item.stream, "event_id": item.heard and item.heard.id, "trace": item.heard and item.heard.trace}
    return {name: value for name, value in known.items() if value}


def _last_offsets(records: Iterable[Record]) -> dict[Partition, int]:
    return {(record.topic, record.partition): record.offset for record in records}
