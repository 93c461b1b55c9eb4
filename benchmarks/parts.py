"""Kafka and MongoDB of a benchmark's own, as a local stack configures them, without services."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.base.home import DEFAULT_PORT_BASE, Home, listening
from deploy.local import broker, mongod, stack
from deploy.provision import resources

PORT_BASE = DEFAULT_PORT_BASE + 400
STARTS_WITHIN_S = 120


@dataclass(frozen=True)
class Parts:
    """What runs, and as whom services reach it."""

    home: Home
    kafka_pid: int
    mongod_pid: int

    def environment(self, service: str) -> dict[str, str]:
        """What a process of that service is told."""
        return stack.environment(stack.settings(self.home, service))

    def of(self, own_pid: int | None = None) -> dict[str, list[int]]:
        """The processes whose CPU time counts, by part."""
        return {"own": [own_pid] if own_pid else [], "mongod": [self.mongod_pid], "kafka": [self.kafka_pid]}

    @property
    def admin_url(self) -> str:
        """MongoDB, as its administrator reaches it."""
        return _admin_url(self.home)


@contextmanager
def parts() -> Iterator[Parts]:
    """A Kafka and a MongoDB with topics, rights, users, indexes and shipped rules, in a folder that goes with them."""
    with tempfile.TemporaryDirectory(prefix="mkd-bench-") as folder:
        home = Home(Path(folder), PORT_BASE)
        stack.prepare(home, lambda _: None)
        kafka, database = _started(home, "kafka", broker.command(home)), _started(home, "mongod", mongod.command(home))
        try:
            mongod.initiate(home)
            _wait_for_kafka(home)
            _provision(home)
            yield Parts(home, kafka.pid, database.pid)
        finally:
            for process in (kafka, database):
                process.terminate()
            for process in (kafka, database):
                process.wait(30)


@contextmanager
def database_server() -> Iterator[str]:
    """The address of a running replica set of one, as its administrator reaches it."""
    with tempfile.TemporaryDirectory(prefix="mkd-bench-") as folder:
        home = Home(Path(folder), PORT_BASE)
        mongod.prepare(home)
        process = _started(home, "mongod", mongod.command(home))
        try:
            mongod.initiate(home)
            yield _admin_url(home)
        finally:
            process.terminate()
            process.wait(30)


def _admin_url(home: Home) -> str:
    password = home.secret("mongo-admin").read_text()
    return mongod.url(home).replace("mongodb://", f"mongodb://{mongod.ADMIN}:{password}@")


def _started(home: Home, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    with (home.folder("logs") / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def _wait_for_kafka(home: Home) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not listening(home.kafka_port):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Kafka does not listen: {broker.last_words(home)}")
        time.sleep(0.1)


def _provision(home: Home) -> None:
    services = resources.services()
    stack.sign_ins(home)
    cluster = stack.cluster(home)
    resources.topics(cluster)
    resources.rights(cluster, services)
    with mongod.admin(home) as client:
        for service in services:
            mongod.make_user(client, service.name, home.secret(f"mongo-{service.name}").read_text(), service.database)
    asyncio.run(resources.databases(services, [stack.settings(home, service.name) for service in services]))
