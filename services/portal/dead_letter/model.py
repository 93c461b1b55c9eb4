"""Records that were put aside, as services answer of them, and what somebody does about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.portal.person.model import Answered

APART = ":"
WAITING = "waiting"
STATUSES: Mapping[str, tuple[str, ...]] = {
    WAITING: ("open", "parked"),
    "open": ("open",),
    "parked": ("parked",),
    "handled": ("handled",),
    "discarded": ("discarded",),
}
"""What can be asked for, and the statuses that it means."""
DECISIONS = ("retry", "discard")


class Letter(Answered):
    """A dead letter, at `GET /v1/dead-letters`."""

    letter_id: str
    name: str
    consumer: str
    status: str
    rule: str
    reason: str
    place: str
    type: str | None
    stream: str | None
    number: int | None
    size_bytes: int | None
    put_aside_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    closed_because: str | None

    @property
    def waits(self) -> bool:
        """Whether something can be done about it."""
        return self.status in STATUSES[WAITING]


class Letters(Answered):
    """A page of dead letters."""

    items: list[Letter]
    next_cursor: str | None


class Detail(Letter):
    """One of them, at `GET /v1/dead-letters/{letter_id}` and in answer to commands."""

    outline: str | None


class Header(Answered):
    """A header of a record."""

    name: str
    value: str | None


class Content(Answered):
    """What a dead letter holds, at `GET /v1/dead-letters/{letter_id}/content`."""

    key: str | None
    headers: list[Header]
    value: str | None


@dataclass(frozen=True)
class Filter:
    """What of them is shown: of one service or of all, by status and consumer; a page of one service's."""

    service: str = ""
    status: str = WAITING
    consumer: str = ""
    cursor: str = ""

    @property
    def query(self) -> Mapping[str, str]:
        named = (("service", self.service), ("status", self.status), ("consumer", self.consumer))
        return {name: text for name, text in named if text}


@dataclass(frozen=True)
class Choice:
    """What was chosen: boxes, each of them a service and an id; what is to be done, and why."""

    chosen: tuple[tuple[str, str], ...] = ()
    decision: str = ""
    reason: str = ""
    every: bool = False

    def has(self, service: str, letter_id: str) -> bool:
        return self.every or (service, letter_id) in self.chosen


@dataclass(frozen=True)
class Outcome:
    """What became of one: what is wrong still, if anything is."""

    service: str
    letter_id: str
    wrong: str = ""


@dataclass(frozen=True)
class Told:
    """What a page says of a form that was sent."""

    outcomes: tuple[Outcome, ...] = ()
    wrong: str = ""
    reason_wrong: str = ""
    done: int = 0
    decision: str = ""
    status: int = 200
    why: Mapping[str, str] = field(default_factory=dict)
    """What is wrong still, by box."""

    @property
    def is_wrong(self) -> bool:
        return bool(self.why or self.wrong or self.reason_wrong)
