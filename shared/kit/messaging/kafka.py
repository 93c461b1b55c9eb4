"""How Kafka is reached: one place that sets what FastStream and aiokafka leave unsafe by default."""

import asyncio
import ssl
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512

from shared.kit.base.settings import Settings, secret
from shared.kit.messaging.checkpoint import Place as Place
from shared.kit.messaging.cloudevents import RawHeaders

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    """One record to be sent."""

    topic: str
    key: bytes
    value: bytes
    headers: RawHeaders
    partition: int | None = None
    """Where it must go; what its key says, otherwise."""


class Producer:
    """An idempotent producer that is thrown away on any error: after some, aiokafka's never recovers (aiokafka #1017).

    Sending the same messages again is always allowed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._looker: AIOKafkaConsumer | None = None

    async def send(self, messages: Sequence[Message]) -> list[Place]:
        """Where each message lies. Returns when every one is acknowledged by all in-sync replicas. Raises `KafkaError`
        or `TimeoutError`."""
        try:
            producer = self._producer or await self._start()
            async with asyncio.timeout(30):
                sent = [
                    await producer.send(
                        m.topic, m.value, key=m.key, headers=cast("Any", m.headers), partition=m.partition
                    )
                    for m in messages
                ]
                return [(stored.partition, stored.offset) for stored in await asyncio.gather(*sent)]
        except BaseException:
            await self.close()
            raise

    async def ends(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        """The offset after the last record of each of some partitions. Raises `KafkaError` or `TimeoutError`, also
        where there is no such topic."""
        try:
            async with asyncio.timeout(15):
                looker = self._looker or await self._look()
                found = await looker.end_offsets([TopicPartition(topic, number) for number in partitions])
                return {at.partition: end for at, end in found.items()}
        except BaseException:
            await self._look_away()
            raise

    async def _look(self) -> AIOKafkaConsumer:
        """A consumer of no group, which is asked where topics end and reads nothing."""
        servers = self._settings.kafka_bootstrap.split(",")
        self._looker = AIOKafkaConsumer(bootstrap_servers=servers, **client_security(self._settings))
        await self._looker.start()
        return self._looker

    async def _look_away(self) -> None:
        looker, self._looker = self._looker, None
        if looker:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(looker.stop(), 5)

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
        """Drop the connections; the next `send` opens another."""
        await self._look_away()
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
