"""What Kafka had acknowledged and lost is noticed, said and sent again, whoever had heard how much of it."""

import asyncio
import random
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pytest

from shared.kit.base.lease import Lease
from shared.kit.messaging import refill
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.relay import Relay
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY, TUESDAY, LATER, NEXT_WEEK = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 10), date(2026, 9, 14)


def look_at_once(platform: Platform) -> None:
    """The next round of every relay looks at where Kafka ends."""
    for relay in platform.relays.values():
        relay._looked_at = -1e9


async def test_nobody_misses_what_was_lost_however_far_they_had_heard(memory: Platform, seed: int) -> None:
    """Some consumers had heard all of the lost tail, some none; afterwards each has heard everything, once."""
    chance = random.Random(seed)
    town = await open_town(memory)
    await memory.settle()
    assert memory.bus
    asked = await town.play_to_verified("ani", MONDAY)
    behind = await town.submit("dedi", [LATER])
    for relay in memory.relays.values():
        await relay.attempt()
    await memory.bus.deliver(memory.runners["approvals.cases"])
    for records in memory.bus.partitions.values():
        del records[len(records) - min(len(records), chance.randint(1, 6)) :]
    look_at_once(memory)
    await memory.settle()
    await town.approve("budi", behind)
    await memory.settle()
    assert (await town.day("ani", MONDAY))["realised"]
    for verb, name in (("requests", "requests"), ("approvals", "cases")):
        for id_ in (asked["request_id"], behind["request_id"]):
            found = await memory.databases[verb][name].find_one({"_id": id_})
            assert found
            assert found["status"] == "approved"
    for name, db in memory.databases.items():
        assert await db.dead_letters.count_documents({"status": {"$in": ["open", "parked"]}}) == 0, name
        assert await db.commits.count_documents({"sent": False}) == 0, name


async def test_a_loss_is_noticed_by_what_is_sent_next(memory: Platform) -> None:
    """Kafka came back shorter, and takes the next batch, before anybody has looked where it ends."""
    town = await open_town(memory)
    await memory.settle()
    assert memory.bus
    first = await town.submit("ani", [MONDAY])
    relay = memory.relays["requests"]
    await relay.attempt()
    for (topic, _), records in memory.bus.partitions.items():
        if topic.endswith("mkd.requests"):
            records.clear()
    relay._looked_at = asyncio.get_running_loop().time() + 1e9
    second = await town.submit("ani", [TUESDAY])
    await relay.attempt()
    await memory.settle()
    for asked in (first, second):
        assert (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).status_code == 200


async def test_what_another_has_sent_meanwhile_is_known(memory: Platform) -> None:
    """A relay that comes back after another, and before which Kafka has lost what that one had sent."""
    town = await open_town(memory)
    await memory.settle()
    assert memory.bus
    relay = memory.relays["requests"]
    other = Relay(relay._db, relay._publisher, memory.bus, Lease(relay._db, "relay", "other"), instance="tests")
    other._topic = relay._topic
    asked = [await town.submit("ani", [MONDAY])]
    assert await relay.attempt() == 1
    await relay._lease.give_up()
    asked.append(await town.submit("ani", [TUESDAY]))
    assert await other.attempt() == 1
    await other._lease.give_up()
    said = [said for (topic, _), said in memory.bus.partitions.items() if topic == relay._topic]
    (hers,) = (records for records in said if records[-1].key == town.ids["ani"].encode())
    hers.pop()
    relay._looked_at = asyncio.get_running_loop().time() + 1e9
    asked.append(await town.submit("ani", [NEXT_WEEK]))
    await relay.attempt()
    await memory.settle()
    for one in asked:
        assert (await town.get("budi", "approvals", f"/v1/cases/{one['request_id']}")).status_code == 200


async def test_a_refill_that_is_broken_off_is_gone_on_with(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    town = await open_town(memory)
    await memory.settle()
    assert memory.bus
    asked = await town.submit("ani", [MONDAY])
    relay = memory.relays["requests"]
    await relay.attempt()
    for (topic, _), records in memory.bus.partitions.items():
        if topic.endswith("mkd.requests"):
            records.clear()
    look_at_once(memory)
    with monkeypatch.context() as patch:
        patch.setattr(refill, "done", _dies)
        with pytest.raises(ZeroDivisionError):
            await relay.once()
    look_at_once(memory)
    await memory.settle()
    assert (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).status_code == 200
    assert not await memory.databases["requests"].published.find_one({"refill": {"$exists": True}})


async def _dies(*_: Any) -> None:
    raise ZeroDivisionError


async def test_who_cannot_send_lets_another(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a worker whose clock is an hour ahead, whose records Kafka refuses, beside a healthy one."""
    monkeypatch.setattr("shared.kit.messaging.relay.IDLE_S", 0.01)
    monkeypatch.setattr("shared.kit.messaging.relay.STANDS_BACK_S", 0.05)
    town = await open_town(memory)
    await memory.settle()
    await town.submit("ani", [MONDAY])
    healthy = memory.relays["requests"]
    lease = Lease(healthy._db, "relay", "lame")
    lame = Relay(healthy._db, healthy._publisher, Refusing(), lease, instance="tests")
    await healthy._lease.give_up()
    assert await lame._lease.hold()
    assert await healthy.attempt() == 0
    for _ in range(3):
        await lame.attempt()
    assert await healthy.attempt() == 1


class Refusing:
    """A Kafka that takes nothing from one worker."""

    async def send(self, _: Sequence[Message]) -> list[Place]:
        raise TimeoutError

    async def ends(self, _: str, partitions: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(partitions, 1 << 40)
