"""Two instances with the same ids of aggregates never meet: what a consumer knows of one says nothing of the other."""

import random
from collections.abc import Sequence
from datetime import date, datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts import requests
from shared.contracts.requests import RequestWithdrawn
from shared.kit.base.clock import SystemClock
from shared.kit.base.mongo import Database
from shared.kit.messaging import redrive
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner
from tests.harness.bus import MemoryBus
from tests.harness.made import message
from tests.harness.platform import Platform

INSTANCES = ("jabar", "garut")
SUBJECTS = ("req-00000001", "req-00000002")
TOLD = "told_by_instances"
Heard = list[tuple[str, int]]


async def note(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
    """Write down each event once: a second time would be a key that is taken."""
    if events:
        told = [{"_id": f"{runner.group}|{heard.stream}#{heard.n}", "group": runner.group} for heard in events]
        await runner.db[TOLD].insert_many(told, session=session)


def listener(db: Database, name: str, *accepted: str) -> Runner:
    """A consumer in Jabar that accepts what else is stated."""
    consumer = Consumer(f"tests.{name}", (requests.PUBLISHER,), (RequestWithdrawn,), note)
    return Runner(consumer, db, SystemClock(), "jabar", accepted=accepted)


async def told(runner: Runner) -> list[str]:
    found = await runner.db[TOLD].find({"group": runner.group}).to_list()
    return sorted(one["_id"].partition("|")[2] for one in found)


async def aside(runner: Runner) -> list[tuple[str, int, str]]:
    letters = runner.db.dead_letters.find({"consumer": runner.group, "status": {"$in": ["open", "parked"]}})
    return sorted([(one["stream"], one["n"], one["rule"]) async for one in letters])


async def ready(memory: Platform) -> Database:
    db = memory.databases["performance"]
    if TOLD not in await db.list_collection_names():
        await db.create_collection(TOLD)
    return db


def put(bus: MemoryBus, instance: str, subject: str, n: int, value: bytes | None = None) -> None:
    event = RequestWithdrawn(request_id=subject, employee_id="emp-00000001", days=(date(2026, 9, 7),))
    sent = message(requests.PUBLISHER, event, n, instance=instance)
    bus.append(sent.topic, sent.key, sent.value if value is None else value, sent.headers)


async def test_each_instance_is_heard_as_if_there_were_no_other(memory: Platform, seed: int) -> None:
    """Duplicates, gaps and broken records of both, in any order: the same as each of them alone."""
    db, chance = await ready(memory), random.Random(seed)
    buses = {name: MemoryBus() for name in (*INSTANCES, "both")}
    for _ in range(120):
        instance, subject, n = chance.choice(INSTANCES), chance.choice(SUBJECTS), chance.randint(1, 6)
        value = b"{" if chance.random() < 0.1 else None
        for bus in (buses[instance], buses["both"]):
            put(bus, instance, subject, n, value)
    sources = [requests.PUBLISHER.source(name) for name in INSTANCES]
    heard = {name: listener(db, name, *sources) for name in buses}
    for name, bus in buses.items():
        await bus.deliver(heard[name], batch=chance.randint(1, 20))
    alone = [heard[name] for name in INSTANCES]
    assert await told(heard["both"]) == sorted([*await told(alone[0]), *await told(alone[1])]) != []
    assert await aside(heard["both"]) == sorted([*await aside(alone[0]), *await aside(alone[1])]) != []


async def test_what_another_instance_says_changes_nothing_until_it_is_accepted(memory: Platform) -> None:
    """Its records are put aside with the rule; whoever accepts them later hears them by a retry, in their order."""
    db, bus, (own, _) = await ready(memory), MemoryBus(), SUBJECTS
    for instance, n in (("garut", 1), ("jabar", 1), ("garut", 2), ("jabar", 2), ("garut", 2)):
        put(bus, instance, own, n)
    strict = listener(db, "strict")
    await bus.deliver(strict)
    theirs = f"/garut/requests/{own}"
    mine = [f"/jabar/requests/{own}#{n}" for n in (1, 2)]
    assert await told(strict) == mine
    rule = "foreign-source"
    assert await aside(strict) == [(theirs, 1, rule), (theirs, 2, rule), (theirs, 2, rule)]
    assert await strict.checkpoint.heard(None, {theirs}) == {}
    letters = await db.dead_letters.find({"consumer": strict.group}).sort("_id", 1).to_list()
    assert "/garut/requests" in letters[0]["reason"]
    wider = listener(db, "strict", "/garut/requests")
    last, first, again = letters[1], letters[0], letters[2]
    assert (await redrive.retry(wider, last, "test"))["status"] == "parked"
    assert (await redrive.retry(wider, first, "test"))["status"] == "handled"
    assert (await redrive.retry(wider, again, "test"))["status"] == "handled"
    assert await told(wider) == [f"{theirs}#1", f"{theirs}#2", *mine]
    assert await aside(wider) == []


async def test_a_foreign_record_that_is_discarded_moves_no_stream_of_ours(memory: Platform) -> None:
    db, bus, (own, _) = await ready(memory), MemoryBus(), SUBJECTS
    put(bus, "garut", own, 1)
    put(bus, "jabar", own, 2)
    strict = listener(db, "discards")
    await bus.deliver(strict)
    foreign = await db.dead_letters.find_one({"consumer": strict.group, "rule": "foreign-source"})
    assert foreign
    await redrive.discard(strict, foreign, "test", "not ours")
    assert await told(strict) == []
    assert await aside(strict) == [(f"/jabar/requests/{own}", 2, "gap")]
    put(bus, "jabar", own, 1)
    await bus.deliver(strict)
    assert await told(strict) == [f"/jabar/requests/{own}#{n}" for n in (1, 2)]
