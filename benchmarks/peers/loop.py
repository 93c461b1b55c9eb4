"""A loop written by hand on aiokafka and PyMongo: the platform's own events into a document for each employee and month
and one for each unit and month, offsets in the same transaction. Told and answers as `quix` does.

It checks nothing, knows no prices, and sets nothing aside: a bound of what such a loop can do, not an equal.
"""

import asyncio
import json
import os
import time
from collections import defaultdict
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer
from pymongo import AsyncMongoClient, UpdateOne
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

TOLD = json.loads(os.environ["MKD_BENCH_PEER"])
TOPICS = ("mkd.approvals", "mkd.performance")


async def run() -> dict[str, float]:
    """Take in as many events as were told."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(TOLD["mongo"])
    db = client["bench_loop"]
    for name in ("employee_months", "unit_months", "offsets"):
        await db[name].insert_one({"_id": "made"})
    consumer = AIOKafkaConsumer(
        *TOPICS,
        bootstrap_servers=TOLD["kafka"],
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=TOLD["kafka_user"],
        sasl_plain_password=TOLD["kafka_password"],
        group_id=TOLD["group"],
        auto_offset_reset=TOLD.get("since", "earliest"),
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 * 2**20,
    )
    await consumer.start()
    if "since" in TOLD:
        await _listen(consumer)
    written = 0
    started, used = time.perf_counter(), time.process_time()
    while written < TOLD["count"]:
        found = await consumer.getmany(timeout_ms=20, max_records=TOLD.get("batch", 5000))
        records = [record for batch in found.values() for record in batch]
        if records:
            ends = {f"{at.topic}/{at.partition}": batch[-1].offset + 1 for at, batch in found.items()}
            await _write(client, db, records, ends)
            written += len(records)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - used
    await consumer.stop()
    await client.close()
    return {"seconds": seconds, "cpu_s": cpu_s, "written": written}


async def _listen(consumer: AIOKafkaConsumer) -> None:
    """Say so when every partition is heard from a known place on."""
    while not consumer.assignment():
        await asyncio.sleep(0.05)
    for partition in consumer.assignment():
        await consumer.position(partition)
    print("listens", flush=True)


async def _write(client: Any, db: Any, records: list[Any], ends: dict[str, int]) -> None:
    people: dict[str, dict[str, Any]] = defaultdict(dict)
    units: dict[str, dict[str, int]] = defaultdict(lambda: {"approved": 0, "verified": 0})
    for record in records:
        event = json.loads(record.value)
        if record.topic == "mkd.approvals":
            for day in event["days"]:
                people[f"{event['employee_id']}:{day[:7]}"][f"days.{day}.approved"] = event["request_id"]
                units[f"{event['unit_id']}:{day[:7]}"]["approved"] += 1
        else:
            day = event["day"]
            people[f"{event['employee_id']}:{day[:7]}"][f"days.{day}.verified"] = event["output_id"]
    changes = {
        "employee_months": [UpdateOne({"_id": id_}, {"$set": set_}, upsert=True) for id_, set_ in people.items()],
        "unit_months": [UpdateOne({"_id": id_}, {"$inc": added}, upsert=True) for id_, added in units.items()],
        "offsets": [UpdateOne({"_id": id_}, {"$set": {"next": next_}}, upsert=True) for id_, next_ in ends.items()],
    }

    async def body(session: Any) -> None:
        for name, operations in changes.items():
            if operations:
                await db[name].bulk_write(operations, ordered=False, session=session)

    async with client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", j=True)
        )


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run())))
