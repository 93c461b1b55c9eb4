"""Which events of a batch may take effect: each stream strictly in order, nothing twice, nothing skipped. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from shared.contracts.event import Publisher, Rejected
from shared.kit.messaging import cloudevents
from shared.kit.messaging.cloudevents import ReceivedEvent, Record


class Verdict(Enum):
    """What becomes of an event, by its number and the last one known of its stream."""

    APPLY = "applied"
    DUPLICATE = "duplicate"
    GAP = "parked"
    FAULT = "dead"
    NOTHING = "filler"


class Item(NamedTuple):
    """A record as far as it could be read: the event, or the fault that hides it; the stream where that is known."""

    record: Record
    whole: bool
    stream: str | None = None
    n: int | None = None
    heard: ReceivedEvent | None = None
    fault: Rejected | None = None
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that takes no effect now, and why."""

    item: Item
    verdict: Verdict
    fault: Rejected


@dataclass(slots=True)
class Admission:
    """A batch sorted: the events to apply, in order, where each stream then stands, and what to put aside and why."""

    apply: list[ReceivedEvent] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def item(record: Record, publisher: Publisher, sources: Collection[str]) -> Item:
    """Read a record of a publisher's topic; a fault is kept, not raised. `sources` are accepted there."""
    try:
        heard = cloudevents.read(record, publisher, sources)
    except Rejected as fault:
        if cloudevents.is_filler(record, publisher):
            return Item(record, publisher.whole, filler=True)
        stream, n = cloudevents.stream_of(record, publisher.name)
        return Item(record, publisher.whole, stream, n, fault=fault)
    return Item(record, publisher.whole, heard.stream, heard.n, heard=heard)


def verdict(item: Item, known: int) -> Verdict:
    """Older is a duplicate, next in line is applied; newer waits, unless each event tells the whole."""
    if item.filler:
        return Verdict.NOTHING
    if item.n is not None and item.n <= known:
        return Verdict.DUPLICATE
    if item.fault is not None or item.n is None:
        return Verdict.FAULT
    return Verdict.APPLY if item.whole or item.n == known + 1 else Verdict.GAP


def admit(items: Sequence[Item], known: Mapping[str, int]) -> Admission:
    """Sort a batch, given the last number known of each stream (none: 0)."""
    admission = Admission()
    for one in items:
        at = admission.positions.get(one.stream or "", known.get(one.stream or "", 0))
        found = verdict(one, at)
        admission.verdicts.append(found)
        if found is Verdict.APPLY and one.heard and one.stream:
            admission.apply.append(one.heard)
            admission.positions[one.stream] = one.heard.n
        elif found is Verdict.GAP:
            reason = f"{one.stream} is known up to {at}: number {at + 1} must come before {one.n}"
            admission.aside.append(Aside(one, found, Rejected("gap", reason)))
        elif one.fault and found is Verdict.FAULT:
            admission.aside.append(Aside(one, found, one.fault))
    return admission
