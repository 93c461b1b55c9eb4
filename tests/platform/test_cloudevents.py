"""Every message on the topics is a CloudEvent to the CloudEvents project's own SDK."""

import json
from datetime import date

from aiokafka import AIOKafkaConsumer, TopicPartition
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat

from shared.kit.messaging.kafka import client_security
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)


async def test_the_sdk_parses_every_message_on_the_real_topics(real: Platform) -> None:
    town = await open_town(real)
    asked = await town.play_to_verified("ani", MONDAY)
    await town.decide("budi", asked, "revoke", {"reason": "Ternyata dinas luar.", "days": [str(MONDAY)]})
    rejected = await town.submit("dedi", [date(2026, 9, 10)])
    await real.settle()
    await town.decide("budi", rejected, "reject", {"reason": "Perlu di kantor."})
    await real.settle()
    heard = [service for service in real.services if service != "savings"]
    events = [event for service in heard for event in await _on_topic(real, service)]
    types = {event.get_type() for event in events}
    assert {"mkd.requests.request-submitted.v1", "mkd.approvals.approval-revoked.v1"} <= types
    assert len(types) >= 11
    for event in events:
        assert event.get_specversion() == "1.0"
        assert event.get_source().startswith("/tests/")
        assert isinstance(event.get_data(), dict)
        assert json.loads(json.dumps(event.get_data())) == event.get_data()
    numbers: dict[tuple[str, str], list[int]] = {}
    for event in events:
        stream = (event.get_source(), str(event.get_subject()))
        numbers.setdefault(stream, []).append(int(event.get_extension("sequence")))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


async def _on_topic(platform: Platform, service: str) -> list[BaseCloudEvent]:
    """What lies on a service's topic, as another that may hear it reads it."""
    its = platform.settings["savings"]
    topic = f"{its.topic_prefix}mkd.{service}"
    consumer = AIOKafkaConsumer(bootstrap_servers=its.kafka_bootstrap, **client_security(its))
    events = []
    async with consumer:
        partitions = [TopicPartition(topic, number) for number in range(12)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        for at, end in (await consumer.end_offsets(partitions)).items():
            while await consumer.position(at) < end:
                record = await consumer.getone(at)
                headers = dict(record.headers)
                message = KafkaMessage(headers=headers, key=record.key, value=record.value)
                events.append(from_binary_event(message, JSONFormat()))
    return events
