"""A province's hundred thousand: sent, taken over, exported and sent again, in bounded memory."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import psutil
import pytest

from deploy.base.home import ROOT, listening
from deploy.local.stack import environment
from services.organisation.import_ import jobs as takeover
from shared.kit.base import generations
from shared.spreadsheets.media import CSV, XLSX
from tests.harness.parts import free_port_base, wait_for
from tests.harness.platform import Platform
from tests.harness.town import HEADING, SINCE, open_town, row
from tests.harness.town import PEOPLE as TOWN

PEOPLE = 100_000
GROWTH_MAX_BYTES = 400 * 1024 * 1024


def sheet() -> bytes:
    """Everybody, those of the town first; the others in eights, each led by the next."""
    rows = [HEADING, *(row(name) for name in TOWN)]
    for number in range(PEOPLE - len(TOWN)):
        superior = nip(number + 1) if number % 8 != 7 else ""
        who = f"{nip(number)},Nama Pegawai {number},subjek-{number},bkd,analis,{superior}"
        rows.append(f"{who},,18.4,motorcycle,pertalite,40,{SINCE}")
    return "\n".join(rows).encode()


def nip(number: int) -> str:
    return f"{19700101 + number // 1000 % 20 * 10000}2010{1 + number // 20000:02}1{number % 1000:03}"


@contextmanager
def served(memory: Platform) -> Iterator[tuple[httpx.AsyncClient, psutil.Process]]:
    """Organisation's API in a process of its own."""
    port = free_port_base()
    command = [sys.executable, "-m", "uvicorn", "--factory", "--port", str(port), "services.organisation.app:api"]
    its = os.environ | environment(memory.settings["organisation"])
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=its)
    try:
        wait_for(lambda: listening(port), "the API")
        headers = {"Authorization": f"Bearer {memory.token('administrator', lifetime_s=3600)}"}
        yield (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600),
            psutil.Process(process.pid),
        )
    finally:
        process.terminate()
        process.wait(30)


@asynccontextmanager
async def measured(what: str, process: psutil.Process) -> AsyncIterator[None]:
    """What a process's memory grows by meanwhile, how long it takes, and how much of that it works."""
    before = peak = process.memory_info().rss
    started, worked = time.monotonic(), sum(process.cpu_times()[:2])

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, process.memory_info().rss)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    yield
    watching.cancel()
    took, work = time.monotonic() - started, sum(process.cpu_times()[:2]) - worked
    print(f"{what}: {took:.0f} s ({work:.0f} s of work), {before >> 20} MiB and {(peak - before) >> 20} MiB more")
    assert peak - before < GROWTH_MAX_BYTES, what


async def send(client: httpx.AsyncClient, content: bytes, media_type: str) -> dict[str, Any]:
    headers = {"Content-Type": media_type, "Idempotency-Key": f"{media_type}-{len(content)}"}
    answer = await client.post("/v1/imports?kind=employees", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_a_hundred_thousand_employees_are_taken_over_in_bounded_memory(memory: Platform) -> None:
    await open_town(memory)
    db, its = memory.databases["organisation"], memory.settings["organisation"]
    body = sheet()
    with served(memory) as (client, api):
        await send(client, body[: body.index(b"\n", 10_000)], CSV)
        async with measured(f"send {len(body) / 1e6:.0f} MB of CSV", api):
            report = await send(client, body, CSV)
        assert (report["status"], report["rows"], report["problems"]) == ("valid", PEOPLE, [])
        for changes in (PEOPLE - len(TOWN), 0):
            path = f"/v1/imports/{report['import_id']}"
            answer = await client.post(f"{path}:confirm", headers={"Idempotency-Key": "confirm"})
            assert answer.status_code == 202, answer.text
            async with measured("take over", psutil.Process()):
                await takeover.go_on(db, generations.FIRST, its.clock())
            done = (await client.get(path)).json()
            assert (done["status"], done["taken"], done["changes"]) == ("confirmed", report["rows"], changes)
            if changes:
                async with measured("export XLSX", api):
                    exported = (await client.get("/v1/exports/employees", headers={"Accept": XLSX})).content
                async with measured(f"send {len(exported) / 1e6:.0f} MB of XLSX", api):
                    report = await send(client, exported, XLSX)
                assert (report["status"], report["problems"]) == ("valid", [])
                async with measured("export CSV", api):
                    assert len((await client.get("/v1/exports/employees")).content) > len(body)
