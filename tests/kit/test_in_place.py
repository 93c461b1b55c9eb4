"""Nothing is passed over: a consumer goes on where its effects stand, whoever had the partition meanwhile."""

from collections.abc import Sequence
from random import Random
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import requests
from shared.contracts.requests import RequestSubmitted
from shared.kit.messaging import subscriber
from shared.kit.messaging.checkpoint import Fenced, Partition
from shared.kit.messaging.cloudevents import Record
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.subscriber import RebalanceListener
from tests.kit.test_gathering import CASES

HERE = TopicPartition("mkd.requests", 0)
SUBMITTED = requests.PUBLISHER.type_of(RequestSubmitted).encode()


class Stored:
    """A runner whose progress stands at an offset, and of which another takes the partition before some batches."""

    group, consumer, stopped = "group", CASES, None

    def __init__(self, next_: int, *fenced: bool) -> None:
        self.next = next_
        self.fenced = list(fenced)
        self.handled: list[int] = []
        self._owned = False

    def owns(self, _: Partition) -> bool:
        return self._owned

    async def claim(self, _: Partition) -> int:
        self._owned = True
        return self.next

    def goes_on_at(self, _: Partition) -> int:
        return self.next

    def release(self, _: Partition) -> None:
        self._owned = False

    async def handle(self, records: Sequence[Record]) -> None:
        """An epoch that is over writes nothing."""
        if self.fenced and self.fenced.pop(0):
            raise Fenced
        self.handled += [record.offset for record in records]
        self.next = records[-1].offset + 1

    async def step_back(self, _: Partition, offset: int) -> None:
        self.next = offset


class Kafka:
    """A partition in which some offsets hold nothing, and a consumer that fetches from where it was last sent."""

    def __init__(self, there: Sequence[int] = range(100)) -> None:
        self.there = there
        self.sent_to: list[int] = []
        self._position = 0

    def fetch(self, most: int) -> tuple[int, ...]:
        """Some records, and on."""
        found = tuple(offset for offset in self.there if offset >= self._position)[:most]
        self._position = found[-1] + 1 if found else self._position
        return found

    async def position(self, _: TopicPartition) -> int:
        return self._position

    def assignment(self) -> set[TopicPartition]:
        return {HERE}

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.sent_to.append(offset)
        self._position = offset

    def pause(self, *_: TopicPartition) -> None: ...

    def resume(self, *_: TopicPartition) -> None: ...

    async def end_offsets(self, _: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {HERE: 100}

    async def getmany(self, **_: Any) -> dict[TopicPartition, list[Any]]:
        return {}


class Subscriber:
    """What a listener asks of FastStream's."""

    running = False

    def __init__(self, consumer: Kafka) -> None:
        self.consumer = consumer


def batch(offsets: Sequence[int]) -> Any:
    """Records of one partition."""
    made = cast("Any", ConsumerRecord)
    return tuple(made("mkd.requests", 0, at, 0, 0, b"k", b"{}", 0, 1, 2, [("ce_type", SUBMITTED)]) for at in offsets)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(subscriber, "GATHERED_S", 0)


def listening(stored: Stored, kafka: Kafka) -> RebalanceListener:
    listener = RebalanceListener(cast("Runner", stored))
    listener.subscriber = cast("Any", Subscriber(kafka))
    return listener


async def test_what_was_fetched_after_a_batch_that_another_fenced_does_not_pass_it_over() -> None:
    stored, kafka = Stored(3, True), Kafka()
    listener = listening(stored, kafka)
    await listener.on_partitions_assigned({HERE})
    assert kafka.fetch(2) == (3, 4)
    await listener.hear(batch([3, 4]))
    await listener.hear(batch(kafka.fetch(2)))
    assert (stored.handled, kafka.sent_to) == ([], [3, 3, 3]), "two records were passed over"
    await listener.hear(batch(kafka.fetch(4)))
    assert stored.handled == [3, 4, 5, 6]


async def test_where_there_is_nothing_at_an_offset_what_comes_after_it_is_heard() -> None:
    stored, kafka = Stored(3), Kafka([5, 6, 7])
    listener = listening(stored, kafka)
    await listener.on_partitions_assigned({HERE})
    await listener.hear(batch(kafka.fetch(2)))
    await listener.hear(batch(kafka.fetch(2)))
    assert (stored.handled, kafka.sent_to) == ([5, 6, 7], [3])


STEPS = st.lists(st.sampled_from(["hear", "hear", "hear", "fenced", "given anew", "another heard"]), max_size=30)


@given(gaps=st.sets(st.integers(0, 59)), steps=STEPS, sizes=st.randoms(use_true_random=False))
async def test_whatever_happens_between_batches_each_goes_on_where_the_last_one_ended(
    gaps: set[int], steps: list[str], sizes: Random
) -> None:
    """Partitions are given anew after something was fetched, and after others have heard some of it."""
    kafka, stored = Kafka([offset for offset in range(60) if offset not in gaps]), Stored(0)
    listener = listening(stored, kafka)
    await listener.on_partitions_assigned({HERE})
    for step in [*steps, *["hear"] * 60]:
        fetched = kafka.fetch(sizes.randint(1, 5))
        if step in ("given anew", "another heard"):
            stored.next = min(60, stored.next + (sizes.randint(0, 5) if step == "another heard" else 0))
            await listener.on_partitions_revoked({HERE})
            await listener.on_partitions_assigned({HERE})
        before, stored.handled, stored.fenced = stored.next, [], [step == "fenced"]
        if fetched:
            await listener.hear(batch(fetched))
        goes_on = [offset for offset in kafka.there if offset >= before]
        assert stored.handled == goes_on[: len(stored.handled)], f"{step}: passed over, or heard again"
    assert not [offset for offset in kafka.there if offset >= stored.next], "not all of it was heard"
