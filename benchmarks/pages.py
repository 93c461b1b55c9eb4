"""What the portal's pages take with many people at once, beside the bare calls of the APIs that they are made of."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

import httpx

from benchmarks.grounds import Grounds
from benchmarks.http import Connection, load, request
from benchmarks.live import signed_in
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.office import MONDAY, WEEKS, Office, superior, worker
from benchmarks.web import requests_of

AGENCY = "agency"
ASKED = 200
"""So many have asked for days, of which nobody has decided."""
COUNTED = re.compile(r'^mkd_http_requests_total\{method="GET",route="([^"]+)",status="(\d+)"\} ([\d.]+)$', re.M)
Calls = tuple[tuple[str, str], ...]
"""Services and paths."""


@dataclass(frozen=True)
class Page:
    """A page, whose it is by number, and the calls that it is made of."""

    name: str
    path: str
    who: Callable[[int], str]
    calls: Calls


def pages_on(day: date) -> tuple[Page, ...]:
    """The pages that most people open, on a day."""
    year, week, _ = day.isocalendar()
    month = f"{day:%Y-%m}"
    me = ("organisation", "/v1/profile")
    return (
        Page(
            "today",
            "/today",
            worker,
            (
                me,
                ("requests", f"/v1/weeks/{year}-W{week:02}"),
                ("requests", "/v1/requests?whose=mine&limit=100"),
                ("performance", "/v1/plans?limit=200&progress=agreed&progress=returned"),
            ),
        ),
        Page(
            "desk",
            "/desk",
            lambda number: superior(number * 40),
            (
                me,
                ("approvals", "/v1/cases?limit=200&status=open"),
                ("requests", "/v1/requests?limit=200&whose=led&status=submitted"),
                ("organisation", "/v1/employees?limit=200"),
            ),
        ),
        Page(
            "dashboard",
            f"/dashboard?month={month}&category=fuel",
            lambda _: AGENCY,
            (
                me,
                ("savings", f"/v1/instance-months/{month}"),
                ("savings", f"/v1/unit-months?limit=200&month={month}&category=fuel"),
            ),
        ),
    )


def pages(report: Report, grounds: Grounds, rounds: int, people: int, users: int, seconds: float) -> None:
    """Pages and their calls in turn, by as many people at once."""
    there = grounds.office(people)
    weeks = [*islice(there.weeks, 1)]  # where others have measured before, none is left, and much has been asked for
    day = MONDAY + timedelta(weeks=weeks[0] if weeks else WEEKS)
    there.at(day)
    asyncio.run(load(there.api("requests"), islice(requests_of(there, weeks), ASKED), 4))
    asyncio.run(there.settled())
    for page in pages_on(day):
        asyncio.run(_measured(report, there, page, rounds, users, seconds))


async def _measured(report: Report, there: Office, page: Page, rounds: int, users: int, seconds: float) -> None:
    what, bare = f"{page.name}, {users} at once", f"{len(page.calls)} calls, bare"
    whose = [page.who(number % max(1, there.people // 40)) for number in range(users)]
    async with httpx.AsyncClient(timeout=30) as client:
        portal = f"http://127.0.0.1:{there.home.portal_port}"
        cookies = [await signed_in(client, portal, one) for one in whose]
        shown = await client.get(portal + page.path, headers={"Cookie": cookies[0]})
        before = await _counted(client, there, page.calls)
        again = await client.get(portal + page.path, headers={"Cookie": cookies[0]})
        asked = await _counted(client, there, page.calls) - before
    wanted = Counter(service for service, _ in page.calls)
    report.check(f"{what}: it is made of these calls", shown.is_success and again.is_success and asked == wanted)
    as_page = [[(there.home.portal_port, request("GET", page.path, Cookie=one))] for one in cookies]
    as_calls = [
        [(there.api(service), request("GET", path, Authorization=there.bearer(one))) for service, path in page.calls]
        for one in whose
    ]
    for round_ in range(rounds):
        contestants = [(page.name, as_page), (bare, as_calls)]
        for name, each in reversed(contestants) if round_ % 2 else contestants:
            await _run(report, there, what, name, each, seconds)
    report.table(what, bare)


async def _counted(client: httpx.AsyncClient, there: Office, calls: Calls) -> Counter[str]:
    """How many calls each of the services has answered, of the kinds that pages make."""
    await asyncio.sleep(1.1)  # metrics are made once a second
    found: Counter[str] = Counter()
    for service in {service for service, _ in calls}:
        told = await client.get(f"http://127.0.0.1:{there.api(service)}/metrics")
        found[service] = sum(int(float(n)) for route, _, n in COUNTED.findall(told.text) if route.startswith("/v1/"))
    return found


async def _run(
    report: Report, there: Office, what: str, name: str, each: Sequence[Sequence[tuple[int, bytes]]], seconds: float
) -> None:
    """Everybody asks for what is theirs, one call after another, again and again."""
    taken: list[float] = []
    wrong: Counter[int] = Counter()
    deadline = time.perf_counter() + seconds

    async def somebody(calls: Sequence[tuple[int, bytes]]) -> None:
        ends = {port: await Connection.to(port) for port, _ in calls}
        started = 0.0
        while started < deadline:
            started = time.perf_counter()
            for port, call in calls:
                head, _ = await ends[port].ask(call)
                wrong[int(head[9:12])] += head[9:12] != b"200"
            taken.append((time.perf_counter() - started) * 1000)
        for connection in ends.values():
            connection.close()

    with costing(there.processes()) as cost:
        await asyncio.gather(*(somebody(calls) for calls in each))
    noted = {"p50 ms": percentile(taken, 0.5), "p95 ms": percentile(taken, 0.95)}
    report.add(what, Sample(name, len(taken), cost, noted, not +wrong))
