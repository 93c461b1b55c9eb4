"""What the services answer of one request, and how a page tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from services.portal.person.model import Answered
from services.portal.today.model import Output, Place, Title

LIVE = frozenset({"submitted", "returned", "approved"})


def kind(type_: str) -> str:
    """The name in a type of CloudEvents: `mkd.approvals.request-approved.v1` is `request-approved`."""
    parts = type_.split(".")
    return parts[2] if len(parts) > 3 else type_


class Step(Answered):
    """An event of a history."""

    number: int
    type: str
    at: datetime
    actor: str
    days: list[date] | None = None

    @property
    def kind(self) -> str:
        return kind(self.type)


class Window(Answered):
    """Hours of work."""

    starts: time
    ends: time


class Followed(Answered):
    """A request with its history, at requests' `GET /v1/requests/{request_id}`."""

    request_id: str
    version: int
    status: str
    employee_id: str
    days: list[date]
    days_taken_back: list[date]
    window: Window | None
    place: Place
    outputs: list[Title]
    reason: str
    replaces: str | None
    replaced_by: str | None
    history: list[Step]

    @property
    def left(self) -> list[date]:
        """Days that nobody has taken back."""
        return [day for day in self.days if day not in self.days_taken_back]


class Decided(Answered):
    """Its case with its history, at approvals' `GET /v1/cases/{request_id}`."""

    version: int
    status: str
    reason: str | None
    acting_for: str | None = None
    history: list[Step]


class Worked(Answered):
    """Its plan with its history, at performance's `GET /v1/plans/{request_id}`."""

    outputs: list[Output]
    history: list[Step]


class Taken(Answered):
    """A request or a case from which days were taken back."""

    request_id: str
    version: int


@dataclass(frozen=True)
class Line:
    """An agreed output, and how far it is."""

    title: str
    target: Decimal
    measure: str
    progress: str | None
    quantity: Decimal | None
    reason: str | None


@dataclass(frozen=True)
class DayState:
    """A day of a request: what became of it, and of its outputs."""

    day: date
    status: str
    outputs: tuple[Line, ...]


@dataclass(frozen=True)
class May:
    """What somebody may try; whether they may is for the services to say."""

    change: bool = False
    withdraw: bool = False
    withdraw_days: bool = False
    revoke: bool = False


@dataclass(frozen=True)
class Typed:
    """What somebody typed to take days back, and what is wrong with it."""

    form: str = ""
    days: tuple[str, ...] = ()
    reason: str = ""
    wrong: tuple[str, ...] = ()
    reason_wrong: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
