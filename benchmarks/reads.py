"""What the savings' API answers a second, with its worker running, beside plain FastAPI that finds as much."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from benchmarks.grounds import Grounds, Told
from benchmarks.http import SEPARATOR, forever, header, load, request
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.parts import Parts, program, started, wait_for_port
from benchmarks.population import AGENCY, FIRST, Population
from benchmarks.workers import working
from deploy.base.home import Home
from deploy.local import stack

AT_ONCE = 16
ROWS_MAX = 200
MONTH = f"{FIRST:%Y-%m}"
LATER = timedelta(60)
"""So long after its first day a month is over and published."""

FIND, FIND_ONE = "plain FastAPI + find", "plain FastAPI + find one"


@dataclass(frozen=True)
class Asked:
    """One request that is sent again and again: to whom, and with which status and body it is answered."""

    name: str
    port: int
    request: bytes
    status: int = 200


def reads(report: Report, grounds: Grounds, rounds: int, sizes: tuple[Population, ...], seconds: float) -> None:
    """Rounds of all requests, at each size."""
    for of in sizes:
        ground = grounds.told(of)
        ground.at.after(FIRST + LATER)
        with working(ground.at) as there, program(ground.at, "issuer"), program(ground.at, "savings-api") as api:
            there.settled()
            _rounds(report, ground, rounds, seconds, {"api": [api], "worker": list(there.pids)})


def _rounds(report: Report, ground: Told, rounds: int, seconds: float, ours: dict[str, list[int]]) -> None:
    what = f"reads, {ground.of.people:,} people"
    asked = _ours(report, what, ground)
    rows = json.loads(_once(asked[0]).partition(SEPARATOR)[2])["items"]
    report.check(f"{what}: the unit-months are all of them", _is_whole(ground.of, rows))
    with plain_api(ground.at.home, ground.at.admin_url, ground.at.peer_port, len(rows)) as plain:
        asked += [
            Asked(FIND, ground.at.peer_port, request("GET", "/months")),
            Asked(FIND_ONE, ground.at.peer_port, request("GET", "/month")),
        ]
        for one in asked:
            asyncio.run(load(one.port, iter([one.request] * AT_ONCE), AT_ONCE))
        for round_ in range(rounds):
            for one in reversed(asked) if round_ % 2 else asked:
                report.add(what, _measured(ground.at, one, seconds, ours | {"plain": [plain]}))
    report.table(what, FIND)


def _ours(report: Report, what: str, ground: Told) -> list[Asked]:
    port = ground.at.home.api_port("savings")
    agency, own = ground.at.bearer(AGENCY), ground.at.bearer(ground.of.whose(0))
    months = f"/v1/unit-months?month={MONTH}&limit={ROWS_MAX}"
    explain = f"/v1/unit-months/unit-0000/{MONTH}"
    found = []
    for name, path in (("unit-months", months), ("explain", explain)):
        asked = Asked(f"{name}, agency", port, request("GET", path, Authorization=agency))
        tag = header(_once(asked), "etag")
        again = request("GET", path, Authorization=agency, If_None_Match=tag)
        found += [asked, Asked(f"{name}, agency, unchanged", port, again, 304)]
        report.check(f"{what}: {name} has an ETag", bool(tag))
    as_browsers_do = request("GET", months, Authorization=agency, Accept_Encoding="gzip")
    found.append(Asked("unit-months, agency, compressed", port, as_browsers_do))
    published = request("GET", months, Authorization=own)
    days = request("GET", f"/v1/days?month={MONTH}", Authorization=own)
    return [*found, Asked("unit-months, employee", port, published), Asked("own days", port, days)]


def _once(asked: Asked) -> bytes:
    return asyncio.run(load(asked.port, iter([asked.request]), 1)).last


def _is_whole(of: Population, rows: list[dict[str, object]]) -> bool:
    """Whether every unit is told of with all days of its people, as far as a page goes."""
    people = Counter(f"unit-{number % of.units:04}" for number in range(of.people))
    told = {str(row["unit_id"]): row["days"] for row in rows if row["category"] == "fuel"}
    whole = len(rows) == ROWS_MAX or told.keys() == people.keys()
    return bool(told) and whole and all(days == people[unit] * of.days for unit, days in told.items())


def _measured(at: Parts, asked: Asked, seconds: float, pids: dict[str, list[int]]) -> Sample:
    known = at.of()
    with costing(pids | {"mongod": known["mongod"], "kafka": known["kafka"]}) as cost:
        done = asyncio.run(load(asked.port, forever([asked.request]), AT_ONCE, seconds))
    noted = {"p50 ms": percentile(done.latencies_ms, 0.5), "p99 ms": percentile(done.latencies_ms, 0.99)}
    exact = set(done.statuses) == {asked.status} and done.alike
    return Sample(asked.name, len(done.latencies_ms), cost, noted, exact)


@contextmanager
def plain_api(home: Home, mongo: str, port: int, rows: int) -> Iterator[int]:
    """The plain API on a stack's own MongoDB, with so many rows to find; its process."""
    its = stack.settings(home, "savings")
    key = load_pem_private_key((home.path / "secrets" / "issuer.pem").read_bytes(), None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    told = {"mongo": mongo, "public_key": public, "audience": its.audience, "months": rows}
    command = [*stack.SERVING, *stack.QUIET, "--port", str(port), "benchmarks.peers.plain_api:app"]
    environment = {**os.environ, **stack.environment(its), "MKD_BENCH_PEER": json.dumps(told)}
    with started(home, "plain-api", command, environment) as process:
        wait_for_port(port, home, "plain-api")
        yield process.pid
