"""Nothing is passed over: a consumer goes on where its effects stand, whoever had the partition meanwhile."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition

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
        if self.fenced and self.fenced.pop(0):
            raise Fenced
        self.handled += [record.offset for record in records]
        self.next = records[-1].offset + 1


class Kafka:
    """A consumer of Kafka's that remembers where it was sent."""

    def __init__(self) -> None:
        self.sent_to: list[int] = []

    def assignment(self) -> set[TopicPartition]:
        return {HERE}

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.sent_to.append(offset)

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


def batch(*offsets: int) -> Any:
    """Records of one partition."""
    made = cast("Any", ConsumerRecord)
    return tuple(made("mkd.requests", 0, at, 0, 0, b"k", b"{}", 0, 1, 2, [("ce_type", SUBMITTED)]) for at in offsets)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    monkeypatch.setattr(subscriber, "GATHERED_S", 0)
    return Kafka()


def listening(stored: Stored, kafka: Kafka) -> RebalanceListener:
    listener = RebalanceListener(cast("Runner", stored))
    listener.subscriber = cast("Any", Subscriber(kafka))
    return listener


async def test_what_was_fetched_after_a_batch_that_another_fenced_does_not_pass_it_over(kafka: Kafka) -> None:
    stored = Stored(3, True)
    listener = listening(stored, kafka)
    await listener.on_partitions_assigned({HERE})
    await listener.hear(batch(3, 4))
    await listener.hear(batch(5, 6))
    assert (stored.handled, kafka.sent_to) == ([], [3, 3, 3]), "two records were passed over"
    await listener.hear(batch(3, 4, 5, 6))
    assert stored.handled == [3, 4, 5, 6]


async def test_what_was_fetched_before_the_consumer_was_sent_back_comes_again(
    kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was given its partitions anew while a batch was being gathered."""
    stored = Stored(3)
    listener = listening(stored, kafka)
    given_anew = listener._gathered

    async def gathered(these: Any) -> Any:
        await listener.on_partitions_assigned({HERE})
        return await given_anew(these)

    monkeypatch.setattr(listener, "_gathered", gathered)
    await listener.hear(batch(5, 6))
    assert (stored.handled, set(kafka.sent_to)) == ([], {3})


async def test_where_there_is_nothing_at_an_offset_what_comes_after_it_is_heard(kafka: Kafka) -> None:
    stored = Stored(3)
    listener = listening(stored, kafka)
    await listener.on_partitions_assigned({HERE})
    await listener.hear(batch(5, 6))
    await listener.hear(batch(7))
    assert (stored.handled, kafka.sent_to) == ([5, 6, 7], [3])
