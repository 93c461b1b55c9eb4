"""What the APIs answer a second, beside plain FastAPI on the same MongoDB, while all workers run."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pymongo
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from benchmarks.http import Load, forever, header, load, request
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.office import MONDAY, Office, office, superior, worker
from benchmarks.parts import PORT_BASE
from deploy.base.home import ROOT, listening
from deploy.local import mongod, stack

PEER_PORT = PORT_BASE + 60
SUBMIT, APPROVE = "submit", "approve"
PLAIN, TRANSACTION = "plain FastAPI + insert", "plain FastAPI + token + transaction of 3 inserts"
FIND = "plain FastAPI + find"
WEEKS = 7
"""So many weeks lie within the horizon of a request, and in each everybody may be away on two days."""


def web(report: Report, rounds: int, people: int, clients: Sequence[int], seconds: float) -> None:
    """One office: its requests and approvals, then all that leads to a saving, then its reads; peers between."""
    with office(people) as there, _peer(there):
        asked = _requests(there)
        for round_ in range(rounds):
            for at_once in clients:
                _commands(report, there, at_once, seconds, asked, peers_first=bool(round_ % 2))
        for at_once in clients:
            report.table(_commands_of(at_once), TRANSACTION)
        _realise(there)
        for _ in range(rounds):
            _reads(report, there, seconds)
        report.table(f"reads, {people:,} people", FIND)


def _commands_of(at_once: int) -> str:
    return f"commands, {at_once} clients"


def _requests(there: Office) -> Iterator[bytes]:
    """A request of everybody for every week of the horizon."""
    bearers = [there.bearer(worker(number)) for number in range(there.people)]
    for week in range(WEEKS):
        for number, bearer in enumerate(bearers):
            body = json.dumps(there.asking(number, week)).encode()
            yield request(
                "POST", "/v1/requests", body, Authorization=bearer, Idempotency_Key=f"bench-{week}-{number:06}"
            )


def _commands(
    report: Report, there: Office, at_once: int, seconds: float, asked: Iterator[bytes], *, peers_first: bool
) -> None:
    def ours() -> None:
        submitted = _measure(report, there, at_once, SUBMIT, there.api("requests"), asked, seconds, good=201, keep=True)
        asyncio.run(there.settled())
        approvals = _approvals(there, submitted)
        _measure(report, there, at_once, APPROVE, there.api("approvals"), approvals, seconds, good=200)
        asyncio.run(there.settled())

    def peers() -> None:
        body = json.dumps(there.asking(0, 0)).encode()
        bearer = there.bearer(worker(0))
        for name, path in ((PLAIN, "/plain"), (TRANSACTION, "/transaction")):
            one = request("POST", path, body, Authorization=bearer)
            _measure(report, there, at_once, name, PEER_PORT, forever([one]), seconds, good=201)

    for step in (peers, ours) if peers_first else (ours, peers):
        step()


def _approvals(there: Office, submitted: Load) -> Iterator[bytes]:
    bearers = {id_: there.bearer(who) for id_, who in _superiors(there).items()}
    for body in submitted.bodies:
        told = json.loads(body)
        bearer = bearers[told["employee_id"]]
        path = f"/v1/cases/{told['request_id']}:approve"
        yield request("POST", path, Authorization=bearer, Idempotency_Key=str(uuid.uuid4()), If_Match='"1"')


def _superiors(there: Office) -> dict[str, str]:
    """The subject of everybody's superior, by the employee's id."""
    with mongod.admin(there.home) as client:
        found = client["mkd_organisation"].employees.find({}, {"identity": 1})
        subjects = {one["_id"]: one["identity"]["sub"] for one in found}
    workers = {id_: sub for id_, sub in subjects.items() if sub.startswith("worker-")}
    return {id_: superior(int(sub.partition("-")[2])) for id_, sub in workers.items()}


def _measure(
    report: Report,
    there: Office,
    at_once: int,
    name: str,
    port: int,
    requests: Iterator[bytes],
    seconds: float,
    *,
    good: int,
    keep: bool = False,
    what: str | None = None,
) -> Load:
    with costing(there.processes()) as cost:
        done = asyncio.run(load(port, requests, at_once, seconds, keep=keep))
    noted = {"p50 ms": percentile(done.latencies_ms, 0.5), "p99 ms": percentile(done.latencies_ms, 0.99)}
    exact = set(done.statuses) == {good}
    if not exact:
        noted |= {f"answers {status}": float(count) for status, count in done.statuses.items()}
    report.add(what or _commands_of(at_once), Sample(name, len(done.latencies_ms), cost, noted, exact))
    return done


def _realise(there: Office) -> None:
    """What was approved for the first week is worked, logged and verified; it is the week after."""
    friday = MONDAY + timedelta(weeks=1, days=4)
    there.at(friday, 15)
    asyncio.run(_log_and_verify(there))
    there.at(friday + timedelta(3))
    asyncio.run(there.settled())


async def _log_and_verify(there: Office) -> None:
    """In bulk, as people do on a Friday. Raises `RuntimeError` when something is refused."""
    base = f"http://127.0.0.1:{there.api('performance')}"
    until = str(MONDAY + timedelta(weeks=1, days=6))
    gate = asyncio.Semaphore(16)
    async with httpx.AsyncClient(base_url=base, timeout=120) as client:

        async def one(number: int) -> None:
            async with gate:
                await _report_and_judge(client, there, number, until)

        await asyncio.gather(*(one(number) for number in range(there.people)))


async def _report_and_judge(client: httpx.AsyncClient, there: Office, number: int, until: str) -> None:
    own = {"Authorization": there.bearer(worker(number))}
    theirs = {"Authorization": there.bearer(superior(number))}
    plans = (await client.get("/v1/plans", params={"limit": 50}, headers=own)).raise_for_status().json()["items"]
    for plan in plans:
        version = plan["version"]
        for output in plan["outputs"]:
            if output["day"] > until:
                continue
            path = f"/v1/plans/{plan['request_id']}/outputs/{output['output_id']}"
            body = {"quantity": 1, "note": "Selesai."}
            for verb, who, told in (("log", own, body), ("verify", theirs, None)):
                headers = who | {"Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"{version}"'}
                answer = await client.post(f"{path}:{verb}", json=told, headers=headers)
                if answer.status_code != 200:
                    raise RuntimeError(f"{verb}: {answer.status_code} {answer.text[:300]}")
                version = answer.json()["version"]


def _reads(report: Report, there: Office, seconds: float) -> None:
    what = f"reads, {there.people:,} people"
    month = f"{MONDAY:%Y-%m}"
    agency, own = there.bearer("agency"), there.bearer(worker(0))
    savings, at_once = there.api("savings"), 16
    months = f"/v1/unit-months?month={month}&limit=200"
    first = asyncio.run(load(savings, iter([request("GET", months, Authorization=agency)]), 1))
    tag = header(first.last, "etag")
    for name, port, one, good in (
        ("unit-months, agency", savings, request("GET", months, Authorization=agency), 200),
        ("unit-months, unchanged", savings, request("GET", months, Authorization=agency, If_None_Match=tag), 304),
        ("unit-months, employee", savings, request("GET", months, Authorization=own), 200),
        ("own days", savings, request("GET", f"/v1/days?month={month}", Authorization=own), 200),
        ("own requests", there.api("requests"), request("GET", "/v1/requests", Authorization=own), 200),
        (FIND, PEER_PORT, request("GET", "/months"), 200),
        ("plain FastAPI + find one", PEER_PORT, request("GET", "/month"), 200),
    ):
        _measure(report, there, at_once, name, port, forever([one]), seconds, good=good, what=what)


@contextmanager
def _peer(there: Office) -> Iterator[None]:
    """The plain API on the stack's own MongoDB."""
    its = stack.settings(there.home, "savings")
    key = load_pem_private_key((there.home.path / "secrets" / "issuer.pem").read_bytes(), None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    password = there.home.secret("mongo-admin").read_text()
    url = mongod.url(there.home).replace("mongodb://", f"mongodb://{mongod.ADMIN}:{password}@")
    told: Mapping[str, Any] = {"mongo": url, "public_key": public, "audience": its.audience}
    command = [*stack.SERVING, *stack.QUIET, "--port", str(PEER_PORT), "benchmarks.peers.plain_api:app"]
    environment = {**os.environ, "MKD_BENCH_PEER": json.dumps(told)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    try:
        while not listening(PEER_PORT):
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)
        with pymongo.MongoClient[dict[str, Any]](url) as client:
            client.drop_database("bench_plain")
