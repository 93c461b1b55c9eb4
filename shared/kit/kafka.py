"""How Kafka is reached: one place that sets what FastStream and aiokafka leave unsafe by default."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import SASLScram512

from shared.kit.cloudevents import RawHeaders, Record
from shared.kit.consumer import Fenced, Runner
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
            **_client_security(self._settings),
        )
        await self._producer.start()
        return self._producer

    async def close(self) -> None:
        """Drop the connection; the next `send` opens another."""
        producer, self._producer = self._producer, None
        if producer:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)


def broker(settings: Settings) -> KafkaBroker:
    """A FastStream broker that hears: it neither creates topics nor publishes, which is the relay's."""
    password = secret(settings.kafka_password_file)
    scram = SASLScram512(settings.kafka_user, password or "", use_ssl=False) if settings.kafka_user else None
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        security=scram,
        ack_policy=AckPolicy.MANUAL,
        allow_auto_create_topics=False,
        consumer_only=True,
        logger=None,
    )


def subscribe(broker: KafkaBroker, runner: Runner) -> BatchSubscriber:
    """Let a runner hear its topics. Offsets stored in Kafka are a hint for tools; the runner says where to go on."""
    subscriber = broker.subscriber(
        *runner.publishers,
        batch=True,
        max_records=runner.consumer.batch,
        batch_timeout_ms=50,
        group_id=runner.group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_poll_interval_ms=15 * 60 * 1000,
        listener=_Ownership(runner),
        parser=_unparsed,
        decoder=_undecoded,
    )

    @subscriber
    async def hear(message: KafkaMessage) -> None:
        consumer = subscriber.consumer
        assert consumer, "a batch comes from a consumer that runs"
        records = await _owned(runner, consumer, cast("Batch", message.raw_message))
        try:
            await runner.handle(records)
        except BaseException as failed:
            for record in records:
                runner.release((record.topic, record.partition))
            if not isinstance(failed, Fenced):
                raise
            log.warning("partition-lost", consumer=runner.group, reason=str(failed))
            return
        with suppress(KafkaError):
            await consumer.commit({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})

    return subscriber


class _Ownership(ConsumerRebalanceListener):  # type: ignore[misc]
    """After a rebalance nothing is owned until it is claimed anew, with the first record that comes."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        for partition in revoked:
            self._runner.release((partition.topic, partition.partition))

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing to do yet: see `_owned`."""


async def _owned(runner: Runner, consumer: AIOKafkaConsumer, batch: Batch) -> list[Record]:
    """The records to handle. The first of a partition since it was assigned decides: if the runner goes on elsewhere,
    the consumer is sent there and these are left."""
    elsewhere = set()
    for raw in batch:
        partition = (raw.topic, raw.partition)
        if not runner.owns(partition):
            go_on = await runner.claim(partition)
            if go_on != raw.offset:
                consumer.seek(TopicPartition(*partition), go_on)
                elsewhere.add(partition)
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


def _client_security(settings: Settings) -> dict[str, Any]:
    if not settings.kafka_user:
        return {}
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": secret(settings.kafka_password_file),
    }
