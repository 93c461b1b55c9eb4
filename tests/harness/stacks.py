"""Whole stacks of processes, for tests that kill, lose and restore."""

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.people import Apis, Tokens
from demo.play import Addresses, settled
from deploy.base.home import SERVICES, Home
from deploy.demo.month import set_clock
from deploy.lifecycle.up import down, up
from deploy.local import stack
from deploy.local.issuer import sign
from services.savings.ledger.model import KIND
from tests.harness.parts import GIVEN, free_port_base


def local_parts_only() -> None:
    """Skip where Kafka and MongoDB are not ours to kill."""
    if any(name in os.environ for name in GIVEN) or os.environ.get("MKD_TEST_CONTAINERS") == "1":
        pytest.skip("kills its own Kafka and MongoDB: needs local parts")


@contextmanager
def whole_stack(folder: Path, workers: int = 1) -> Iterator[Home]:
    """Processes, supervised, with their data below a folder. Skips where Kafka and MongoDB are not ours to kill."""
    local_parts_only()
    home = Home(folder / "stack", free_port_base(), workers=workers)
    try:
        up(home, print)
        yield home
    finally:
        down(home, print)


def addresses(home: Home) -> Addresses:
    """Where the player reaches a stack."""
    return Addresses(
        apis={name: f"http://127.0.0.1:{home.api_port(name)}" for name in SERVICES},
        workers={name: f"http://127.0.0.1:{home.worker_port(name)}" for name in SERVICES},
        issuer=f"http://127.0.0.1:{home.issuer_port}",
        sign_in_secret=home.secret("demo-sign-in").read_text(),
        administrator=stack.ADMIN_SUBJECT,
        set_clock=partial(set_clock, stack.clock_file(home)),
    )


def bearer(home: Home, subject: str) -> dict[str, str]:
    """The header of somebody who is signed in."""
    its = stack.settings(home, "savings")
    token = sign((home.path / "secrets" / "issuer.pem").read_bytes(), its.issuer, its.audience, subject)
    return {"Authorization": f"Bearer {token}"}


def digest(home: Home, subject: str) -> dict[str, Any]:
    """The hash over all net positions, as the API tells it."""
    url = f"http://127.0.0.1:{home.api_port('savings')}/v1/digest"
    return dict(httpx.get(url, headers=bearer(home, subject), timeout=30).raise_for_status().json())


async def at_rest(home: Home) -> None:
    """Wait until nothing is unsent, unheard or due."""
    async with asyncio.timeout(300):
        workers = {name: httpx.AsyncClient(base_url=url, timeout=30) for name, url in addresses(home).workers.items()}
        try:
            await settled(workers)
        finally:
            for client in workers.values():
                await client.aclose()


UnitMonths = list[dict[str, Any]]


def changed(before: UnitMonths, now: UnitMonths) -> str:
    """How an answer differs from the one before, while nobody works."""
    were, are = ({_name(one): one["amounts"]["sen"]["central"] for one in told} for told in (before, now))
    return f"{len(are)} unit-months where there were {len(were)}, or others" if are != were else ""


def torn(before: UnitMonths, now: UnitMonths) -> str:
    """What an answer cannot be while people work: half of a posting, or much less than one of some time ago."""
    meals = [one["amounts"]["sen"]["central"] for one in now if one["category"] == "meals"]
    if sum(meals):
        return f"meals come to {sum(meals)}: what the budget keeps is not what employees do without"
    were, are = (sum(one["days"] for one in told) for told in (before, now))
    return f"{are} days where there were {were}" if were - are > max(20, were // 10) else ""


READS_EVERY_S = 0.1
"""How long somebody who reads all the time leaves the processors to others in between."""


class Reading:
    """Somebody who reads totals all the time, and notes every answer that fails or cannot be, given one of some
    seconds before."""

    def __init__(
        self,
        home: Home,
        subject: str,
        month: str,
        wrong: Callable[[UnitMonths, UnitMonths], str] = changed,
        since_s: float = 0,
    ) -> None:
        self.count = 0
        self.faults: list[str] = []
        self._wrong = wrong
        self._since_s = since_s
        self._url = f"http://127.0.0.1:{home.api_port('savings')}/v1/unit-months?month={month}&limit=200"
        self._headers = bearer(home, subject)
        self._going_on = True
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Reading":
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._going_on = False
        assert self._task
        await self._task

    async def _read(self) -> None:
        told: deque[tuple[float, UnitMonths]] = deque()
        async with httpx.AsyncClient(timeout=30) as client:
            while self._going_on:
                answer = await client.get(self._url, headers=self._headers)
                self.count += 1
                if answer.status_code != 200:
                    self.faults.append(f"{answer.status_code} {answer.text[:200]}")
                    continue
                now = answer.json()["items"]
                while len(told) > 1 and told[1][0] < time.monotonic() - self._since_s:
                    told.popleft()
                if told and told[0][0] < time.monotonic() - self._since_s and (fault := self._wrong(told[0][1], now)):
                    self.faults.append(fault)
                told.append((time.monotonic(), now))
                await asyncio.sleep(READS_EVERY_S)


def _name(unit_month: dict[str, Any]) -> str:
    return "|".join(str(unit_month[part]) for part in ("unit_id", *KIND))


@dataclass
class Running:
    """A stack of processes with what a town needs of a platform."""

    home: Home
    apis: Apis
    bus: None = None

    def set_clock(self, moment: datetime) -> None:
        set_clock(stack.clock_file(self.home), moment)

    def token(self, subject: str) -> str:
        return bearer(self.home, subject)["Authorization"].partition(" ")[2]

    async def settle(self) -> None:
        await at_rest(self.home)


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[Running]:
    """A started stack, as people reach it."""
    at = addresses(home)
    async with AsyncExitStack() as clients:
        apis = {
            name: await clients.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
            for name, url in at.apis.items()
        }
        issuer = await clients.enter_async_context(httpx.AsyncClient(base_url=at.issuer))
        yield Running(home, Apis(apis, Tokens(issuer, at.sign_in_secret)))
