"""What the services answer of requests that wait for a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.portal.person.model import Answered
from services.portal.today.model import Place, Title

DECISIONS = ("approve", "return", "reject")


class Case(Answered):
    """A case, at approvals' `GET /v1/cases`."""

    request_id: str
    version: int
    employee_id: str
    days: list[date]
    place: Place


class Asked(Answered):
    """A request of somebody led, at requests' `GET /v1/requests`."""

    request_id: str
    reason: str
    outputs: list[Title]


class Refusal(Answered):
    """Why one decision was refused."""

    detail: str


class Done(Answered):
    """What became of one decision."""

    request_id: str
    status: int
    problem: Refusal | None


class AllDone(Answered):
    """What became of all, at approvals' `POST /v1/cases:decide`."""

    items: list[Done]


@dataclass(frozen=True)
class Row:
    """A request on the desk, put together of what three services know."""

    request_id: str
    version: int
    name: str
    days: tuple[date, ...]
    place: str
    reason: str | None
    outputs: tuple[Title, ...]


@dataclass(frozen=True)
class Choice:
    """What is chosen on the desk."""

    chosen: Mapping[str, int] = field(default_factory=dict)
    """Version of the case that was seen, by request."""

    decision: str = ""
    reason: str = ""
