"""Whole loops: a day is asked for, approved, worked, logged, verified and saved, for many people at once."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx

from benchmarks.grounds import Grounds
from benchmarks.measuring import Report, Sample, costing, percentile
from benchmarks.office import MONDAY, Office, superior, worker

LOOKS_EVERY_S = 0.05


class Loops:
    """Some people's loops in one week, so many at once."""

    def __init__(self, there: Office, week: int, at_once: int) -> None:
        self.there = there
        self.week = week
        self.at_once = at_once
        self.until_case_ms: list[float] = []
        self._gate = asyncio.Semaphore(at_once)
        self._bearers: dict[str, str] = {}

    async def begin(self) -> None:
        """It is the Monday before, and what that has brought is done with."""
        self.there.at(MONDAY + timedelta(weeks=self.week))
        await self.there.settled()

    async def run(self, count: int) -> None:
        """All of them. Raises `RuntimeError` when something is refused or does not come."""
        limits = httpx.Limits(max_connections=self.at_once)
        async with httpx.AsyncClient(timeout=60, limits=limits) as self.client:
            asked = await asyncio.gather(*(self._agree(number) for number in range(count)))
            self.there.at(MONDAY + timedelta(weeks=self.week + 1, days=4), 15)
            await asyncio.gather(*(self._do(number, request) for number, request in enumerate(asked)))
            self.there.at(MONDAY + timedelta(weeks=self.week + 1, days=5))
            await self.there.settled()
            await asyncio.gather(*(self._is_saved(number, request) for number, request in enumerate(asked)))

    async def _agree(self, number: int) -> dict[str, Any]:
        async with self._gate:
            body = self.there.asking(number, self.week)
            asked = await self._call("POST", "requests", "/v1/requests", worker(number), body)
            path, started = f"/v1/cases/{asked['request_id']}", time.perf_counter()
            await self._seen("approvals", path, superior(number))
            self.until_case_ms.append((time.perf_counter() - started) * 1000)
            await self._call("POST", "approvals", f"{path}:approve", superior(number), seen=1)
            await self._seen("performance", f"/v1/plans/{asked['request_id']}", worker(number))
            return asked

    async def _do(self, number: int, asked: dict[str, Any]) -> None:
        async with self._gate:
            version = 1
            for output in asked["outputs"]:
                path = f"/v1/plans/{asked['request_id']}/outputs/{output['output_id']}"
                done = {"quantity": 1, "note": "Selesai."}
                for verb, who, body in (("log", worker(number), done), ("verify", superior(number), None)):
                    told = await self._call("POST", "performance", f"{path}:{verb}", who, body, seen=version)
                    version = told["version"]

    async def _is_saved(self, number: int, asked: dict[str, Any]) -> None:
        async with self._gate:
            for day in asked["days"]:
                told = await self._call("GET", "savings", f"/v1/days/{asked['employee_id']}/{day}", worker(number))
                if not told["entries"]:
                    raise RuntimeError(f"a day that was verified has saved nothing: {json.dumps(told)[:300]}")

    async def _seen(self, service: str, path: str, who: str) -> None:
        """Wait until a service knows what another has told."""
        async with asyncio.timeout(60):
            while (await self._answer("GET", service, path, who)).status_code == 404:
                await asyncio.sleep(LOOKS_EVERY_S)

    async def _call(
        self, method: str, service: str, path: str, who: str, body: Any = None, seen: int | None = None
    ) -> dict[str, Any]:
        answer = await self._answer(method, service, path, who, body, seen)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())

    async def _answer(
        self, method: str, service: str, path: str, who: str, body: Any = None, seen: int | None = None
    ) -> httpx.Response:
        headers = {"Authorization": self._bearers.setdefault(who, "") or self._bearer(who)}
        if method == "POST":
            headers |= {"Idempotency-Key": str(uuid.uuid4())}
        if seen is not None:
            headers |= {"If-Match": f'"{seen}"'}
        url = f"http://127.0.0.1:{self.there.api(service)}{path}"
        return await self.client.request(method, url, headers=headers, json=body)

    def _bearer(self, who: str) -> str:
        self._bearers[who] = self.there.bearer(who)
        return self._bearers[who]


def loops(report: Report, grounds: Grounds, rounds: int, people: int, count: int, at_once: Sequence[int]) -> None:
    """Rounds of loops of some people in an office, a week of its own for each number of those at once."""
    what = "whole loops"
    there = grounds.office(people)
    for round_ in range(rounds):
        for number in reversed(at_once) if round_ % 2 else at_once:
            report.add(what, _measured(there, number, count))
    report.table(what)


def _measured(there: Office, at_once: int, count: int) -> Sample:
    all_of_them = Loops(there, next(there.weeks), at_once)
    asyncio.run(all_of_them.begin())
    with costing(there.processes()) as cost:
        asyncio.run(all_of_them.run(count))
    noted = {
        "CPU ms each": sum(cost.cpu_s.values()) / count * 1000,
        "case seen p50 ms": percentile(all_of_them.until_case_ms, 0.5),
        "case seen p99 ms": percentile(all_of_them.until_case_ms, 0.99),
        "memory MiB": there.memory_mib(),
    }
    return Sample(f"{at_once} at once", count, cost, noted)
