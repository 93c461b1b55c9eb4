"""What performance answers of reports that wait for a superior, and what is chosen of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.portal.desk.model import APART, Refusal
from services.portal.person.model import Answered
from services.portal.today.model import Output, Title

VERDICTS = ("verify", "return")


class Reported(Output):
    """An output of a plan, with its latest report."""

    days_late: int | None
    evidence: str | None


class Plan(Answered):
    """A plan of somebody led, at performance's `GET /v1/plans`."""

    request_id: str
    version: int
    employee_id: str
    mode: str
    outputs: list[Reported]


class Titled(Answered):
    """A request with the titles of its outputs, at requests' `GET /v1/requests`."""

    request_id: str
    outputs: list[Title]


class Done(Answered):
    """What became of one judgement."""

    output_id: str
    problem: Refusal | None


class AllDone(Answered):
    """What became of all, at performance's `POST /v1/plans:judge`."""

    items: list[Done]


@dataclass(frozen=True)
class Row:
    """A report that waits."""

    request_id: str
    output_id: str
    version: int
    employee_id: str
    name: str
    day: date
    title: str
    target: Decimal
    quantity: Decimal | None
    measure: str
    days_late: int
    evidence: str

    @property
    def id(self) -> str:
        return self.output_id

    @property
    def value(self) -> str:
        """What a box of it sends: it names the version that was seen."""
        return APART.join((self.request_id, self.output_id, str(self.version)))

    @property
    def first(self) -> date:
        return self.day

    @property
    def is_less(self) -> bool:
        return self.quantity is not None and self.quantity < self.target


@dataclass(frozen=True)
class Choice:
    """What is chosen: plan and version by output."""

    chosen: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    verdict: str = ""
    reason: str = ""
