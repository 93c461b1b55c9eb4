"""What Kafka had acknowledged and lost is noticed, said and sent again, whoever had heard how much of it."""

import asyncio
import random
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import province
from demo.play import play
from deploy.base.home import Home
from deploy.lifecycle.up import down, up
from deploy.local import mongod, stack
from shared.kit.base.lease import Lease
from shared.kit.base.mongo import connect
from shared.kit.messaging import refill
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.relay import Relay
from tests.harness.platform import Platform
from tests.harness.stacks import addresses, at_rest, digest, whole_stack
from tests.harness.town import open_town

MONDAY, TUESDAY, LATER = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 10)
CUT_BYTES = 64 * 1024
SEED, PEOPLE = 3, 40


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


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A whole stack of processes, supervised."""
    with whole_stack(tmp_path) as home:
        yield home


@pytest.mark.timeout(900)
async def test_after_a_power_cut_up_alone_brings_everything_back(home: Home) -> None:
    """The newest segments of Kafka are cut while everything is down, and savings had heard nothing yet."""
    result = await play(addresses(home), employees=PEOPLE, days=3, seed=SEED, say=print)
    assert result.differences == []
    agency = next(p.subject for p in province.make(SEED, PEOPLE).people.values() if p.history[0].roles)
    await asyncio.to_thread(down, home, print)
    cut = _cut(home)
    assert cut > 20
    await asyncio.to_thread(up, home, print, lambda: _forget_savings(home))
    await at_rest(home)
    assert digest(home, agency)["digest"] == result.digest
    db = connect(stack.settings(home, "performance"), "mkd_performance")
    assert await refill.lately_lost(db, datetime.now(UTC) - timedelta(hours=1)), "the loss must be told of"
    await db.client.close()


def _cut(home: Home) -> int:
    """Take the end off the newest segment of each partition of ours. Returns how many were cut."""
    cut = 0
    for folder in (home.path / "kafka" / "data").glob("mkd.*"):
        newest = max(folder.glob("*.log"))
        if size := newest.stat().st_size:
            with newest.open("r+b") as segment:
                segment.truncate(max(0, size - CUT_BYTES))
            cut += 1
    return cut


def _forget_savings(home: Home) -> None:
    """As if savings' worker had not run at all so far."""
    with mongod.admin(home) as client:
        db = client.mkd_savings
        for name in db.list_collection_names():
            if name.startswith("g1.") or name in ("heard", "progress", "dead_letters"):
                db[name].delete_many({})
