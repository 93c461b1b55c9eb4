"""PyMongo's async API against Motor, which it replaces: the same work, in turn, several times over (ADR 0005)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, ReplaceOne

from benchmarks.measuring import Report, Sample, costing
from benchmarks.parts import database_server

AT_ONCE = 16
UPSERTS = 2000
OURS, MOTOR = "PyMongo async", "Motor"
DOCUMENT = {"text": "x" * 300, "amounts": {"low": 1, "central": 2, "high": 3}}
Work = Callable[[Any, int, int], Awaitable[None]]
"""With a client, a run's number and how many."""


async def _at_once(work: Callable[[int], Awaitable[Any]], count: int) -> None:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await work(number)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def commit(client: Any, run: int, count: int) -> None:
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

    await _at_once(one, count)


async def upsert(client: Any, run: int, count: int) -> None:
    """A projection's batch: that many documents in one bulk write."""
    changes = [ReplaceOne({"_id": n}, {"run": run, **DOCUMENT}, upsert=True) for n in range(count)]
    await client.bench.models.bulk_write(changes, ordered=False)


async def read(client: Any, _: int, count: int) -> None:
    """An API's point reads."""

    async def one(number: int) -> None:
        await client.bench.models.find_one({"_id": number % UPSERTS})

    await _at_once(one, count)


WORKS: dict[str, tuple[Work, int]] = {
    "bulk upserts": (upsert, UPSERTS),
    "point reads": (read, 2 * UPSERTS),
    "transactions": (commit, 300),
}
"""Each with how many there are of it at full size."""


def drivers(report: Report, rounds: int, share: float) -> None:
    """Both drivers in turn, so that the machine's moods fall on both; each work at a share of its size. The first round
    does not count."""
    with database_server() as (url, mongod):
        asyncio.run(_compare(report, url, mongod, rounds, share))
    for work in WORKS:
        report.table(_of(work), MOTOR)


def _of(work: str) -> str:
    return f"drivers, {work}"


async def _compare(report: Report, url: str, mongod: int, rounds: int, share: float) -> None:
    clients: dict[str, Any] = {OURS: AsyncMongoClient(url), MOTOR: AsyncIOMotorClient(url)}
    db, run = clients[OURS].bench, 0
    for name in ("commits", "views", "models"):
        await db.create_collection(name)
    for round_ in range(rounds + 1):
        for work, (do, size) in WORKS.items():
            count = max(1, round(size * share))
            for name, client in reversed(clients.items()) if round_ % 2 else clients.items():
                run += 1
                with costing({"own": [os.getpid()], "mongod": [mongod]}) as cost:
                    await do(client, run, count)
                if round_:
                    report.add(_of(work), Sample(name, count, cost, {}, await _is_written(db, work, run, count)))
    await clients[OURS].close()
    clients[MOTOR].close()


async def _is_written(db: Any, work: str, run: int, count: int) -> bool:
    """Whether what a run has to write is there."""
    if work == "transactions":
        views = await db.views.count_documents({"commit": {"$regex": f"^{run}-"}})
        return bool(views == count == await db.commits.count_documents({"_id": {"$regex": f"^{run}-"}}))
    return work != "bulk upserts" or bool(await db.models.count_documents({"run": run}) == count)
