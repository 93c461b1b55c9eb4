"""Each guard of "exactly once in effect", and that the platform does not hold without it.

Every guard has a scenario that must pass, and must fail when the guard alone is taken away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import AutoReconnect

from shared.contracts import requests
from shared.contracts.requests import RequestWithdrawn, ReturnRecorded
from shared.kit.decisions import reservations
from shared.kit.messaging import admission, cloudevents, consumer
from shared.kit.messaging.admission import Verdict
from shared.kit.messaging.checkpoint import Checkpoint, Fenced, Partition
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.kafka import Message, Place, client_security
from shared.kit.messaging.relay import Relay
from shared.kit.messaging.streams import Stream, service_of
from shared.kit.messaging.subscriber import RebalanceListener
from tests.harness.made import message
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)
PATIENCE_S = 20.0


async def an_event_heard_again_changes_nothing(platform: Platform) -> None:
    """A verification that is withdrawn stays withdrawn, though the first one comes again at a later offset."""
    town = await open_town(platform)
    asked = await town.play_to_verified("ani", MONDAY)
    assert platform.bus
    records = [record for partition in platform.bus.partitions.values() for record in partition]
    verified = [record for record in records if b"output-verified" in (dict(record.headers)["ce_type"] or b"")]
    await town.on_outputs("budi", asked, "withdraw-verification", {"reason": "Keliru."})
    await platform.settle()
    for record in verified:
        platform.bus.append(record.topic, record.key, record.value, record.headers)
    await platform.settle()
    assert not (await town.day("ani", MONDAY))["realised"], "an event counted twice"


async def an_acknowledgement_ahead_of_the_database_loses_nothing(platform: Platform) -> None:
    """Kafka believes that all was handled, the database knows that it was not: as after restoring an older backup."""
    town = await open_town(platform)
    await platform.settle()
    await platform.stop("savings")
    await town.play_to_verified("ani", MONDAY)
    await _acknowledge_everything(platform)
    await platform.start("savings")
    assert await eventually(lambda: _realised(town)), "what Kafka had acknowledged was never handled"


async def an_owner_that_lost_its_partition_writes_nothing(platform: Platform) -> None:
    """A consumer that was paused goes on with a batch that another has taken over."""
    town = await open_town(platform)
    await town.submit("ani", [MONDAY])
    assert platform.bus
    await platform.relays["requests"].attempt()
    its, db = platform.settings["approvals"], platform.databases["approvals"]
    consumer = platform.runners["approvals.cases"].consumer
    paused, other = (Runner(consumer, db, its.clock(), its.instance, its.topic_prefix) for _ in range(2))
    at, records = next((at, r) for at, r in platform.bus.partitions.items() if at[0] in paused.publishers and r)
    await paused.claim(at)
    await other.claim(at)
    try:
        await paused.handle(records)
    except Fenced:
        return
    raise AssertionError("a fenced consumer wrote")


async def nothing_is_acknowledged_before_it_is_durable(platform: Platform) -> None:
    """While the database refuses a batch, Kafka must not be told that it was handled."""
    town = await open_town(platform)
    await platform.settle()
    runner = next(one for one in platform.workers["savings"].runners if one.consumer.name == "savings.days")
    refusing, apply = True, runner.consumer.apply

    async def refuse(*args: Any) -> None:
        if refusing:
            raise AutoReconnect("the test refuses")
        await apply(*args)

    before = await _acknowledged(platform)
    runner.consumer = replace(runner.consumer, apply=refuse)
    await town.submit("ani", [MONDAY])
    await asyncio.sleep(2)
    assert await _acknowledged(platform) == before, "acknowledged before it was durable"
    refusing = False
    await platform.settle()
    assert await eventually(lambda: _more(platform, before)), "what is durable was never acknowledged"


async def a_day_and_a_quota_are_given_once(platform: Platform) -> None:
    """Eight clicks at the same moment for one day; then three days of a week that allows two."""
    town = await open_town(platform)
    clicks = await asyncio.gather(*(town.ask("ani", [MONDAY]) for _ in range(8)))
    assert sorted(answer.status_code for answer in clicks) == [201] + [422] * 7, "a day was given twice"
    week = await asyncio.gather(*(town.ask("dedi", [day]) for day in (MONDAY, TUESDAY, WEDNESDAY)))
    assert sorted(answer.status_code for answer in week) == [201, 201, 422]


async def another_instance_is_not_taken_for_ours(platform: Platform) -> None:
    """It has told of the same id before us, and is accepted: what we say of ours is not known for that."""
    town = await open_town(platform)
    await platform.settle()
    asked = await town.submit("ani", [MONDAY])
    runner = platform.runners["approvals.cases"]
    its, db = platform.settings["approvals"], platform.databases["approvals"]
    platform.runners["approvals.cases"] = Runner(
        runner.consumer, db, its.clock(), its.instance, its.topic_prefix, accepted=["/garut/requests"]
    )
    theirs = ReturnRecorded(request_id=asked["request_id"], employee_id=town.ids["ani"])
    assert platform.bus
    await platform.bus.send([message(requests.PUBLISHER, theirs, 1, its.topic_prefix, instance="garut")])
    await platform.settle()
    assert await db.dead_letters.count_documents({}) == 0
    case = await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")
    assert case.status_code == 200, "another instance's number was taken for ours"


async def what_no_source_of_ours_says_changes_nothing(platform: Platform) -> None:
    """Another instance withdraws a request of ours."""
    town = await open_town(platform)
    asked = await town.submit("ani", [MONDAY])
    await platform.settle()
    prefix = platform.settings["approvals"].topic_prefix
    theirs = RequestWithdrawn(request_id=asked["request_id"], employee_id=town.ids["ani"], days=(MONDAY,))
    assert platform.bus
    await platform.bus.send([message(requests.PUBLISHER, theirs, 1, prefix, instance="garut")])
    await platform.settle()
    case = await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")
    assert case.json()["status"] == "open", "another instance closed a case of ours"
    (letter,) = await platform.databases["approvals"].dead_letters.find({"consumer": {"$regex": "cases$"}}).to_list()
    assert letter["rule"] == "foreign-source"


async def a_failed_publish_is_sent_again(platform: Platform) -> None:
    """Every other time Kafka takes half of what it is sent and breaks off."""
    town = await open_town(platform)
    for relay in platform.relays.values():
        relay._post = Flaky(relay._post)
    asked = await town.submit("ani", [MONDAY])
    await settled_at_last(platform)
    case = await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")
    assert case.status_code == 200, "the request never reached approvals"


@dataclass
class Flaky:
    """A post that fails every other time, with half of the messages stored."""

    post: Any
    failing: bool = True

    async def send(self, messages: Sequence[Message]) -> Sequence[Place]:
        self.failing = not self.failing
        if not self.failing:
            await self.post.send(messages[: len(messages) // 2])
            raise KafkaConnectionError("the test breaks off")
        placed: Sequence[Place] = await self.post.send(messages)
        return placed

    async def ends(self, topic: str, partitions: Collection[int]) -> Mapping[int, int]:
        found: Mapping[int, int] = await self.post.ends(topic, partitions)
        return found


def _no_event_version(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(admission, "verdict", lambda *_: Verdict.APPLY)


class OfAnyInstance(Stream):
    """A stream that does not carry its instance."""

    def __new__(cls, source: str, subject: str) -> "OfAnyInstance":
        return super().__new__(cls, f"/any/{service_of(source)}", subject)


class Everything(frozenset[str]):
    """Sources that are all accepted."""

    def __contains__(self, _: object) -> bool:
        return True


def _no_instance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cloudevents, "Stream", OfAnyInstance)


def _no_stated_sources(patch: pytest.MonkeyPatch) -> None:
    item = admission.item
    patch.setattr(consumer, "item", lambda record, publisher, _: item(record, publisher, Everything()))


def _no_stored_offset(patch: pytest.MonkeyPatch) -> None:
    def trust_kafka(self: RebalanceListener, partition: tuple[str, int], offset: int) -> None:
        self._sent_to[partition] = offset

    patch.setattr(RebalanceListener, "_go_on", trust_kafka)


def _no_epoch(patch: pytest.MonkeyPatch) -> None:
    async def advance(self: Checkpoint, session: Any, last: Mapping[Partition, tuple[int, int]]) -> None:
        for (topic, number), (_, offset) in last.items():
            where = {"_id": f"{self._group}|{topic}/{number}"}
            await self._db.checkpoints.update_one(where, {"$set": {"next": offset + 1}}, session=session)

    patch.setattr(Checkpoint, "advance", advance)


def _acknowledged_first(patch: pytest.MonkeyPatch) -> None:
    async def hear(self: RebalanceListener, batch: Any) -> None:
        records = await self._in_place(batch)
        await self.acknowledge(records)
        await self.runner.handle(records)

    patch.setattr(RebalanceListener, "hear", hear)


def _no_claims(patch: pytest.MonkeyPatch) -> None:
    async def move(*_: Any) -> None:
        return

    patch.setattr(reservations, "move", move)


def _marked_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    async def once(self: Relay) -> int:
        commits = await self._db.commits.find({"sent": False}).to_list()
        await self._db.commits.update_many({"_id": {"$in": [c["_id"] for c in commits]}}, {"$set": {"sent": True}})
        if commits:
            await self._post.send([message for commit in commits for message in self.messages(commit)])
        return len(commits)

    patch.setattr(Relay, "once", once)


Scenario = Callable[[Platform], Awaitable[None]]
Removal = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Guard:
    """A scenario that must pass, what takes the guard away, and what the scenario says then."""

    scenario: Scenario
    remove: Removal
    says: str


IN_MEMORY = {
    "event version": Guard(an_event_heard_again_changes_nothing, _no_event_version, "counted twice"),
    "epoch of the owner": Guard(an_owner_that_lost_its_partition_writes_nothing, _no_epoch, "fenced consumer wrote"),
    "instance in the stream": Guard(another_instance_is_not_taken_for_ours, _no_instance, "taken for ours"),
    "stated sources": Guard(what_no_source_of_ours_says_changes_nothing, _no_stated_sources, "closed a case of ours"),
    "claim documents": Guard(a_day_and_a_quota_are_given_once, _no_claims, "given twice"),
    "resend": Guard(a_failed_publish_is_sent_again, _marked_before_it_is_sent, "never reached approvals"),
}
ON_KAFKA = {
    "offset in the transaction": Guard(
        an_acknowledgement_ahead_of_the_database_loses_nothing, _no_stored_offset, "never handled"
    ),
    "acknowledgement after commit": Guard(
        nothing_is_acknowledged_before_it_is_durable, _acknowledged_first, "before it was durable"
    ),
}


@pytest.mark.parametrize("guard", IN_MEMORY)
async def test_a_guard_holds(guard: str, memory: Platform) -> None:
    await IN_MEMORY[guard].scenario(memory)


@pytest.mark.parametrize("guard", IN_MEMORY)
async def test_without_the_guard_it_does_not_hold(
    guard: str, memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    IN_MEMORY[guard].remove(monkeypatch)
    with pytest.raises(AssertionError, match=IN_MEMORY[guard].says):
        await IN_MEMORY[guard].scenario(memory)


@pytest.mark.parametrize("guard", ON_KAFKA)
async def test_a_guard_holds_on_kafka(guard: str, real: Platform) -> None:
    await ON_KAFKA[guard].scenario(real)


@pytest.mark.parametrize("guard", ON_KAFKA)
async def test_without_the_guard_it_does_not_hold_on_kafka(
    guard: str, real: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ON_KAFKA[guard].remove(monkeypatch)
    with pytest.raises(AssertionError, match=ON_KAFKA[guard].says):
        await ON_KAFKA[guard].scenario(real)


async def eventually(true: Callable[[], Awaitable[bool]]) -> bool:
    """Whether something becomes true while one is patient."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if await true():
            return True
        await asyncio.sleep(0.2)
    return False


