"""How long a consumer waits for more: little where something has come that it handles, and else not for long."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from services.approvals.subscriptions import CONSUMERS
from shared.contracts import requests
from shared.contracts.requests import OutcomeRecorded, RequestSubmitted, RequestWithdrawn
from shared.kit.messaging import subscriber
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.messaging.subscriber import RebalanceListener

HERE = TopicPartition("mkd.requests", 0)
(CASES,) = (consumer for consumer in CONSUMERS if consumer.name == "approvals.cases")
SUBMITTED = requests.PUBLISHER.type_of(RequestSubmitted).encode()


class Kafka:
    """A consumer of Kafka's to which one batch comes after the other, each after some seconds."""

    def __init__(self, *coming: tuple[float, bytes]) -> None:
        self._coming = list(coming)
        self._began = time.monotonic()

    def assignment(self) -> set[TopicPartition]:
        return {HERE}

    async def getmany(self, timeout_ms: int = 0, max_records: int = 0) -> dict[TopicPartition, list[Any]]:
        until = time.monotonic() + timeout_ms / 1000
        while not self._coming or time.monotonic() - self._began < self._coming[0][0]:
            if time.monotonic() >= until:
                return {}
            await asyncio.sleep(0.005)
        return {HERE: [record(self._coming.pop(0)[1])]}


class Parts:
    """What a listener asks of a runner, and of FastStream's subscriber."""

    def __init__(self, consumer: Any) -> None:
        self.consumer = consumer
        self.running = True


def record(type_: bytes) -> Any:
    """One of that type; the offset tells nothing here."""
    return cast("Any", ConsumerRecord)("mkd.requests", 0, 0, 0, 0, b"k", b"{}", 0, 1, 2, [("ce_type", type_)])


async def gathered(first: bytes, *coming: tuple[float, bytes], consumer: Consumer = CASES) -> Sequence[bytes]:
    listener = RebalanceListener(cast("Runner", Parts(consumer)))
    listener.subscriber = cast("Any", Parts(Kafka(*coming)))
    return [dict(raw.headers)["ce_type"] for raw in await listener._gathered((record(first),))]


def test_what_changes_nothing_is_what_is_published_and_not_handled() -> None:
    types = CASES.of_no_effect
    handled = {requests.PUBLISHER.type_of(event).encode() for event in (RequestSubmitted, RequestWithdrawn)}
    public = {requests.PUBLISHER.type_of(event).encode() for event in requests.PUBLISHER.events}
    assert types == public - handled
    assert requests.PUBLISHER.type_of(OutcomeRecorded).encode() not in handled
    assert b"mkd.requests.request-submitted.v999" not in types, "perhaps it matters"


async def test_something_that_is_handled_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, "NOTHING_GATHERED_S", 600)
    (nothing, *_) = CASES.of_no_effect
    assert await gathered(SUBMITTED) == [SUBMITTED]
    assert await gathered(b"unheard of") == [b"unheard of"]
    assert await gathered(nothing, (0.1, nothing), (0.2, SUBMITTED)) == [nothing, nothing, SUBMITTED]


async def test_what_changes_nothing_waits_for_more_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, "NOTHING_GATHERED_S", 0.3)
    (nothing, *_) = CASES.of_no_effect
    began = time.monotonic()
    assert await gathered(nothing, (0.1, nothing)) == [nothing, nothing]
    assert time.monotonic() - began >= 0.3
