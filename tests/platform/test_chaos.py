"""Processes are killed while people work: nothing is lost, nothing counts twice.

Every API and every worker (with its relay) is killed with SIGKILL, Kafka and MongoDB are restarted, clients retry with
the Idempotency-Key they began with; then every figure must be the oracle's, and every event stand on its topic.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo.errors import PyMongoError

from demo.checking import Result
from demo.play import play
from deploy.base.home import SERVICES, Home
from deploy.local import broker, mongod
from deploy.local.supervise import Supervisor
from shared.kit.base import tasks
from tests.harness.stacks import addresses, whole_stack

ROLES = [f"{service}-{role}" for service in SERVICES for role in ("api", "worker")] + ["portal"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A whole stack of processes, supervised."""
    with whole_stack(tmp_path) as home:
        yield home


@pytest.fixture
def home_of_two(tmp_path: Path) -> Iterator[Home]:
    """A stack of two workers for each service."""
    with whole_stack(tmp_path, workers=2) as home:
        yield home


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("employees", "days", "submitted"),
    [
        pytest.param(60, 10, 60, id="short"),
        pytest.param(132, 22, 400, id="month", marks=pytest.mark.long),
        pytest.param(650, 22, 2000, id="full", marks=pytest.mark.long),
    ],
)
async def test_killed_processes_lose_nothing_and_count_nothing_twice(
    home: Home, seed: int, employees: int, days: int, submitted: int
) -> None:
    killer = asyncio.create_task(_kill(home, random.Random(seed), work_between=submitted // 4))
    result = await play(addresses(home), employees=employees, days=days, seed=seed, say=print)
    killed = await killer
    print(f"seed {seed}: killed {dict(killed)}; tally {result.tally}; refused {result.refusals}")
    assert result.differences == []
    assert result.tally["submitted"] >= submitted
    assert killed.total() >= 22
    assert killed.keys() >= {*ROLES, "kafka", "mongod"}
    await _every_event_is_on_its_topic(home, result)


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_two_workers_share_the_partitions_and_one_is_killed_every_twenty_seconds(
    home_of_two: Home, seed: int
) -> None:
    """For as long as the play takes, five minutes at least; the other takes over, and the replaced one comes back."""
    killer = asyncio.create_task(_kill_every(home_of_two, random.Random(seed), 20))
    started_at = time.monotonic()
    result = await play(addresses(home_of_two), employees=1200, days=22, seed=seed, say=print)
    took_s = time.monotonic() - started_at
    await tasks.end(killer)
    print(f"seed {seed}: {took_s:.0f} s, killed {dict(KILLED)}; tally {result.tally}")
    assert result.differences == []
    assert took_s > 300
    assert KILLED.total() >= 10
    await _every_event_is_on_its_topic(home_of_two, result)


KILLED: Counter[str] = Counter()


async def _kill_every(home: Home, chance: random.Random, seconds: float) -> None:
    names = [name for service in SERVICES for name in home.worker_names(service)]
    while True:
        await asyncio.sleep(seconds)
        name = chance.choice(names)
        await asyncio.to_thread(_kill_one, Supervisor(home), name)
        KILLED[name] += 1


async def _kill(home: Home, chance: random.Random, work_between: int) -> Counter[str]:
    """Everything twice but Kafka and MongoDB, which go once each; in a random order, and each in the midst of work."""
    order = [*ROLES, *ROLES]
    chance.shuffle(order)
    order.insert(len(order) // 3, "kafka")
    order.insert(2 * len(order) // 3, "mongod")
    killed: Counter[str] = Counter()
    done = await asyncio.to_thread(_commits, home)
    for name in order:
        for _ in range(60):
            now = await asyncio.to_thread(_commits, home)
            if now - done >= work_between:
                break
            await asyncio.sleep(0.25)
        await asyncio.sleep(chance.uniform(0, 0.5))
        await asyncio.to_thread(_kill_one, Supervisor(home), name)
        killed[name] += 1
        print(f"killed {name} after {now - done} more commits")
        done = now
    return killed


def _commits(home: Home) -> int:
    """How many decisions have been made, as far as MongoDB answers."""
    try:
        with pymongo.timeout(2), mongod.admin(home) as client:
            return sum(client[f"mkd_{service}"].commits.estimated_document_count() for service in SERVICES)
    except PyMongoError:
        return 0


def _kill_one(supervisor: Supervisor, name: str) -> None:
    """Wait until it runs, so that a kill is one."""
    deadline = time.monotonic() + 60
    while next(state for state in supervisor.states() if state.name == name).state != "RUNNING":
        assert time.monotonic() < deadline, f"{name} was not restarted"
        time.sleep(0.2)
    supervisor.signal(name, "KILL")


async def _every_event_is_on_its_topic(home: Home, result: Result) -> None:
    """The ids in each service's log are the ids on its topic; some may stand there twice."""
    twice = 0
    for service in SERVICES:
        with mongod.admin(home) as client:
            commits = client[f"mkd_{service}"].commits.find({}, {"events.id": 1, "sent": 1})
            logged = [event["id"] for commit in commits for event in commit["events"]]
            assert client[f"mkd_{service}"].commits.count_documents({"sent": False}) == 0
        on_topic = await _ids_on(home, f"mkd.{service}")
        assert set(on_topic) == set(logged), service
        assert len(logged) == len(set(logged))
        twice += len(on_topic) - len(set(on_topic))
    print(f"{twice} events stand on their topic twice; {len(result.differences)} differences")


async def _ids_on(home: Home, topic: str) -> list[str]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=f"127.0.0.1:{home.kafka_port}",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=broker.ADMIN,
        sasl_plain_password=home.secret(f"kafka-{broker.ADMIN}").read_text(),
    )
    ids = []
    async with consumer:
        partitions = [TopicPartition(topic, number) for number in range(12)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        for at, end in (await consumer.end_offsets(partitions)).items():
            while await consumer.position(at) < end:
                record = await consumer.getone(at)
                ids.append(dict(record.headers)["ce_id"].decode())
    return ids
