"""Kafka and MongoDB from containers, by testcontainers: official images, or others named by the environment."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.mongod import TRANSACTION_LIFETIME_S

KAFKA_IMAGE = os.environ.get("MKD_TEST_KAFKA_IMAGE", "apache/kafka:4.1.2")
MONGO_IMAGE = os.environ.get("MKD_TEST_MONGO_IMAGE", "mongo:8")
LISTENERS = "/tmp/listeners"


@contextmanager
def containers() -> Iterator[tuple[str, str]]:
    """Addresses of a running Kafka (one node, KRaft) and MongoDB (a replica set of one)."""
    with _mongo() as mongo, _kafka() as kafka:
        yield kafka, mongo


@contextmanager
def _kafka() -> Iterator[str]:
    """A client must be told the port that Docker mapped, which is known only once the container runs: the broker waits
    for it before it starts."""
    start = f"while [ ! -s {LISTENERS} ]; do sleep 0.1; done; . {LISTENERS}; exec /etc/kafka/docker/run"
    container = DockerContainer(KAFKA_IMAGE).with_exposed_ports(9092).with_command(["sh", "-c", start])
    for name, value in {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }.items():
        container = container.with_env(name, value)
    with container:
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(9092)}"
        said = f"export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{address}"
        container.exec(["sh", "-c", f"echo {said} > {LISTENERS}"])
        LogMessageWaitStrategy("Kafka Server started").wait_until_ready(container)
        yield address


@contextmanager
def _mongo() -> Iterator[str]:
    lifetime = f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}"
    command = ["mongod", "--replSet", "mkd", "--bind_ip_all", "--setParameter", lifetime]
    with DockerContainer(MONGO_IMAGE).with_exposed_ports(27017).with_command(command) as container:
        LogMessageWaitStrategy("Waiting for connections").wait_until_ready(container)
        url = (
            f"mongodb://{container.get_container_host_ip()}:{container.get_exposed_port(27017)}/?directConnection=true"
        )
        with pymongo.MongoClient[dict[str, object]](url) as client:
            members = [{"_id": 0, "host": "localhost:27017"}]
            client.admin.command("replSetInitiate", {"_id": "mkd", "members": members})
            while not client.admin.command("hello")["isWritablePrimary"]:
                time.sleep(0.05)
        yield url