async def settled_at_last(platform: Platform) -> None:
    """Settle until nothing is unsent, through posts that fail."""
    for _ in range(20):
        await platform.settle()
        await asyncio.sleep(0)


async def _realised(town: Town) -> bool:
    answer = await town.get("ani", "savings", f"/v1/days/{town.ids['ani']}/{MONDAY}")
    return answer.status_code == 200 and bool(answer.json()["realised"])


def _group(platform: Platform) -> AIOKafkaConsumer:
    """A member of savings' own group, with savings' own rights, that joins nothing."""
    its = platform.settings["savings"]
    return AIOKafkaConsumer(
        bootstrap_servers=its.kafka_bootstrap, group_id=f"{its.topic_prefix}savings.days", **client_security(its)
    )


def _partitions(platform: Platform) -> list[TopicPartition]:
    prefix = platform.settings["savings"].topic_prefix
    heard = next(one for one in platform.services["savings"].consumers if one.name == "savings.days").subscribes_to
    return [TopicPartition(f"{prefix}{publisher.topic}", number) for publisher in heard for number in range(12)]


async def _acknowledge_everything(platform: Platform) -> None:
    async with _group(platform) as group:
        group.assign(_partitions(platform))
        await group.commit(await group.end_offsets(_partitions(platform)))


async def _acknowledged(platform: Platform) -> dict[TopicPartition, int]:
    async with _group(platform) as group:
        return {at: await group.committed(at) or 0 for at in _partitions(platform)}


async def _more(platform: Platform, before: dict[TopicPartition, int]) -> bool:
    return sum((await _acknowledged(platform)).values()) > sum(before.values())
