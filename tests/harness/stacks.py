"""Whole stacks of processes, for tests that kill, lose and restore."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest

from demo.people import Apis, Tokens
from demo.play import Addresses, settled
from deploy import stack
from deploy.demo import set_clock
from deploy.home import SERVICES, Home
from deploy.issuer import sign
from tests.harness.parts import GIVEN


def local_parts_only() -> None:
    """Skip where Kafka and MongoDB are not ours to kill."""
    if any(name in os.environ for name in GIVEN) or os.environ.get("MKD_TEST_CONTAINERS") == "1":
        pytest.skip("kills its own Kafka and MongoDB: needs local parts")


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


class Reading:
    """Somebody who reads totals without a pause, and notes every answer that fails or is torn."""

    def __init__(self, home: Home, subject: str, month: str) -> None:
        self.count = 0
        self.faults: list[str] = []
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
        seen: dict[str, int] | None = None
        async with httpx.AsyncClient(timeout=30) as client:
            while self._going_on:
                answer = await client.get(self._url, headers=self._headers)
                self.count += 1
                if answer.status_code != 200:
                    self.faults.append(f"{answer.status_code} {answer.text[:200]}")
                    continue
                found = {_name(one): one["amounts"]["sen"]["central"] for one in answer.json()["items"]}
                if seen is not None and found != seen:
                    self.faults.append(f"{len(found)} unit-months where there were {len(seen)}, or others")
                seen = found


def _name(unit_month: dict[str, Any]) -> str:
    return "|".join(str(unit_month[part]) for part in ("unit_id", "factor_set_id", "category", "beneficiary"))


@dataclass
class Running:
    """A stack of processes with what a town needs of a platform."""

    home: Home
    apis: Apis

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
