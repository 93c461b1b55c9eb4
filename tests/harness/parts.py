"""Where the real Kafka and MongoDB of a test run come from: given addresses, else local parts, else containers."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pymongo

from deploy.base.failure import Failure
from deploy.base.home import SERVICES, Home, listening
from deploy.local import broker, mongod, stack
from deploy.provision import resources as provision
from shared.kit.base.settings import Settings

OF_TESTS = {"instance": "tests", "audience": "tests", "worker_id": None}
NOWHERE = "http://127.0.0.1:9"
FEW_FILES = "file_manager=(close_idle_time=10,close_scan_interval=5,close_handle_minimum=200)"
"""Databases come and go with the tests: their files are closed before the system's limit of open ones is reached."""

GIVEN = ("MKD_TEST_KAFKA", "MKD_TEST_MONGO")
MEMORY = Path("/dev/shm")
MEMORY_MIN_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Parts:
    """A Kafka and a MongoDB to test on. `settings` are those of a service, with its own rights where there are any."""

    origin: str
    cluster: provision.Cluster
    admin: Callable[[], pymongo.MongoClient[dict[str, Any]]]
    settings: Callable[[str], Settings]
    home: Home | None = None

    @property
    def secured(self) -> bool:
        """Whether Kafka and MongoDB ask who one is, and allow only that."""
        return self.cluster.user is not None


@contextmanager
def parts(folder: Path) -> Iterator[Parts]:
    """The first of the three that can be had. Raises `Failure`, which says what was tried."""
    if all(name in os.environ for name in GIVEN):
        yield _given()
        return
    if os.environ.get("MKD_TEST_CONTAINERS") != "1":
        try:
            broker.jars()
        except Failure as missing:
            print(f"local parts cannot be had ({missing.cause}): trying containers")
        else:
            with in_memory(folder) as place, _local(place) as local:
                yield local
            return
    from tests.harness.containers import containers

    with containers() as (kafka, mongo):
        yield _plain("containers", kafka, mongo)


def _given() -> Parts:
    kafka, mongo = (os.environ[name] for name in GIVEN)
    return _plain("given addresses", kafka, mongo)


def _plain(origin: str, kafka: str, mongo: str) -> Parts:
    """Parts that ask nobody who they are: made for one test run."""

    def settings(_: str) -> Settings:
        return Settings(
            instance="tests",
            demo=True,
            mongo_url=mongo,
            kafka_bootstrap=kafka,
            issuer=NOWHERE,
            audience="tests",
        )

    return Parts(origin, provision.Cluster(kafka), lambda: pymongo.MongoClient(mongo), settings)


@contextmanager
def in_memory(otherwise: Path, whose: str = "parts") -> Iterator[Path]:
    """A folder whose files are in memory, so that a commit waits for no disk: for parts that need not survive a cut of
    power. Another one where there is no room. A process has one for each of those `whose` it is."""
    try:
        room = shutil.disk_usage(MEMORY).free >= MEMORY_MIN_BYTES and os.access(MEMORY, os.W_OK)
    except FileNotFoundError:
        room = False
    if not room:
        yield otherwise
        return
    for left in MEMORY.glob("mkd-tests-*"):
        if not psutil.pid_exists(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder = MEMORY / f"mkd-tests-{whose}-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _local(folder: Path) -> Iterator[Parts]:
    home = Home(folder, free_port_base())
    stack.prepare(home, print)
    server = [*mongod.command(home), "--wiredTigerEngineConfigString", FEW_FILES]
    processes = [started(home, "kafka", broker.command(home)), started(home, "mongod", server)]
    try:
        mongod.initiate(home)
        wait_for(lambda: listening(home.kafka_port), "Kafka")
        stack.sign_ins(home)
        with mongod.admin(home) as client:
            for service in provision.services():
                _make_user(client, home, service.name)
        cluster = stack.cluster(home)

        def settings(service: str) -> Settings:
            return stack.settings(home, service).model_copy(update=OF_TESTS)

        yield Parts("local parts", cluster, lambda: mongod.admin(home), settings, home)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


def _make_user(client: pymongo.MongoClient[dict[str, Any]], home: Home, name: str) -> None:
    """A test's databases have a prefix of the test's own, so that the user may use any of the kind; what was done to
    them is told by the set's log."""
    password = home.secret(f"mongo-{name}").read_text()
    mongod.make_user(client, name, password, f"mkd_{name}")
    client.admin.command("grantRolesToUser", name, roles=["readWriteAnyDatabase", {"role": "read", "db": "local"}])


def started(home: Home, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    """A part as a process, which writes its log where a stack's parts do."""
    log = (home.folder("logs") / f"{name}.log").open("ab")
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def wait_for(true: Callable[[], bool], what: str, patience_s: float = 60) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"{what} did not come within {patience_s:.0f} s"
        time.sleep(0.05)


def free_port_base() -> int:
    """A base from which no port of a stack is taken; processes of one test run choose from bases of their own."""
    chance = random.SystemRandom()
    of = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        home = Home(Path(), chance.randrange(20_000 + 100 * number, 32_000, 100 * of))
        if not any(listening(port) for port in home.ports.values()):
            return home.port_base


def for_test(settings: Settings, prefix: str, issuer: str, clock_file: Path) -> Settings:
    """A service's settings for one test: topics, groups and databases of its own."""
    own = {"topic_prefix": prefix, "issuer": issuer, "demo": True, "demo_clock_file": clock_file, "open_figures": False}
    open_wide = {"hosts": ",".join(SERVICES), "calls_per_minute": 10**6, "strangers_per_minute": 10**6}
    return settings.model_copy(update=own | open_wide)
