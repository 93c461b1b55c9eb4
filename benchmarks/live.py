"""How soon an approval reaches the employee's open page, and what many open streams cost those who submit."""

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from itertools import islice

import httpx

from benchmarks.grounds import Grounds
from benchmarks.http import SEPARATOR, load, request
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.office import MONDAY, Office, superior, worker
from benchmarks.web import requests_of

WEEKS_AHEAD = 3
WARM_UP, CLIENTS = 32, 16
"""At most: of few people fewer."""
PACE_S = 0.25
PATIENCE_S = 30.0
OPENED_AT_ONCE = 20
SUBMITS, APPROVALS = "submits", "approval to event"
CHANGED = re.compile(rb"^event: (changed|look-again)$", re.MULTILINE)


@dataclass
class Streams:
    """Many who follow the requests API, each over a connection of its own, and how often they were told something."""

    told: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self, there: Office, count: int) -> None:
        """So many, of as many people as there are, before this returns."""
        for first in range(0, count, OPENED_AT_ONCE):
            numbers = range(first, min(count, first + OPENED_AT_ONCE))
            self._tasks += await asyncio.gather(*(self._one(there, number) for number in numbers))

    async def _one(self, there: Office, number: int) -> asyncio.Task[None]:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.api("requests"))
        writer.write(request("GET", "/v1/changes", Authorization=there.bearer(worker(number % there.people))))
        head = await reader.readuntil(SEPARATOR)
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"a stream was refused: {head[:200].decode()}")
        return asyncio.create_task(self._hear(reader, writer))

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while told := await reader.read(2**16):
                self.told += len(CHANGED.findall(told))
        finally:
            writer.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def live(report: Report, grounds: Grounds, rounds: int, people: int, streams: int, seconds: float, count: int) -> None:
    """Submits with no stream and with many, in turn; then approvals while many are open."""
    there = grounds.office(people)
    weeks = [next(there.weeks) for _ in range(WEEKS_AHEAD)]
    there.at(MONDAY + timedelta(weeks=weeks[0]))
    asked = requests_of(there, weeks)
    asyncio.run(load(there.api("requests"), islice(asked, min(WARM_UP, people // 4)), _clients(there)))
    for round_ in range(2 * rounds):
        for number in (streams, 0) if round_ % 2 else (0, streams):
            asyncio.run(_submits(report, there, asked, number, seconds))
            asyncio.run(there.settled())
    report.table(SUBMITS, f"{0:4} streams")
    asyncio.run(_approvals(report, there, asked, streams, count))
    report.table(APPROVALS)


def _clients(there: Office) -> int:
    return min(CLIENTS, max(1, there.people // 10))


async def _submits(report: Report, there: Office, asked: Iterator[bytes], streams: int, seconds: float) -> None:
    open_ = Streams()
    await open_.open(there, streams)
    with costing(there.processes()) as cost:
        done = await load(there.api("requests"), asked, _clients(there), seconds)
    await asyncio.sleep(1)
    await open_.close()
    noted = {"p50 ms": percentile(done.latencies_ms, 0.5), "p99 ms": percentile(done.latencies_ms, 0.99)}
    noted |= {"events told": float(open_.told)} if streams else {}
    exact = set(done.statuses) == {201} and (open_.told > 0 or not streams)
    report.add(SUBMITS, Sample(f"{streams:4} streams", len(done.latencies_ms), cost, noted, exact))
    if not exact:
        raise RuntimeError(f"answered otherwise: {done.statuses} {done.last[-500:].decode(errors='replace')}")


async def _approvals(report: Report, there: Office, asked: Iterator[bytes], streams: int, count: int) -> None:
    """Somebody's superior approves, and their open page of the portal is told, as is a stream of their own."""
    waiting = await _waiting(there, asked, count)
    open_ = Streams()
    await open_.open(there, streams)
    taken: dict[str, list[float]] = {"at API": [], "at page": []}
    async with httpx.AsyncClient(timeout=PATIENCE_S, limits=httpx.Limits(max_connections=None)) as client:
        with costing(there.processes()) as cost:
            for subject, leader, request_id in waiting:
                for where, took_ms in (await _approved(there, client, subject, leader, request_id)).items():
                    taken[where].append(took_ms)
                await asyncio.sleep(PACE_S)
    await open_.close()
    noted = {
        f"{where} p{share} ms": percentile(values, share / 100) for where, values in taken.items() for share in (50, 95)
    }
    report.add(APPROVALS, Sample(f"{streams} streams beside", len(waiting), cost, noted))


async def _waiting(there: Office, asked: Iterator[bytes], count: int) -> list[tuple[str, str, str]]:
    """Requests on a desk: whose they are, who leads them, and their ids."""
    await load(there.api("requests"), islice(asked, count), 1)
    await there.settled()
    found: list[tuple[str, str, str]] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{there.api('requests')}", timeout=60) as client:
        for number in range(there.people):
            headers = {"Authorization": there.bearer(worker(number))}
            told = await client.get("/v1/requests?status=submitted&limit=1", headers=headers)
            found += [
                (worker(number), superior(number), one["request_id"]) for one in told.raise_for_status().json()["items"]
            ]
            if len(found) >= count:
                break
    return found


async def _approved(
    there: Office, client: httpx.AsyncClient, subject: str, leader: str, request_id: str
) -> dict[str, float]:
    """Milliseconds from when an approval is sent to the events that tell of it."""
    portal = f"http://127.0.0.1:{there.home.portal_port}"
    cookie = await signed_in(client, portal, subject)
    page = (await client.get(f"{portal}/today", headers={"Cookie": cookie})).raise_for_status()
    (where,) = re.findall(r'hx-sse:connect="([^"]+)"', page.text)
    since = {"Authorization": there.bearer(subject)}
    api = f"http://127.0.0.1:{there.api('requests')}/v1/changes"
    async with (
        client.stream("GET", portal + unescape(where), headers={"Cookie": cookie}) as at_page,
        client.stream("GET", api, params={"id": request_id}, headers=since) as at_api,
    ):
        heard = [asyncio.create_task(_heard(one.aiter_lines())) for one in (at_api, at_page)]
        await asyncio.sleep(PACE_S)
        headers = {"Authorization": there.bearer(leader), "Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'}
        sent = time.perf_counter()
        path = f"http://127.0.0.1:{there.api('approvals')}/v1/cases/{request_id}:approve"
        (await client.post(path, headers=headers)).raise_for_status()
        async with asyncio.timeout(PATIENCE_S):
            at = await asyncio.gather(*heard)
    return {name: (moment - sent) * 1000 for name, moment in zip(("at API", "at page"), at, strict=True)}


async def _heard(lines: AsyncIterator[str]) -> float:
    async for line in lines:
        if line.startswith("event: "):
            return time.perf_counter()
    raise RuntimeError("a stream ended before it told anything")


async def signed_in(client: httpx.AsyncClient, portal: str, subject: str) -> str:
    """What a browser sends that somebody has signed in at. It says that it is of a secure address, as cookies ask."""
    begun = await client.get(f"{portal}/sign-in")
    shown = await client.get(begun.headers["location"])
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.text)
    form = {name: unescape(value) for name, value in hidden} | {"subject": subject}
    picked = await client.post(httpx.URL(begun.headers["location"]).join("/authorize"), data=form)
    back = await client.get(picked.headers["location"], headers={"Cookie": _cookies(begun)})
    return _cookies(back)


def _cookies(answer: httpx.Response) -> str:
    return "; ".join(one.partition(";")[0] for one in answer.headers.get_list("set-cookie") if "Max-Age=0" not in one)
