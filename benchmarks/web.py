"""What the APIs answer a second, beside plain FastAPI on the same MongoDB, while all workers run."""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

import httpx
import pymongo

from benchmarks.grounds import Grounds
from benchmarks.http import Load, forever, load, request
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.office import MONDAY, Office, superior, worker
from benchmarks.parts import PEER_PORT
from benchmarks.reads import plain_api

SUBMIT, APPROVE = "submit", "approve"
PLAIN, TRANSACTION = "plain FastAPI + insert", "plain FastAPI + token + transaction of 3 inserts"
WEEKS_AHEAD = 7
"""So many weeks lie within the horizon of a request, and in each everybody may be away on two days."""

WARM_UP = 16
LOOKED_AT = 200
"""So many of the requests that were approved are asked for afterwards."""


def web(report: Report, grounds: Grounds, rounds: int, people: int, clients: Sequence[int], seconds: float) -> None:
    """One office's requests and approvals, while all workers run; peers between."""
    there = grounds.office(people)
    weeks = [next(there.weeks) for _ in range(WEEKS_AHEAD)]
    there.at(MONDAY + timedelta(weeks=weeks[0]))
    asked = requests_of(there, weeks)
    asyncio.run(load(there.api("requests"), islice(asked, WARM_UP), 4))
    with plain_api(there.home, there.admin_url, there.home.port_base + PEER_PORT, 1) as plain:
        for round_ in range(rounds):
            for at_once in clients:
                at = Commands(report, there, at_once, seconds, plain)
                at.round(asked, peers_first=bool(round_ % 2))
    for at_once in clients:
        report.table(_commands_of(at_once), TRANSACTION)


def _commands_of(at_once: int) -> str:
    return f"commands, {at_once} clients"


def requests_of(there: Office, weeks: Sequence[int]) -> Iterator[bytes]:
    """A request of everybody for each of the weeks."""
    bearers = [there.bearer(worker(number)) for number in range(there.people)]
    for week in weeks:
        for number, bearer in enumerate(bearers):
            body = json.dumps(there.asking(number, week)).encode()
            key = f"bench-{week}-{number:06}"
            yield request("POST", "/v1/requests", body, Authorization=bearer, Idempotency_Key=key)


@dataclass(frozen=True)
class Commands:
    """What so many clients send at once to an office and to the plain API beside it."""

    report: Report
    there: Office
    at_once: int
    seconds: float
    plain: int
    """The process of the plain API."""

    def round(self, asked: Iterator[bytes], *, peers_first: bool) -> None:
        """Ours and the peers, in this order or the other."""
        steps: list[Callable[[], None]] = [partial(self._ours, asked), self._peers]
        for step in reversed(steps) if peers_first else steps:
            step()

    def _ours(self, asked: Iterator[bytes]) -> None:
        submitted = self._measure(SUBMIT, self.there.api("requests"), asked, 201)
        asyncio.run(self.there.settled())
        requests = [json.loads(body) for body in submitted.bodies]
        leaders = _superiors(self.there)
        approving = [_approval(self.there, leaders[one["employee_id"]][1], one) for one in requests]
        approved = self._measure(APPROVE, self.there.api("approvals"), iter(approving), 200)
        asyncio.run(self.there.settled())
        done = {json.loads(body)["request_id"] for body in approved.bodies}
        exact = len({one["request_id"] for one in requests}) == len(requests) and len(done) == len(approved.bodies)
        looked = [one for one in requests if one["request_id"] in done][:LOOKED_AT]
        exact = exact and all(self._is_approved(leaders[one["employee_id"]][0], one) for one in looked)
        self.report.check(f"{_commands_of(self.at_once)}: what was approved is, once", exact)

    def _is_approved(self, subject: str, asked: Mapping[str, Any]) -> bool:
        headers = {"Authorization": self.there.bearer(subject)}
        url = f"http://127.0.0.1:{self.there.api('requests')}/v1/requests/{asked['request_id']}"
        told = httpx.get(url, headers=headers, timeout=30).raise_for_status().json()
        return bool(told["status"] == "approved" and told["days"] == asked["days"])

    def _peers(self) -> None:
        body = json.dumps(self.there.asking(0, 0)).encode()
        bearer = self.there.bearer(worker(0))
        port = self.there.home.port_base + PEER_PORT
        for name, path in ((PLAIN, "/plain"), (TRANSACTION, "/transaction")):
            done = self._measure(name, port, forever([request("POST", path, body, Authorization=bearer)]), 201)
            ids = {json.loads(body)["id"] for body in done.bodies}
            self.report.check(f"{_commands_of(self.at_once)}: {name}, each once", len(ids) == len(done.bodies))

    def _measure(self, name: str, port: int, requests: Iterator[bytes], good: int) -> Load:
        with costing(self.there.processes() | {"plain": [self.plain]}) as cost:
            done = asyncio.run(load(port, requests, self.at_once, self.seconds, keep=True))
        noted = {"p50 ms": percentile(done.latencies_ms, 0.5), "p99 ms": percentile(done.latencies_ms, 0.99)}
        wrong = {f"answers {status}": float(count) for status, count in done.statuses.items() if status != good}
        what = _commands_of(self.at_once)
        self.report.add(what, Sample(name, len(done.latencies_ms), cost, noted | wrong, not wrong))
        if wrong:
            raise RuntimeError(f"{name} was answered otherwise: {done.last[-500:].decode(errors='replace')}")
        return done


def _approval(there: Office, subject: str, asked: Mapping[str, Any]) -> bytes:
    path, key = f"/v1/cases/{asked['request_id']}:approve", str(uuid.uuid4())
    return request("POST", path, Authorization=there.bearer(subject), Idempotency_Key=key, If_Match='"1"')


def _superiors(there: Office) -> dict[str, tuple[str, str]]:
    """Everybody's subject and that of their superior, by the employee's id."""
    with pymongo.MongoClient[dict[str, Any]](there.admin_url) as client:
        found = client["mkd_organisation"].employees.find({}, {"identity": 1})
        subjects = {str(one["_id"]): str(one["identity"]["sub"]) for one in found}
    workers = {id_: subject for id_, subject in subjects.items() if subject.startswith("worker-")}
    return {id_: (subject, superior(int(subject.partition("-")[2]))) for id_, subject in workers.items()}
