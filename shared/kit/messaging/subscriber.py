"""How records are heard: from FastStream's consumer to the runner, and back to Kafka what is durable."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from typing import cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from pymongo.errors import PyMongoError

from shared.kit.base import tasks
from shared.kit.base.retries import attempts
from shared.kit.messaging.checkpoint import Fenced, Partition
from shared.kit.messaging.cloudevents import Record
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.stops import Stopped

Batch = tuple[ConsumerRecord[bytes, bytes], ...]
LOOKS_UP_S = 0.05
"""A consumer that waits looks up so often, to see whether it is to end."""
GATHERED_S = 0.02
"""Consumers wait so long for what comes right after: a batch costs one transaction, however many records are in it.
While one is written the next gathers by itself, so that batches are the larger the further a consumer is behind."""
NOTHING_GATHERED_S = 0.25
"""So long they wait while nothing has come that they handle: then a batch only says how far they have heard."""
LISTENS_MS = 365 * 24 * 3600 * 1000
"""FastStream rests as long again, and hears nothing, after it has listened in vain for so long: that never happens."""
TOLD_EVERY_S = 1.0
TOLD_WITHIN_S = 2.0
"""How often Kafka is told how far a group has come, beside the hearing, and how long that may take at the end."""
ENDS_WITHIN_S = 5
log = structlog.get_logger()


def subscribe(
    broker: KafkaBroker, runner: Runner, worker_id: str | None = None, group: str | None = None
) -> "RebalanceListener":
    """Let a runner hear its topics. A worker with an id is a static member of its group (KIP-345): when it comes back,
    nobody waits for the session of the one that died. A Kafka group of its own is for who hears for a while only, and
    whose coming and going nobody else is to wait for: where a runner goes on is not known by it."""
    listener = RebalanceListener(runner)
    subscriber = broker.subscriber(
        *runner.publishers,
        batch=True,
        max_records=runner.consumer.batch,
        batch_timeout_ms=LISTENS_MS,
        group_id=group or runner.group,
        group_instance_id=f"{runner.group}-{worker_id}" if worker_id else None,
        session_timeout_ms=30_000 if worker_id else 10_000,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_poll_interval_ms=15 * 60 * 1000,
        listener=listener,
        parser=_unparsed,
        decoder=_undecoded,
    )
    listener.subscriber = subscriber

    @subscriber
    async def hear(message: KafkaMessage) -> None:
        await listener.hear(cast("Batch", message.raw_message))

    return listener


class RebalanceListener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Between Kafka's consumer and the runner. Where a partition goes on is what the runner's progress says; the offset
    that Kafka stores is a hint for tools, and is stored only when its records are durable."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.subscriber: BatchSubscriber | None = None
        self._claiming = asyncio.Lock()
        self._durable: dict[TopicPartition, int] = {}
        self._telling: asyncio.Task[None] | None = None
        self._sent_to: dict[Partition, int] = {}
        self._of_no_effect = runner.consumer.of_no_effect
        self._ending = False
        self.between = asyncio.Event()
        self.between.set()
        """Set while no batch is being made durable."""
        self.heard_at = float("-inf")
        """The moment, as `time.monotonic` has it, at which one was last that may have changed something."""
        self.wakes: list[Callable[[], None]] = []
        """Called then."""

    @property
    def running(self) -> bool:
        """Whether there is a consumer, and it runs."""
        return bool(self.subscriber and self.subscriber.running and self.subscriber.consumer)

    @property
    def consumer(self) -> AIOKafkaConsumer:
        consumer = self.subscriber and self.subscriber.consumer
        assert consumer, "batches and assignments come from a consumer that runs"
        return consumer

    @property
    def behind(self) -> int:
        """How many records wait here, as far as Kafka said when it last gave some: nobody is asked."""
        if not self.running:
            return 0
        waiting = 0
        for at in self.consumer.assignment():
            partition = (at.topic, at.partition)
            if self.runner.owns(partition):
                waiting += max(0, (self.consumer.highwater(at) or 0) - self.runner.goes_on_at(partition))
        return waiting

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing is fetched before it is known where to go on: it would come again. Nor is anything meanwhile: Kafka
        answers on one connection in turn, so that every question about an end would wait for a fetch to time out."""
        self.consumer.pause(*assigned)
        for at in assigned:
            await self._own((at.topic, at.partition))
        for at in assigned:
            with suppress(IllegalStateError):
                if not self.runner.stopped:
                    self.consumer.resume(at)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for partition in revoked:
            self.runner.release((partition.topic, partition.partition))
        await self.tell()

    async def hear(self, batch: Batch) -> None:
        """Handle a batch, then acknowledge it. What fails is heard again."""
        batch = await self._gathered(batch)
        records = await self._in_place(batch)
        if not records:
            return
        try:
            await self._handle(records, any(map(self._matters, batch)))
        except BaseException as failed:
            for record in records:
                self.runner.release((record.topic, record.partition))
            if isinstance(failed, Stopped):
                self.pause()
                return
            if not isinstance(failed, Fenced):
                raise
            log.warning("partition-lost", consumer=self.runner.group, reason=str(failed))
            return
        await self.acknowledge(records)

    async def _handle(self, records: Sequence[Record], matters: bool) -> None:
        self.between.clear()
        try:
            await self.runner.handle(records)
        finally:
            self.between.set()
        if matters:
            self.heard_at = time.monotonic()
            for wake in self.wakes:
                wake()

    def pause(self) -> None:
        """Fetch nothing more, and stay a member of the group: the partitions of one that is stopped must not wander to
        others, which are stopped too."""
        self.consumer.pause(*self.consumer.assignment())

    async def resume(self) -> None:
        """Go on where the effects stand: what was fetched beyond is fetched again. What fails can be tried again."""
        for at in self.consumer.assignment():
            self.runner.release((at.topic, at.partition))
            await self._own((at.topic, at.partition))
        self.runner.resume()
        self.consumer.resume(*self.consumer.paused())

    async def _gathered(self, batch: Batch) -> Batch:
        """A batch with what has come right after it, as far as it is still this consumer's."""
        most = self.runner.consumer.batch
        if len(batch) >= most:
            return batch
        until, consumer = time.monotonic() + NOTHING_GATHERED_S, self.consumer
        while len(batch) < most and not self._ending and not any(map(self._matters, batch)):
            if (left_s := until - time.monotonic()) <= 0:
                break
            batch = await self._more(batch, left_s)
        await asyncio.sleep(GATHERED_S)
        batch = await self._more(batch)
        assigned = consumer.assignment()
        return tuple(raw for raw in batch if TopicPartition(raw.topic, raw.partition) in assigned)

    async def _more(self, batch: Batch, wait_s: float = 0) -> Batch:
        """A batch with what there is besides, or with what comes first within some time."""
        room = self.runner.consumer.batch - len(batch)
        if not room:
            return batch
        more = await self.consumer.getmany(timeout_ms=int(min(wait_s, LOOKS_UP_S) * 1000), max_records=room)
        return tuple(chain(batch, *more.values()))

    def _matters(self, raw: ConsumerRecord[bytes, bytes]) -> bool:
        """Whether a record may change something here, as far as its type says; what says none of those known does."""
        said = next((value for name, value in raw.headers if name == "ce_type"), None)
        return said not in self._of_no_effect

    async def acknowledge(self, records: Sequence[Record]) -> None:
        """Have Kafka told how far the group has come: soon, and beside the hearing, which does not wait for it."""
        self._durable.update({TopicPartition(one.topic, one.partition): one.offset + 1 for one in records})
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_soon())

    async def _tell_soon(self) -> None:
        await asyncio.sleep(TOLD_EVERY_S)
        await self.tell()

    async def tell(self) -> None:
        """Tell Kafka what has become durable since it was last told."""
        durable, self._durable = self._durable, {}
        if durable and self.running:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(self.consumer.commit(durable), TOLD_WITHIN_S)

    async def end(self) -> None:
        """Tell it for the last time."""
        self._ending = True
        if self._telling:
            await tasks.end(self._telling)
        await self.tell()

    async def _own(self, partition: Partition) -> None:
        """Claim a partition and go on where its effects stand, unless it is taken away meanwhile; a database that does
        not answer is waited for."""
        async with self._claiming:
            if self.runner.owns(partition):
                return
            async for attempt in attempts(self.runner.group):
                with attempt:
                    await self.runner.claim(partition)
                    await self._within_kafka(partition)
            if self.runner.owns(partition):
                self._go_on(partition, self.runner.goes_on_at(partition))

    async def _within_kafka(self, partition: Partition) -> None:
        """Never go on after Kafka's end: what it has lost is sent again and comes there. Where it does not say where it
        ends, that is looked at when records come that have been heard."""
        with suppress(KafkaError, PyMongoError, TimeoutError, Fenced):
            at = TopicPartition(*partition)
            end = (await asyncio.wait_for(self.consumer.end_offsets([at]), ENDS_WITHIN_S))[at]
            if self.runner.owns(partition) and end < self.runner.goes_on_at(partition):
                await self.runner.step_back(partition, end)

    def _go_on(self, partition: Partition, offset: int) -> None:
        self._sent_to[partition] = offset
        at = TopicPartition(*partition)
        with suppress(IllegalStateError):
            self.consumer.seek(at, offset)
            if self.runner.stopped:
                self.consumer.pause(at)

    async def _in_place(self, batch: Batch) -> list[Record]:
        """The records that come where the runner goes on. Others were fetched before the consumer was sent there, and
        come again; unless they have been fetched since, and there is nothing at that offset. Earlier ones come then
        only when Kafka had nothing to go on with, and the consumer began anew."""
        elsewhere: set[Partition] = set()
        expected: dict[Partition, int] = {}
        for raw in batch:
            partition = (raw.topic, raw.partition)
            if partition not in expected:
                await self._own(partition)
                goes_on_at = self.runner.goes_on_at(partition)
                if raw.offset < goes_on_at:
                    await self._within_kafka(partition)
                expected[partition] = self.runner.goes_on_at(partition)
                sent_there = self._sent_to.get(partition) == goes_on_at < raw.offset
                nothing_there = sent_there and await self._fetched_since(raw)
                if raw.offset != expected[partition] and not nothing_there:
                    elsewhere.add(partition)
        for partition in elsewhere:
            self._go_on(partition, expected[partition])
        return [
            Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.headers)
            for raw in batch
            if (raw.topic, raw.partition) not in elsewhere
        ]

    async def _fetched_since(self, raw: ConsumerRecord[bytes, bytes]) -> bool:
        """Whether a record was fetched after the consumer was last sent somewhere: it stands after it then."""
        with suppress(IllegalStateError):
            return bool(await self.consumer.position(TopicPartition(raw.topic, raw.partition)) > raw.offset)
        return False


def _unparsed(batch: Batch) -> KafkaAckableMessage:
    """FastStream's own parser drops a record whose headers it cannot decode; here all reading is left to the runner."""
    return KafkaAckableMessage(raw_message=batch, body=b"", consumer=FAKE_CONSUMER)


def _undecoded(message: KafkaAckableMessage) -> bytes:
    return bytes(message.body)
