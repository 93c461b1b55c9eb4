"""How fast savings catches up with a topic, end to end on a real Kafka and MongoDB with all its jobs, beside peers."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pymongo
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from benchmarks.grounds import Grounds, Told
from benchmarks.measuring import Report, Sample, costing
from benchmarks.parts import Parts
from benchmarks.peers import flat
from benchmarks.population import Population
from deploy.base.home import ROOT
from deploy.local import stack

PARTITIONS = 12
QUIX = "quixstreams, two simple totals"
FASTSTREAM = "FastStream batch and bulk write, two simple totals"
LOOP = "hand-written transaction loop, lean documents"
OURS = "savings"
OURS_TWO = "savings, two workers"
PEERS_VENV = ROOT / ".mkd" / "peers"
REQUIREMENTS = ROOT / "requirements" / "peers.txt"

Contestant = Callable[[Told, str], Sample]


def catch_up(report: Report, grounds: Grounds, rounds: int, of: Population, *, quix: bool = True) -> None:
    """Rounds of all contestants, interleaved. `quix` has quixstreams among them, which is installed for it."""
    what = f"catching up, {of.events:,} events of {of.people:,} people"
    ground = grounds.told(of)
    _flat_topic(ground.at, of.events * 2)
    order: list[Contestant] = [_faststream, _loop, *([_quix] if quix else []), _ours]
    for round_ in range(rounds):
        for contestant in reversed(order) if round_ % 2 else order:
            report.add(what, contestant(ground, str(round_)))
    report.table(what, QUIX if quix else LOOP)


def two_workers(report: Report, grounds: Grounds, rounds: int, of: Population) -> None:
    """One worker beside two."""
    what = f"workers, {of.events:,} events"
    ground = grounds.told(of)
    both = [partial(ground.caught_up, OURS, 1), partial(ground.caught_up, OURS_TWO, 2)]
    for round_ in range(rounds):
        for one in reversed(both) if round_ % 2 else both:
            report.add(what, one())
    report.table(what, OURS)


def growth(report: Report, grounds: Grounds, sizes: tuple[Population, ...]) -> None:
    """One worker over ever more events; what is noted is the last tenth's speed beside the first's."""
    what = "growth"
    for of in sizes:
        report.add(what, grounds.told(of).caught_up(f"{of.events:,} events"))
    report.table(what)


def told_to_peers(at: Parts, count: int, database: str, run: str, **more: str) -> dict[str, str]:
    """What a peer is told by its environment: its group is one of its own in each run."""
    cluster = stack.cluster(at.home)
    peer = {
        "kafka": cluster.bootstrap,
        "kafka_user": cluster.user,
        "kafka_password": cluster.password,
        "mongo": at.admin_url,
        "count": count,
        "group": f"{database}-{run}",
        **more,
    }
    return {**os.environ, "MKD_BENCH_PEER": json.dumps(peer)}


def _ours(ground: Told, _: str) -> Sample:
    return ground.caught_up(OURS)


def _quix(ground: Told, run: str) -> Sample:
    count = ground.of.events * 2
    return _peer(QUIX, ground.at, "benchmarks.peers.quix", count, "bench_quix", run, python=_peers_python())


def _faststream(ground: Told, run: str) -> Sample:
    return _peer(
        FASTSTREAM, ground.at, "benchmarks.peers.faststream_fold", ground.of.events * 2, "bench_faststream", run
    )


def _loop(ground: Told, run: str) -> Sample:
    return _peer(LOOP, ground.at, "benchmarks.peers.loop", ground.of.events, "bench_loop", run)


def _peer(
    name: str, at: Parts, module: str, count: int, database: str, run: str, python: str = sys.executable
) -> Sample:
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        client.drop_database(database)
    with costing(at.of()) as cost:
        done = subprocess.run(
            [python, "-m", module],
            cwd=ROOT,
            env=told_to_peers(at, count, database, run),
            capture_output=True,
            text=True,
            timeout=900,
        )
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    whole = cost.seconds
    cost.seconds, cost.cpu_s["own"] = said["seconds"], said["cpu_s"]
    return Sample(name, count, cost, {"with its start s": whole}, _peer_is_exact(at, database, count))


def _peer_is_exact(at: Parts, database: str, count: int) -> bool:
    if database == "bench_loop":
        return loop_holds(at) == {"approved": count // 2, "verified": count // 2}
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        db = client[database]
        sums = [sum(one["sen"] for one in db[name].find({}, {"sen": 1})) for name in ("unit_days", "employee_months")]
    return sums == [flat.expected_sen(count)] * 2


def loop_holds(at: Parts) -> dict[str, int]:
    """How many approvals and verifications the documents of the loop tell of."""
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        months: list[Mapping[str, Any]] = list(client["bench_loop"].employee_months.find({"days": {"$exists": True}}))
    days = [day for month in months for day in month["days"].values()]
    return {what: sum(what in day for day in days) for what in ("approved", "verified")}


def _flat_topic(at: Parts, count: int) -> None:
    cluster = stack.cluster(at.home)
    administrator = cluster.client()
    if flat.TOPIC in administrator.list_topics(timeout=30).topics:
        return
    for future in administrator.create_topics([NewTopic(flat.TOPIC, PARTITIONS, 1)]).values():
        future.result()
    quick = {"partitioner": "murmur2_random", "linger.ms": 5, "queue.buffering.max.messages": 1_000_000}
    producer = Producer({**cluster.config(), **quick})
    for number, (key, value) in enumerate(flat.events(count)):
        producer.produce(flat.TOPIC, value, key)
        if number % 1000 == 0:
            producer.poll(0)
    producer.flush()


def _peers_python() -> str:
    """The Python of the peers' own virtual environment, which is made when it is not there."""
    python = PEERS_VENV / "bin" / "python"
    mark = PEERS_VENV / "installed"
    wanted = REQUIREMENTS.read_text()
    if not mark.is_file() or mark.read_text() != wanted:
        venv.create(PEERS_VENV, with_pip=True, clear=True)
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
        subprocess.run([python, *install, str(REQUIREMENTS)], check=True)
        mark.write_text(wanted)
    return str(python)
