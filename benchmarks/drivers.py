"""PyMongo's async API against Motor, which it replaces: the same work, in turn, several times over (ADR 0005)."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, ReplaceOne
from rich.console import Console
from rich.table import Table

from benchmarks.parts import database_server

ROUNDS = 7
AT_ONCE = 16
COMMITS = 600
READS = 4000
DOCUMENT = {"text": "x" * 300, "amounts": {"low": 1, "central": 2, "high": 3}}
Work = Callable[[Any, int], Awaitable[None]]


async def _at_once(work: Callable[[int], Awaitable[Any]], count: int) -> None:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await work(number)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def commit(client: Any, run: int) -> None:
    """Decisions: a commit document and a view in one transaction, as `shared.kit.decisions.log` writes them."""
    db = client.bench

    async def one(number: int) -> None:
        async def body(session: Any) -> None:
            id_ = f"{run}-{number}"
            await db.commits.insert_one({"_id": id_, **DOCUMENT}, session=session)
            await db.views.replace_one({"_id": number}, {"commit": id_, **DOCUMENT}, upsert=True, session=session)

        started = client.start_session()
        async with await started if isinstance(started, Awaitable) else started as session:
            await session.with_transaction(body)

    await _at_once(one, COMMITS)


async def upsert(client: Any, run: int) -> None:
    """A projection's batch: 2,000 documents in one bulk write."""
    changes = [ReplaceOne({"_id": n}, {"run": run, **DOCUMENT}, upsert=True) for n in range(2000)]
    await client.bench.models.bulk_write(changes, ordered=False)


async def read(client: Any, _: int) -> None:
    """An API's point reads."""

    async def one(number: int) -> None:
        await client.bench.models.find_one({"_id": number % 2000})

    await _at_once(one, READS)


WORKS: dict[str, Work] = {"bulk upserts": upsert, "point reads": read, "transactions": commit}


async def compare(url: str, rounds: int = ROUNDS) -> dict[str, dict[str, list[float]]]:
    """Seconds by work and driver, the drivers in turn so that the machine's moods fall on both."""
    clients: dict[str, Any] = {"PyMongo async": AsyncMongoClient(url), "Motor": AsyncIOMotorClient(url)}
    for name in ("commits", "views", "models"):
        await clients["PyMongo async"].bench.create_collection(name)
    seconds: dict[str, dict[str, list[float]]] = {work: {name: [] for name in clients} for work in WORKS}
    run = 0
    for round_ in range(rounds + 1):
        for work, do in WORKS.items():
            for name, client in clients.items() if round_ % 2 else reversed(clients.items()):
                run += 1
                started = time.perf_counter()
                await do(client, run)
                if round_:
                    seconds[work][name].append(time.perf_counter() - started)
    return seconds


def main(out: Console, rounds: int = ROUNDS) -> None:
    """Print medians and the ratio, round by round."""
    with database_server() as url:
        seconds = asyncio.run(compare(url, rounds))
    table = Table(box=None, pad_edge=False)
    for heading in ("work", "PyMongo async, s", "Motor, s", "Motor / PyMongo: median (least to most)"):
        table.add_column(heading)
    for work, by_name in seconds.items():
        ours, motors = by_name["PyMongo async"], by_name["Motor"]
        ratios = sorted(motor / our for our, motor in zip(ours, motors, strict=True))
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        table.add_row(work, f"{statistics.median(ours):.3f}", f"{statistics.median(motors):.3f}", spread)
    out.print(table)
