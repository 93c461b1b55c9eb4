"""What operators are told of what was put aside."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from shared.kit.base import faults
from shared.kit.decisions.decider import Document
from shared.kit.messaging import masked
from shared.kit.messaging.deadletters import Status
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.schemas import Schema


class DeadLetter(Schema):
    """A record that was put aside, or a thing that a job failed on; told without what it holds."""

    letter_id: str
    """Opaque id, for the addresses of this API."""

    name: str
    """Name by which the commands know it."""

    consumer: str
    """Name of the consumer or job that put it aside."""

    status: Status
    """Status: `open` and `parked` wait; `handled` and `discarded` are done with."""

    rule: str
    """Rule that the record breaks."""

    reason: str
    """Reason in the words of the software, without quotations of the record."""

    place: str
    """Topic, partition and offset; for a job, the id of what it failed on."""

    type: str | None
    """Type of the event, where the record names one that is possible."""

    stream: str | None
    """Stream, as publisher and aggregate, where the record names one that is possible."""

    number: int | None
    """Number of the event in its stream."""

    size_bytes: int | None
    """Size of the record's value; null without any."""

    put_aside_at: datetime
    """Moment at which it was put aside."""

    closed_at: datetime | None
    """Moment at which it was handled or discarded."""

    closed_by: str | None
    """Operator who did so; `released` where the missing event came."""

    closed_because: str | None
    """Reason of a discard."""


class DeadLetterDetail(DeadLetter):
    """A dead letter with the outline of its value."""

    outline: str | None
    """Names in the JSON value, with the kind of each value in its place; null where the value is other than JSON."""


class HeaderItem(Schema):
    """A header of a record."""

    name: str
    """Name of the header."""

    value: str | None
    """Value as UTF-8; null without any."""


class DeadLetterContent(Schema):
    """Everything that a dead letter holds."""

    letter_id: str
    """Opaque id of the dead letter."""

    key: str | None
    """Key of the record as UTF-8."""

    headers: list[HeaderItem]
    """Headers of the record, in their order."""

    value: str | None
    """Value of the record as UTF-8, whose unreadable bytes are replaced."""


class DiscardBody(Body):
    """Reason for which a dead letter is given up."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Rekaman uji dari pemasangan, bukan milik layanan ini"}]}
    )

    reason: Prose
    """Reason, kept with the record; 1 to 2,000 characters, without names of people."""


def opaque(name: str) -> str:
    """The id of a letter, as it stands in addresses."""
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def name_of(letter_id: str) -> str | None:
    """The id of a letter in the database; none for what is none."""
    try:
        name = base64.urlsafe_b64decode(letter_id + "=" * (-len(letter_id) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return name if opaque(name) == letter_id else None


def dead_letter(stored: Document) -> DeadLetter:
    """A letter as lists have it."""
    return DeadLetter(**_facts(stored))


def dead_letter_detail(stored: Document) -> DeadLetterDetail:
    """A letter as it is shown alone."""
    return DeadLetterDetail(**_facts(stored), outline=masked.outline(stored["value"]))


def _facts(stored: Document) -> Mapping[str, Any]:
    value = stored["value"]
    return {
        "letter_id": opaque(stored["_id"]),
        "name": stored["_id"],
        "consumer": stored["consumer"],
        "status": Status(stored["status"]),
        "rule": stored["rule"],
        "reason": faults.reason(stored["rule"], stored["reason"]),
        "place": stored.get("about") or f"{stored['topic']}/{stored['partition']}/{stored['offset']}",
        "type": masked.event_type(stored["headers"]),
        "stream": masked.stream(stored["rule"], stored["stream"]),
        "number": stored["n"],
        "size_bytes": None if value is None else len(value),
        "put_aside_at": stored["at"],
        "closed_at": stored.get("closed_at"),
        "closed_by": stored.get("closed_by"),
        "closed_because": stored.get("closed_because"),
    }


def content_of(stored: Document) -> DeadLetterContent:
    """Everything that a letter holds."""
    return DeadLetterContent(
        letter_id=opaque(stored["_id"]),
        key=_text(stored["key"]),
        headers=[HeaderItem(name=name, value=_text(value)) for name, value in stored["headers"]],
        value=_text(stored["value"]),
    )


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "replace")
