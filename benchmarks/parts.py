"""Kafka and MongoDB of a benchmark's own, as a local stack configures them, and the processes of a stack one by one."""

import asyncio
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as hour_of
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pymongo

from deploy.base.home import DEFAULT_PORT_BASE, ROOT, Home, listening
from deploy.demo.month import set_clock
from deploy.local import broker, mongod, stack
from deploy.local.issuer import sign
from deploy.provision import resources

BASES = range(DEFAULT_PORT_BASE + 400, DEFAULT_PORT_BASE + 1900, 100)
PEER_PORT = 95
"""After the base: no part and no service of a stack listens there."""

STARTS_WITHIN_S = 120
TOKENS_LAST_S = 3600
WIB = ZoneInfo("Asia/Jakarta")
KEPT = "bench_kept"
NO_LIMITS = {"MKD_CALLS_PER_MINUTE": str(10**6), "MKD_STRANGERS_PER_MINUTE": str(10**6)}
"""One machine calls for all."""


@dataclass(frozen=True)
class Parts:
    """What runs, and as whom services reach it."""

    home: Home
    kafka_pid: int
    mongod_pid: int

    def environment(self, service: str, worker: int = 1) -> dict[str, str]:
        """What a process of that service is told."""
        its = stack.settings(self.home, service).model_copy(update={"worker_id": str(worker)})
        return {**os.environ, **stack.environment(its)}

    def of(self, *own: int) -> dict[str, list[int]]:
        """The processes whose CPU time counts, by part."""
        return {"own": list(own), "mongod": [self.mongod_pid], "kafka": [self.kafka_pid]}

    @property
    def admin_url(self) -> str:
        """MongoDB, as its administrator reaches it."""
        return admin_url(self.home)

    @property
    def peer_port(self) -> int:
        return self.home.port_base + PEER_PORT

    @property
    def issuer(self) -> str:
        """Whose tokens the services trust."""
        return stack.settings(self.home, "savings").issuer

    def bearer(self, subject: str) -> str:
        """What somebody's Authorization header says."""
        return bearer(self.home, subject)

    def after(self, day: date) -> None:
        """It is noon of the day after."""
        set_clock(stack.clock_file(self.home), datetime.combine(day + timedelta(1), hour_of(12), WIB))

    def aborted(self) -> int:
        """How many transactions MongoDB has given up so far."""
        with pymongo.MongoClient[dict[str, Any]](self.admin_url) as client:
            return int(client.admin.command("serverStatus")["transactions"]["totalAborted"])

    def keep(self, database: str) -> None:
        """Remember what a database holds, for `begin_again`."""
        with pymongo.MongoClient[dict[str, Any]](self.admin_url) as client:
            client.drop_database(KEPT)
            for name in client[database].list_collection_names():
                client[database][name].aggregate([{"$out": {"db": KEPT, "coll": name}}])

    def begin_again(self, service: str) -> None:
        """Let a service's database be made anew, and hold what was kept of it, while none of its processes runs."""
        its = next(one for one in resources.services() if one.name == service)
        with pymongo.MongoClient[dict[str, Any]](self.admin_url) as client:
            client.drop_database(its.database)
            asyncio.run(resources.databases([its], [stack.settings(self.home, service)]))
            for name in client[its.database].list_collection_names():
                client[its.database][name].delete_many({})
            for name in client[KEPT].list_collection_names():
                client[KEPT][name].aggregate([{"$merge": {"into": {"db": its.database, "coll": name}}}])


def bearer(home: Home, subject: str) -> str:
    """What somebody's Authorization header says to the services of a stack."""
    its = stack.settings(home, "savings")
    key = (home.path / "secrets" / "issuer.pem").read_bytes()
    return f"Bearer {sign(key, its.issuer, its.audience, subject, TOKENS_LAST_S)}"


def admin_url(home: Home) -> str:
    """The MongoDB of a stack, as its administrator reaches it."""
    password = home.secret("mongo-admin").read_text()
    return mongod.url(home).replace("mongodb://", f"mongodb://{mongod.ADMIN}:{password}@")


def free_base() -> int:
    """A base from which no port of a stack is taken; drawn, since others may look for one at the same time."""
    bases = random.SystemRandom().sample(BASES, len(BASES))
    free = (base for base in bases if not any(map(listening, Home(Path(), base).ports.values())))
    if (found := next(free, None)) is None:
        raise RuntimeError(f"from {BASES[0]} to {BASES[-1] + 100} there are no free ports for a stack")
    return found


@contextmanager
def parts() -> Iterator[Parts]:
    """A Kafka and a MongoDB with topics, rights, users, indexes and shipped rules, in a folder that goes with them."""
    with tempfile.TemporaryDirectory(prefix="mkd-bench-") as folder:
        home = Home(Path(folder), free_base())
        stack.prepare(home, lambda _: None)
        home.folder("run")
        with (
            started(home, "kafka", broker.command(home)) as kafka,
            started(home, "mongod", mongod.command(home)) as database,
        ):
            mongod.initiate(home)
            _wait_for_kafka(home)
            _provision(home)
            yield Parts(home, kafka.pid, database.pid)


@contextmanager
def database_server() -> Iterator[tuple[str, int]]:
    """The address of a running replica set of one, as its administrator reaches it, and its process."""
    with tempfile.TemporaryDirectory(prefix="mkd-bench-") as folder:
        home = Home(Path(folder), free_base())
        mongod.prepare(home)
        with started(home, "mongod", mongod.command(home)) as process:
            mongod.initiate(home)
            yield admin_url(home), process.pid


@contextmanager
def program(at: Parts, name: str) -> Iterator[int]:
    """One process of the stack, such as `savings-api`, that listens; its id."""
    its = next(one for one in stack.programs(at.home) if one.name == name)
    port = int(its.command[its.command.index("--port") + 1])
    with started(at.home, name, its.command, {**os.environ, **its.environment, **NO_LIMITS}) as process:
        wait_for_port(port, at.home, name)
        yield process.pid


@contextmanager
def started(
    home: Home, name: str, command: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes its log where a stack's do, and is stopped in the end."""
    with (home.folder("logs") / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def wait_for_port(port: int, home: Home, name: str) -> None:
    """Wait until a process listens. Raises `RuntimeError` with the end of its log when it does not."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not listening(port):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} does not listen: {last_words(home, name)}")
        time.sleep(0.02)


def last_words(home: Home, name: str) -> str:
    """The end of what a process has logged."""
    return (home.folder("logs") / f"{name}.log").read_text(errors="replace")[-2000:]


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
