"""What the services answer of requests that wait for a decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from services.portal.person.model import Answered
from services.portal.today.model import Place, Title

APART = ":"
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
    employee_id: str
    name: str
    days: tuple[date, ...]
    place: str
    reason: str | None
    outputs: tuple[Title, ...]

    @property
    def id(self) -> str:
        return self.request_id

    @property
    def value(self) -> str:
        """What a box of it sends: it names the version that was seen."""
        return f"{self.request_id}{APART}{self.version}"

    @property
    def first(self) -> date:
        return min(self.days, default=date.max)


class Waiting(Protocol):
    """What waits for a superior: somebody's, by its first day, and what its box sends."""

    @property
    def id(self) -> str: ...

    @property
    def value(self) -> str: ...

    @property
    def employee_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def first(self) -> date: ...


@dataclass(frozen=True)
class Filter:
    """What of a desk is shown; nothing leaves everything."""

    employee: str = ""
    until: str = ""

    @property
    def query(self) -> Mapping[str, str]:
        return {name: text for name, text in (("employee", self.employee), ("until", self.until)) if text}


@dataclass(frozen=True)
class Told:
    """What a desk says beside what waits: what was refused and why, what is wrong, and how many were carried out."""

    refused: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    reason_wrong: str = ""
    done: int = 0
    key: str = ""
    status: int = 200

    @property
    def is_wrong(self) -> bool:
        return bool(self.refused or self.wrong or self.reason_wrong)

    def gone(self, there: Collection[str]) -> list[str]:
        """Why decisions were refused on what waits no longer."""
        return [why for id_, why in self.refused.items() if id_ not in there]


@dataclass(frozen=True)
class Choice:
    """What is chosen on the desk."""

    chosen: Mapping[str, int] = field(default_factory=dict)
    """Version of the case that was seen, by request."""

    decision: str = ""
    reason: str = ""
