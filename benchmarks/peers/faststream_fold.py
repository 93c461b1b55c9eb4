"""FastStream's batch subscriber with a bulk write, as its documentation shows them: told and answers as `quix` does."""

import asyncio
import json
import os
import time
from typing import Any

import uvloop
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512
from pymongo import AsyncMongoClient, UpdateOne

from benchmarks.peers.flat import TOPIC, fold, increments

TOLD = json.loads(os.environ["MKD_BENCH_PEER"])


async def run() -> dict[str, float]:
    """Take in as many events as were told."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(TOLD["mongo"], w="majority")
    db, broker, done = client["bench_faststream"], KafkaBroker(TOLD["kafka"], security=_security()), asyncio.Event()
    written = 0

    @broker.subscriber(TOPIC, batch=True, max_records=2000, group_id=TOLD["group"], auto_offset_reset="earliest")
    async def take(events: list[dict[str, Any]]) -> None:
        nonlocal written
        for collection, totals in fold(events).items():
            changes = [UpdateOne(*one, upsert=True) for one in increments(totals)]
            await db[collection].bulk_write(changes, ordered=False)
        written += len(events)
        if written >= TOLD["count"]:
            done.set()

    started, used = time.perf_counter(), time.process_time()
    async with broker:
        await broker.start()
        await asyncio.wait_for(done.wait(), 300)
        seconds, cpu_s = time.perf_counter() - started, time.process_time() - used
    await client.close()
    return {"seconds": seconds, "cpu_s": cpu_s, "written": written}


def _security() -> SASLScram512:
    return SASLScram512(username=TOLD["kafka_user"], password=TOLD["kafka_password"], use_ssl=False)


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run())))
