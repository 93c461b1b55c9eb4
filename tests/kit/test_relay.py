"""How commits reach Kafka: in order, all of them, by one relay at a time."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from shared.kit.base.lease import Lease
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.relay import Relay
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)


class Outbox:
    """Takes note of what is posted."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, messages: Sequence[Message]) -> list[Place]:
        self.sent += messages
        return [(0, len(self.sent) - len(messages) + number) for number in range(len(messages))]

    async def ends(self, _: str, partitions: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(partitions, len(self.sent))


def relay(platform: Platform, post: Outbox, holder: str = "one") -> Relay:
    db, service = platform.databases["requests"], platform.services["requests"]
    return Relay(db, service.publisher, post, Lease(db, "test-relay", holder, seconds=1), instance="tests")


async def test_each_aggregates_events_leave_in_order_and_are_marked(memory: Platform) -> None:
    town = await open_town(memory)
    await memory.settle()
    for week in range(3):
        asked = await town.submit("ani", [MONDAY + timedelta(7 * week)])
        path = f"/v1/requests/{asked['request_id']}:withdraw"
        await town.post("ani", "requests", path, headers={"If-Match": '"1"'})
    post = Outbox()
    await relay(memory, post).attempt()
    numbers: dict[bytes, list[int]] = {}
    for message in post.sent:
        headers = dict(message.headers)
        numbers.setdefault(headers["ce_subject"] or b"", []).append(int(headers["ce_sequence"] or 0))
    assert list(numbers.values()) == [[1, 2]] * 3
    assert {message.key for message in post.sent} == {town.ids["ani"].encode()}
    assert await relay(memory, post).attempt() == 0


async def test_one_relay_works_while_it_holds_the_lease_and_another_takes_over(memory: Platform) -> None:
    town = await open_town(memory)
    await memory.settle()
    post = Outbox()
    first, second = relay(memory, post, "one"), relay(memory, post, "two")
    await first.attempt()
    await town.submit("ani", [MONDAY])
    assert await second.attempt() == 0
    assert await first.attempt() == 1
    await town.submit("dedi", [MONDAY])
    await asyncio.sleep(1.2)
    assert await second.attempt() == 1
    await town.submit("budi", [MONDAY])
    assert await first.attempt() == 0
    assert await second.attempt() == 1


async def test_two_relays_at_once_only_send_twice(memory: Platform) -> None:
    town = await open_town(memory)
    await memory.settle()
    await town.submit("ani", [MONDAY])
    post = Outbox()
    await asyncio.gather(relay(memory, post, "one").once(), relay(memory, post, "two").once())
    assert 1 <= len(post.sent) <= 2
    assert len({dict(message.headers)["ce_id"] for message in post.sent}) == 1


async def test_a_lease_that_is_given_up_is_free_at_once(memory: Platform) -> None:
    db = memory.databases["requests"]
    one, two = Lease(db, "x", "one", 60), Lease(db, "x", "two", 60)
    assert await one.hold()
    assert await one.hold()
    assert await Lease(db, "x", "one", 60).hold()
    assert not await two.hold()
    await one.give_up()
    assert await two.hold()
    await one.give_up()
    assert not await one.hold()


async def test_a_term_is_as_long_as_a_lease_is_held_without_a_break(memory: Platform) -> None:
    db = memory.databases["requests"]
    one, two = Lease(db, "z", "one", 1), Lease(db, "z", "two", 1)
    assert await one.hold()
    first = one.term
    await asyncio.sleep(0.5)
    assert await one.hold()
    assert one.term == first != ""
    assert not await two.hold()
    assert two.term == ""
    assert await Lease(db, "z", "one", 1).hold(), "another process that goes by the same name"
    await asyncio.sleep(0.4)
    assert await one.hold()
    assert (second := one.term) not in (first, "")
    await asyncio.sleep(1.2)
    assert await one.hold()
    assert one.term not in (first, second, ""), "nobody knows what was between"


async def test_many_who_want_a_lease_at_once_get_it_once(memory: Platform) -> None:
    db = memory.databases["requests"]
    got = await asyncio.gather(*(Lease(db, "y", f"holder-{n}", 60).hold() for n in range(12)))
    assert sum(got) == 1
