"""What must be there before services start: topics, principals' rights, database users, collections, shipped rules.

Everything here may be run again at any time.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from deploy.base.failure import Failure
from deploy.base.home import SERVICES
from services.portal.settings import NAME as PORTAL
from shared.kit.base import generations
from shared.kit.base.mongo import NewerData, connect, set_up
from shared.kit.base.settings import Settings
from shared.kit.process import upgrade
from shared.kit.process.service import Service

if TYPE_CHECKING:
    from services.portal.settings import PortalSettings
    from shared.kit.web.front import Front

PARTITIONS = 12
PATIENCE_S = 60
ITERATIONS = 8192
CRITICAL = 2
"""From this level of syslog on, librdkafka says on stderr what it meets; what matters comes as an exception too."""

Mechanism = Literal["SCRAM-SHA-512", "PLAIN"]
OF_ANOTHER_VERSION = (85, 86, 11000)
"""IndexOptionsConflict, IndexKeySpecsConflict, and a duplicate that a new unique index meets."""

ANY_RIGHT = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # "any", which the stubs do not know
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)
KEPT = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster as its administrator reaches it."""

    bootstrap: str
    user: str | None = None
    password: str | None = None
    replication: int = 1
    tls: bool = False
    ca_file: Path | None = None
    mechanism: Mechanism = "SCRAM-SHA-512"

    def client(self) -> AdminClient:
        return AdminClient(self.config())

    def config(self) -> dict[str, Any]:
        """What a client of librdkafka is told."""
        config: dict[str, Any] = {"bootstrap.servers": self.bootstrap, "log_level": CRITICAL}
        if self.tls:
            config["security.protocol"] = "SSL"
            config |= {"ssl.ca.location": str(self.ca_file)} if self.ca_file else {}
        if self.user:
            config |= {
                "security.protocol": "SASL_SSL" if self.tls else "SASL_PLAINTEXT",
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        return config


def sign_ins(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Let users sign in by SCRAM with today's passwords. Told over the wire: a command line is everybody's to read."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    wanted: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(name, how, known.encode()) for name, known in passwords.items()
    ]
    client = cluster.client()
    for future in client.alter_user_scram_credentials(wanted, request_timeout=PATIENCE_S).values():
        future.result()


def services() -> list[Service]:
    """Every service of the platform."""
    return [import_module(f"services.{name}.app").SERVICE for name in SERVICES]


def portal() -> "Front[PortalSettings]":
    """What stands in front of them."""
    found: Front[PortalSettings] = import_module(f"services.{PORTAL}.app").PORTAL
    return found


def topics(cluster: Cluster, prefix: str = "", patience_s: float = 30) -> None:
    """Each service's topic and its dead letters' notices."""
    wanted = [NewTopic(f"{prefix}mkd.{name}", PARTITIONS, cluster.replication, config=KEPT) for name in SERVICES]
    wanted += [NewTopic(f"{prefix}mkd.{name}.dlq", 1, cluster.replication, config=KEPT) for name in SERVICES]
    client = cluster.client()
    for future in client.create_topics(wanted, operation_timeout=patience_s).values():
        try:
            future.result()
        except KafkaException as refused:
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def rights(cluster: Cluster, platform: Iterable[Service], prefix: str = "", patience_s: float = 30) -> None:
    """A service may write its own topics, read those it hears, and use its own groups: nothing else. Returns when the
    broker goes by it."""
    grants: list[AclBinding] = []
    for service in platform:
        heard = {publisher.topic for consumer in service.consumers for publisher in consumer.subscribes_to}
        own = f"{prefix}{service.publisher.topic}"
        grants += [_may(service.name, ResourceType.TOPIC, topic, AclOperation.WRITE) for topic in (own, f"{own}.dlq")]
        grants += [_may(service.name, ResourceType.TOPIC, f"{prefix}{topic}", AclOperation.READ) for topic in heard]
        grants.append(_may_all(service.name, ResourceType.GROUP, f"{prefix}{service.name}.", AclOperation.READ))
    client = cluster.client()
    for future in client.create_acls(grants).values():
        future.result()
    deadline = time.monotonic() + patience_s
    while missing := set(map(str, grants)) - set(map(str, client.describe_acls(ANY_RIGHT).result())):
        if time.monotonic() > deadline:
            raise Failure(f"Kafka does not apply {len(missing)} rights that it has accepted.", "See ./mkd logs kafka.")
        time.sleep(0.05)


def _may(user: str, kind: ResourceType, name: str, what: AclOperation) -> AclBinding:
    principal = f"User:{user}"
    return AclBinding(kind, name, ResourcePatternType.LITERAL, principal, "*", what, AclPermissionType.ALLOW)


def _may_all(user: str, kind: ResourceType, prefix: str, what: AclOperation) -> AclBinding:
    """The same, for all names that begin so: a rebuild's consumer group is named after the live one."""
    principal = f"User:{user}"
    return AclBinding(kind, prefix, ResourcePatternType.PREFIXED, principal, "*", what, AclPermissionType.ALLOW)


async def bare_database(its: Settings, name: str, indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Collections and indexes of a process that has a database and is no service: it neither decides nor consumes."""
    db = connect(its, name)
    try:
        await set_up(db, indexes, kit={})
    finally:
        await db.client.close()


async def outdated(platform: Sequence[Service], settings: Sequence[Settings]) -> list[tuple[Service, Settings]]:
    """The services whose read models an earlier version has filled, so that they must be rebuilt before they start."""
    found = []
    for service, its in zip(platform, settings, strict=True):
        db = connect(its, service.database)
        try:
            if await generations.version(db) < service.models_version:
                found.append((service, its))
        finally:
            await db.client.close()
    return found


def _check_accepted(service: Service, its: Settings) -> None:
    nobody = sorted(name for name in its.accepted() if name.partition(".")[0] not in SERVICES)
    try:
        service.check_accepted(its)
        if nobody:
            raise ValueError(f"MKD_ACCEPTED_SOURCES: there is no service of {', '.join(nobody)}")
    except ValueError as wrong:
        remedy = "State sources as <consumer>=/<instance>/<service>, of services that the consumer subscribes to."
        raise Failure(f"{wrong}.", remedy) from wrong


async def databases(platform: Sequence[Service], settings: Sequence[Settings]) -> None:
    """Collections, indexes and shipped rules of every service, each by its own user. Raises `Failure` when the data are
    not of this version and cannot be brought to it, and when the settings state a source that nobody could accept."""
    for service, its in zip(platform, settings, strict=True):
        _check_accepted(service, its)

    async def one(service: Service, its: Settings) -> None:
        db = connect(its, service.database)
        try:
            await set_up(db, service.indexes)
            await generations.begin(db, service.models_version)
            await generations.set_up(db, await generations.live(db), service.read_models)
            await upgrade.bring_over(db, service, its.instance)
            if service.seed:
                await service.seed(db, its.clock())
        except NewerData as newer:
            cause = f"The data of {service.name} were written by a newer version: {newer}."
            raise Failure(cause, "Run that version, or a newer one; nothing was changed.") from newer
        except upgrade.AtWork as running:
            cause = f"The data of {service.name} are of an earlier version, and {running}."
            raise Failure(cause, "Stop all workers first, and try again.") from running
        except OperationFailure as refused:
            if refused.code not in OF_ANOTHER_VERSION:
                raise
            raise Failure(
                f"The data of {service.name} are of another version of the software: {refused.details}.",
                "Run the version that wrote them, take a backup there (./mkd backup), and restore it with this one.",
            ) from refused
        finally:
            await db.client.close()

    await asyncio.gather(*(one(service, its) for service, its in zip(platform, settings, strict=True)))
