"""How an event travels: CloudEvents 1.0.2, Kafka binary mode. Headers say what it is, the value is the data alone."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from shared.contracts.event import EVENT_BYTES_MAX, SOURCE, Event, Publisher, Rejected
from shared.kit.messaging.streams import Stream, service_of

FILLER = "offset-filled"
"""The type of a record that says nothing: it takes the place of one that Kafka has lost (see `refill`)."""
SOURCES = re.compile(SOURCE)
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
RawHeaders = Sequence[tuple[str, bytes | None]]


class Record(NamedTuple):
    """One Kafka record as it lies in the log, whoever wrote it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: RawHeaders

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class ReceivedEvent(NamedTuple):
    """An event as a consumer hears it. `source` is `/<instance>/<service>`; `stream` and `n` say which of the published
    events of which aggregate it is."""

    event: Event
    id: str
    type: str
    source: str
    n: int
    time: datetime
    trace: str
    place: str

    @property
    def stream(self) -> str:
        return Stream(self.source, self.event.subject).id

    @property
    def publisher(self) -> str:
        """The service that published it."""
        return service_of(self.source)


def headers(type_: str, *, id_: str, source: str, subject: str, n: int, time: datetime, trace: str) -> RawHeaders:
    """The headers of an outgoing event; `n` is its number among the published ones of its source and subject."""
    said = {
        "ce_specversion": "1.0",
        "ce_id": id_,
        "ce_source": source,
        "ce_type": type_,
        "ce_subject": subject,
        "ce_time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_sequence": str(n),
        "content-type": "application/json",
        "traceparent": trace,
    }
    return [(name, value.encode()) for name, value in said.items()]


def filler_headers(publisher: Publisher, *, id_: str, source: str, subject: str, time: datetime) -> RawHeaders:
    """The headers of a record that says nothing."""
    said = {
        "ce_specversion": "1.0",
        "ce_id": id_,
        "ce_source": source,
        "ce_type": f"mkd.{publisher.name}.{FILLER}.v1",
        "ce_subject": subject,
        "ce_time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    return [(name, value.encode()) for name, value in said.items()]


def is_filler(record: Record, publisher: Publisher) -> bool:
    """Whether a record says nothing, and is only there so that offsets go on."""
    said = f"mkd.{publisher.name}.{FILLER}.v1".encode()
    return any(name == "ce_type" and value == said for name, value in record.headers)


def read(record: Record, publisher: Publisher, sources: Collection[str]) -> ReceivedEvent:
    """The event in a record, of one of the sources that are accepted on its topic. Raises `Rejected` with the first
    rule that the record breaks."""
    said = _text_of(record.headers)
    lacking = [name for name in ("id", "source", "type", "subject", "time", "sequence") if not said.get(f"ce_{name}")]
    if said.get("ce_specversion") != "1.0" or lacking:
        lacking = lacking or ["specversion 1.0"]
        raise Rejected("not-a-cloudevent", f"headers lack {', '.join(f'ce_{name}' for name in lacking)}")
    if said["ce_source"] not in sources:
        raise Rejected("foreign-source", f"ce_source: {said['ce_source']!r} is not accepted on {record.topic}")
    _, n = _claimed(said, publisher.name)
    if n is None:
        raise Rejected("not-a-cloudevent", f"ce_sequence: {said['ce_sequence']!r} is not a whole number from 1")
    if record.value is None:
        raise Rejected("no-value", "the record has no value")
    if len(record.value) > EVENT_BYTES_MAX:
        raise Rejected("too-large", f"the value has {len(record.value):,} bytes, the limit is {EVENT_BYTES_MAX:,}")
    event = publisher.read(said["ce_type"], record.value)
    if (event.subject, event.key.encode()) != (said["ce_subject"], record.key):
        raise Rejected("wrong-key", f"the key must be {event.key!r} and ce_subject {event.subject!r}")
    return ReceivedEvent(
        event=event,
        id=said["ce_id"],
        type=said["ce_type"],
        source=said["ce_source"],
        n=n,
        time=_time_of(said["ce_time"]),
        trace=said.get("traceparent", ""),
        place=record.place,
    )


def stream_of(record: Record, service: str) -> tuple[str | None, int | None]:
    """The id of the stream and the number that a record claims on a service's topic, as far as its headers can be read:
    what follows a broken record in its stream must wait for it. Another instance's has a stream of its own."""
    said = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    return _claimed(said, service)


def _claimed(said: Mapping[str, str], service: str) -> tuple[str | None, int | None]:
    source, subject, n = (said.get(name, "") for name in ("ce_source", "ce_subject", "ce_sequence"))
    if not subject or not _is_source_of(source, service) or not NUMBER.fullmatch(n):
        return None, None
    return Stream(source, subject).id, int(n)


@lru_cache(maxsize=64)
def _is_source_of(source: str, service: str) -> bool:
    return bool(SOURCES.fullmatch(source)) and service_of(source) == service


def _time_of(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Rejected("not-a-cloudevent", f"ce_time: {text!r} is not an RFC 3339 moment")
    return time


def _text_of(raw: RawHeaders) -> dict[str, str]:
    said = {}
    for name, value in raw:
        if value is None:
            raise Rejected("null-header", f"header {name!r} has no value")
        try:
            said[name] = value.decode()
        except UnicodeDecodeError as wrong:
            raise Rejected("bad-header", f"header {name!r} is not UTF-8: {wrong.reason}") from wrong
    return said
