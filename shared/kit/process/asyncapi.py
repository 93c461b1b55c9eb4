"""What a service says and hears on Kafka, as an AsyncAPI 3 document made from its contracts."""

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.event import SOURCE, Event, Publisher
from shared.kit.process.service import Service

HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0.2, Kafka binary mode",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "UUIDv7, kept when the event is sent again",
        },
        "ce_source": {
            "type": "string",
            "pattern": f"^{SOURCE}$",
            "description": "/<instance>/<service>: whose event it is. A consumer accepts those of its own instance, "
            "and of others only where that is stated; what it does not accept is put aside and changes nothing",
        },
        "ce_type": {"type": "string", "description": "mkd.<service>.<event>.v<version>"},
        "ce_subject": {
            "type": "string",
            "description": "the aggregate that the event is about; with ce_source it names the stream. The same "
            "subject of another source is another aggregate",
        },
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "the number of the event in its stream: from 1, one more with each event that is "
            "published, and the same when the event is sent again. A number that was heard is a duplicate; one that is "
            "left out is still to come",
        },
        "traceparent": {"type": "string"},
        "content-type": {"type": "string", "const": "application/json"},
    },
}


def asyncapi(service: Service) -> dict[str, Any]:
    """The document of one service. It sends on its own topic and receives from those it hears."""
    heard = {publisher.name: publisher for consumer in service.consumers for publisher in consumer.subscribes_to}
    publishers = {service.name: service.publisher, **heard}
    events = [(event, "validation") for publisher in publishers.values() for event in publisher.events]
    _, definitions = models_json_schema(events, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    operations = {f"send-{service.name}": _operation("send", service.publisher, service.publisher.events)}
    taken = {event for consumer in service.consumers for event in consumer.handles}
    for name, publisher in heard.items():
        takes = tuple(event for event in publisher.events if event in taken)
        operations[f"receive-{name}"] = _operation("receive", publisher, takes)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": service.title, "version": "1", "description": service.about},
        "defaultContentType": "application/json",
        "channels": {name: _channel(publisher) for name, publisher in publishers.items()},
        "operations": operations,
        "components": {
            "schemas": {**definitions["$defs"], "CloudEventHeaders": HEADERS},
            "messages": {
                _message_id(publisher, event): _message(publisher, event)
                for publisher in publishers.values()
                for event in publisher.events
            },
        },
    }


def _channel(publisher: Publisher) -> dict[str, Any]:
    return {
        "address": publisher.topic,
        "description": f"Everything that {publisher.name} publishes; one key keeps its order",
        "messages": {
            _message_id(publisher, event): {"$ref": f"#/components/messages/{_message_id(publisher, event)}"}
            for event in publisher.events
        },
        "bindings": {"kafka": {"topic": publisher.topic, "partitions": 12, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, publisher: Publisher, events: Sequence[type[Event]]) -> dict[str, Any]:
    channel = f"#/channels/{publisher.name}"
    messages = [{"$ref": f"{channel}/messages/{_message_id(publisher, event)}"} for event in events]
    return {"action": action, "channel": {"$ref": channel}, "messages": messages}


def _message(publisher: Publisher, event: type[Event]) -> dict[str, Any]:
    return {
        "name": publisher.type_of(event),
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": f"the {event.keyed_by}"}, "bindingVersion": "0.5.0"}
        },
    }


def _message_id(publisher: Publisher, event: type[Event]) -> str:
    return f"{publisher.name}.{event.type}.v{event.version}"
