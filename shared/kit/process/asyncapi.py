"""What a service says and hears on Kafka, as an AsyncAPI 3 document made from its contracts."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.event import SOURCE, Event, Publisher
from shared.kit.process.service import Service

HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "Headers of an event: CloudEvents 1.0.2 in Kafka's binary content mode, as UTF-8.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0", "description": "Version of CloudEvents."},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "UUIDv7 of the event, kept when it is sent again: it may come twice.",
        },
        "ce_source": {
            "type": "string",
            "pattern": f"^{SOURCE}$",
            "description": "Publisher, as `/<instance>/<service>`. A consumer accepts events of its own instance, "
            "and of other sources where its settings state them; any other event is put aside and changes nothing.",
        },
        "ce_type": {"type": "string", "description": "Type and version, as `mkd.<service>.<event>.v<n>`."},
        "ce_subject": {
            "type": "string",
            "description": "Aggregate that the event is about; with the source, its stream. The same subject of "
            "another source is another aggregate.",
        },
        "ce_time": {"type": "string", "format": "date-time", "description": "Moment at which it happened, in UTC."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "Number of the event in its stream, from 1 and gapless; the same when it is sent again. A "
            "number that was received before is a duplicate, and one that is left out is still to come.",
        },
        "traceparent": {"type": "string", "description": "W3C trace context of the command behind the event."},
        "content-type": {"type": "string", "const": "application/json", "description": "Media type of the value."},
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
        "description": f"All events of {publisher.name}. Events of one key keep their order; none expires.",
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
        "summary": _sentence(event),
        "description": _about(event),
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The `{event.keyed_by}` of the event."},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _about(event: type[Event]) -> str:
    """What an event says, and which stream it belongs to."""
    about = " ".join(inspect.cleandoc(event.__doc__ or "").split())
    return f"{about} Ordered by `{event.keyed_by}`; numbered by `{event.about}`."


def _sentence(event: type[Event]) -> str:
    return re.split(r"(?<=\.)\s", " ".join((event.__doc__ or "").split()), maxsplit=1)[0]


def _message_id(publisher: Publisher, event: type[Event]) -> str:
    return f"{publisher.name}.{event.type}.v{event.version}"
