"""How Kafka is reached: one place that sets what FastStream and aiokafka leave unsafe by default."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLScram512
from pymongo.errors import PyMongoError

from shared.kit.cloudevents import RawHeaders, Record
from shared.kit.consumer import Fenced, Partition, Runner
from shared.kit.settings import Settings, secret

Batch = tuple[ConsumerRecord[bytes, bytes], ...]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    """One record to be sent."""

    topic: str
    key: bytes
    value: bytes
    headers: RawHeaders


class Producer:
    """An idempotent producer that is thrown away on any error: after some, aiokafka's never recovers (aiokafka #1017).

    Sending the same messages again is always allowed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def send(self, messages: Sequence[Message]) -> None:
        """Returns when every message is acknowledged by all in-sync replicas. Raises `KafkaError` or `TimeoutError`."""
        try:
            producer = self._producer or await self._start()
            async with asyncio.timeout(30):
                sent = [
                    await producer.send(m.topic, m.value, key=m.key, headers=cast("Any", m.headers)) for m in messages
                ]
                await asyncio.gather(*sent)
        except BaseException:
            await self.close()
            raise

    async def _start(self) -> AIOKafkaProducer:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka_bootstrap.split(","),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=1_000_000,
            **client_security(self._settings),
        )
        await self._producer.start()
        return self._producer

    async def close(self) -> None:
        """Drop the connection; the next `send` opens another."""
        producer, self._producer = self._producer, None
        if producer:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)


class Probe:
    """Whether the cluster answers us."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: AIOKafkaAdminClient | None = None

    async def start(self) -> None:
        """Connect. Raises `KafkaError`, which is the same for a wrong password as for no broker."""
        servers = self._settings.kafka_bootstrap.split(",")
        self._admin = AIOKafkaAdminClient(bootstrap_servers=servers, **client_security(self._settings))
        try:
            await self._admin.start()
        except KafkaError:
            hint = "is a broker there, and are the user and the password right?"
            log.critical("kafka-not-reachable", bootstrap=servers, user=self._settings.kafka_user, hint=hint)
            raise

    async def answers(self, within_s: float = 2) -> bool:
        try:
            return bool(self._admin and await asyncio.wait_for(self._admin.describe_cluster(), within_s))
        except (KafkaError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._admin:
            await self._admin.close()


def broker(settings: Settings) -> KafkaBroker:
    """A FastStream broker that hears: it neither creates topics nor publishes, which is the relay's."""
    tls, user, password = tls_context(settings), settings.kafka_user, secret(settings.kafka_password_file) or ""
    signed_in = SASLScram512(user, password, tls, settings.kafka_tls) if user else BaseSecurity(tls, settings.kafka_tls)
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        security=signed_in,
        ack_policy=AckPolicy.MANUAL,
        allow_auto_create_topics=False,
        consumer_only=True,
        logger=None,
    )


def subscribe(broker: KafkaBroker, runner: Runner, worker_id: str | None = None) -> BatchSubscriber:
    """Let a runner hear its topics. A worker with an id is a static member of its group (KIP-345): when it comes back,
    nobody waits for the session of the one that died."""
    ear = Ear(runner)
    subscriber = broker.subscriber(
        *runner.publishers,
        batch=True,
        max_records=runner.consumer.batch,
        batch_timeout_ms=50,
        group_id=runner.group,
        group_instance_id=f"{runner.group}-{worker_id}" if worker_id else None,
        session_timeout_ms=30_000 if worker_id else 10_000,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_poll_interval_ms=15 * 60 * 1000,
        listener=ear,
        parser=_unparsed,
        decoder=_undecoded,
    )
    ear.subscriber = subscriber

    @subscriber
    async def hear(message: KafkaMessage) -> None:
        await ear.hear(cast("Batch", message.raw_message))

    return subscriber


class Ear(ConsumerRebalanceListener):  # type: ignore[misc]
    """Between Kafka's consumer and the runner. Where a partition goes on is what the runner's progress says; the offset
    that Kafka stores is a hint for tools, and is stored only when its records are durable."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.subscriber: BatchSubscriber | None = None
        self._claiming = asyncio.Lock()
        self._sent_to: dict[Partition, int] = {}

    @property
    def consumer(self) -> AIOKafkaConsumer:
        consumer = self.subscriber and self.subscriber.consumer
        assert consumer, "batches and assignments come from a consumer that runs"
        return consumer

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        for partition in assigned:
            await self._own((partition.topic, partition.partition))

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for partition in revoked:
            self.runner.release((partition.topic, partition.partition))

    async def hear(self, batch: Batch) -> None:
        """Handle a batch, then acknowledge it. What fails is heard again."""
        records = await self._in_place(batch)
        if not records:
            return
        try:
            await self.runner.handle(records)
        except BaseException as failed:
            for record in records:
                self.runner.release((record.topic, record.partition))
            if not isinstance(failed, Fenced):
                raise
            log.warning("partition-lost", consumer=self.runner.group, reason=str(failed))
            return
        await self.acknowledge(records)

    async def acknowledge(self, records: Sequence[Record]) -> None:
        """Tell Kafka how far the group has come."""
        with suppress(KafkaError):
            await self.consumer.commit({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})

    async def _own(self, partition: Partition) -> None:
        """Claim a partition and go on where its effects stand; a database that does not answer is waited for."""
        async with self._claiming:
            while not self.runner.owns(partition):
                try:
                    self._go_on(partition, await self.runner.claim(partition))
                except PyMongoError as down:
                    log.warning("database-waits", consumer=self.runner.group, reason=down)
                    await asyncio.sleep(1)

    def _go_on(self, partition: Partition, offset: int) -> None:
        self._sent_to[partition] = offset
        with suppress(IllegalStateError):
            self.consumer.seek(TopicPartition(*partition), offset)

    async def _in_place(self, batch: Batch) -> list[Record]:
        """The records that come where the runner goes on. Others were fetched before the consumer was sent there, and
        come again; unless it has been sent there and there is nothing at that offset."""
        elsewhere: set[Partition] = set()
        expected: dict[Partition, int] = {}
        for raw in batch:
            partition = (raw.topic, raw.partition)
            if partition not in expected:
                await self._own(partition)
                expected[partition] = self.runner.goes_on_at(partition)
                if raw.offset != expected[partition] and self._sent_to.get(partition) != expected[partition]:
                    elsewhere.add(partition)
        for partition in elsewhere:
            self._go_on(partition, expected[partition])
        return [
            Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.headers)
            for raw in batch
            if (raw.topic, raw.partition) not in elsewhere
        ]


def _unparsed(batch: Batch) -> KafkaAckableMessage:
    """FastStream's own parser drops a record whose headers it cannot decode; here all reading is left to the runner."""
    return KafkaAckableMessage(raw_message=batch, body=b"", consumer=FAKE_CONSUMER)


def _undecoded(message: KafkaAckableMessage) -> bytes:
    return bytes(message.body)


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """How Kafka's certificate is checked: always against its name, too."""
    ca_file = str(settings.kafka_ca_file) if settings.kafka_ca_file else None
    return ssl.create_default_context(cafile=ca_file) if settings.kafka_tls else None


def client_security(settings: Settings) -> dict[str, Any]:
    """How aiokafka's own clients sign in."""
    context = tls_context(settings)
    if not settings.kafka_user:
        return {"security_protocol": "SSL", "ssl_context": context} if context else {}
    return {
        "security_protocol": "SASL_SSL" if context else "SASL_PLAINTEXT",
        "ssl_context": context,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": secret(settings.kafka_password_file),
    }
