"""How fast savings catches up with a topic, end to end on a real Kafka and MongoDB with all its jobs, beside peers."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from typing import Any

import pymongo
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from benchmarks.measuring import Cost, Report, Sample, child, costing
from benchmarks.parts import Parts, parts
from benchmarks.peers import flat
from benchmarks.population import Population, tell, tell_worked
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
DIGESTS: dict[Population, str] = {}


def catch_up(report: Report, rounds: int, of: Population) -> None:
    """Rounds of all contestants, interleaved."""
    what = f"catching up, {of.events:,} events of {of.people:,} people"
    for round_ in range(rounds):
        with parts() as at:
            _flat_topic(at, of.events * 2)
            order = [_ours, _quix, _loop, _faststream] if round_ % 2 else [_faststream, _loop, _quix, _ours]
            tell(at, of)
            work(at)
            tell_worked(at, of)
            for contestant in order:
                report.add(what, contestant(at, of))
    report.table(what, QUIX)


def two_workers(report: Report, rounds: int, of: Population) -> None:
    """One worker beside two, each on a Kafka and a MongoDB of its own."""
    what = f"workers, {of.events:,} events"
    for _ in range(rounds):
        for workers in (1, 2):
            with parts() as at:
                tell(at, of)
                work(at)
                tell_worked(at, of)
                report.add(what, _ours(at, of, workers))
    report.table(what, OURS)


def growth(report: Report, sizes: tuple[Population, ...]) -> None:
    """One worker over ever more events; what is noted is the last tenth's speed beside the first's."""
    what = "growth"
    for of in sizes:
        with parts() as at:
            tell(at, of)
            work(at)
            tell_worked(at, of)
            sample = _ours(at, of)
            named = Sample(f"{of.events:,} events", sample.count, sample.cost, sample.noted, sample.exact)
            report.add(what, named)
    report.table(what)


def work(at: Parts, workers: int = 1) -> list[Any]:
    """Savings' workers until all is taken in; what each says of it."""
    said = {"MKD_BENCH_PARTS": json.dumps(at.of() | {"own": []})}
    started = []
    for number in range(workers):
        environment = {**os.environ, **at.environment("savings"), **said, "MKD_WORKER_ID": str(number + 1)}
        command = [sys.executable, "-m", "benchmarks.work", "savings"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True))
    told = []
    for process in started:
        out, wrong = process.communicate(timeout=1800)
        if process.returncode:
            raise RuntimeError(f"a worker ended with {process.returncode}: {wrong[-3000:]}")
        told.append(json.loads(out.strip().splitlines()[-1]))
    return told


def _ours(at: Parts, of: Population, workers: int = 1) -> Sample:
    aborted = _aborted(at)
    told = work(at, workers)
    again = _aborted(at) - aborted
    last = max(told, key=lambda one: one["cost"]["seconds"])
    cost = Cost(**last["cost"])
    cost.cpu_s["own"] = sum(one["cost"]["cpu_s"]["own"] for one in told)
    tenths = last["tenths"]
    noted = {
        "caught up s": max(one["caught_up_s"] for one in told),
        "RSS MiB": max(one["rss_mib"] for one in told),
        "last tenth / first": tenths[-1] / tenths[0] if tenths and tenths[0] else 0.0,
        "transactions run again": again,
    }
    return Sample(OURS if workers == 1 else OURS_TWO, of.events, cost, noted, _is_exact(at, of))


def _is_exact(at: Parts, of: Population) -> bool:
    """Whether every day of everybody is realised, once, and no other, and the same events always lead to the same net
    positions."""
    told = child("benchmarks.look", environment=at.environment("savings"))
    days = {day.isoformat() for day in of.dates()}
    wanted = {f"{of.whose(number)}:{day}" for number in range(of.people) for day in days}
    realised = {id_ for id_ in told["positions"] if id_.startswith("emp-")}
    return realised == wanted and told["digest"] == DIGESTS.setdefault(of, told["digest"])


def _aborted(at: Parts) -> int:
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        return int(client.admin.command("serverStatus")["transactions"]["totalAborted"])


def told_to_peers(at: Parts, count: int, group: str) -> dict[str, str]:
    """What a peer is told by its environment."""
    cluster = stack.cluster(at.home)
    peer = {
        "kafka": cluster.bootstrap,
        "kafka_user": cluster.user,
        "kafka_password": cluster.password,
        "mongo": at.admin_url,
        "count": count,
        "group": group,
    }
    return {"MKD_BENCH_PEER": json.dumps(peer)}


def _quix(at: Parts, of: Population) -> Sample:
    count = of.events * 2
    return _peer(QUIX, at, "benchmarks.peers.quix", count, "bench_quix", python=_peers_python())


def _faststream(at: Parts, of: Population) -> Sample:
    return _peer(FASTSTREAM, at, "benchmarks.peers.faststream_fold", of.events * 2, "bench_faststream")


def _loop(at: Parts, of: Population) -> Sample:
    return _peer(LOOP, at, "benchmarks.peers.loop", of.events, "bench_loop")


def _peer(name: str, at: Parts, module: str, count: int, database: str, python: str = sys.executable) -> Sample:
    environment = {**os.environ, **told_to_peers(at, count, database)}
    with costing(at.of()) as cost:
        command = [python, "-m", module]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    whole = cost.seconds
    cost.seconds, cost.cpu_s["own"] = said["seconds"], said["cpu_s"]
    return Sample(name, count, cost, {"with its start s": whole}, _peer_is_exact(at, database, count))


def _peer_is_exact(at: Parts, database: str, count: int) -> bool:
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        db = client[database]
        if database == "bench_loop":
            months: list[Mapping[str, Any]] = list(db.employee_months.find({"days": {"$exists": True}}))
            days = [day for month in months for day in month["days"].values()]
            return len(days) * 2 == count and all(day.keys() == {"approved", "verified"} for day in days)
        sums = [sum(one["sen"] for one in db[name].find({}, {"sen": 1})) for name in ("unit_days", "employee_months")]
        return sums == [flat.expected_sen(count)] * 2


def _flat_topic(at: Parts, count: int) -> None:
    cluster = stack.cluster(at.home)
    administrator = cluster.client()
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
