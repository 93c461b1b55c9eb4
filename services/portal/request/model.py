"""What a form for a request holds, and how it is judged. Days and texts are as they were typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.portal.course.model import Step
from services.portal.person.model import Answered

MEASURES = ("document", "report", "percent")
PLACES = ("residence", "another_office", "other_place", "office")
OUTPUTS_MAX = 6
"""Outputs of one day that the form has lines for."""
DISTANT = frozenset({"another_office", "other_place"})


class Submitted(Answered):
    """A request that was taken, at requests' `POST /v1/requests`."""

    request_id: str


class Quota(Answered):
    """How much of a week's quota is taken."""

    week: str
    taken: int
    limit: int
    source: str


class Violation(Answered):
    """A rule that a draft breaks."""

    rule: str
    pointer: str
    source: str = ""
    detail: str


class Checked(Answered):
    """How a draft is judged, at requests' `POST /v1/requests:check`."""

    violations: list[Violation]
    weeks: list[Quota]


@dataclass(frozen=True)
class Use:
    """How much of a week's quota is taken, and how many days the form asks for besides."""

    monday: date
    taken: int
    asked: int
    limit: int
    source: str

    @property
    def is_over(self) -> bool:
        return self.taken + self.asked > self.limit


@dataclass(frozen=True)
class Judged:
    """What a check has found: whether there was one, and the quota of the weeks."""

    checked: bool = False
    uses: tuple[Use, ...] = ()
    since: tuple[Step, ...] = ()
    """What has happened to the request that is changed since its form was made."""


@dataclass(frozen=True)
class Aim:
    """What a form is for: a new request, or a change of one of which a version was seen."""

    changes: str = ""
    seen: int = 0

    @property
    def address(self) -> str:
        return f"/requests/{self.changes}/change" if self.changes else "/requests/new"


@dataclass(frozen=True)
class Choice:
    """A day that may be asked for, or why it may not: it is off, or has a request already."""

    day: date
    day_off: str | None
    taken: str | None

    @property
    def is_free(self) -> bool:
        return self.day_off is None and self.taken is None


@dataclass(frozen=True)
class Line:
    """An output as it is typed beside a day, the first or a further one."""

    day: str
    is_asked: bool
    title: str = ""
    quantity: str = "1"
    measure: str = MEASURES[0]
    number: int = 1

    @property
    def name(self) -> str:
        """What the names of its fields end with."""
        return self.day if self.number == 1 else f"{self.day}-{self.number}"


@dataclass(frozen=True)
class Typed:
    """What is typed in the form."""

    lines: tuple[Line, ...] = ()
    place: str = PLACES[0]
    km: str = ""
    starts: str = ""
    ends: str = ""
    reason: str = ""

    @property
    def days(self) -> tuple[str, ...]:
        """The days that are asked for."""
        return tuple(dict.fromkeys(line.day for line in self.lines if line.is_asked))

    @property
    def asked(self) -> tuple[Line, ...]:
        """The outputs that are sent: a further one that has no title is none."""
        return tuple(line for line in self.lines if line.is_asked and (line.title or line.number == 1))

    def of(self, day: date) -> tuple[Line, ...]:
        """What is typed beside a day, and a further line while there may be one."""
        iso = day.isoformat()
        found = tuple(line for line in self.lines if line.day == iso and (line.title or line.number == 1))
        found = found or (Line(iso, False),)
        return (*found, Line(iso, found[0].is_asked, number=found[-1].number + 1))[:OUTPUTS_MAX]


@dataclass(frozen=True)
class Problem:
    """A sentence on what is wrong, the field that it is about, and the rule's source."""

    field: str
    text: str
    source: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Problems:
    """All that is wrong, by field; what is about none stands above the form."""

    all: tuple[Problem, ...] = ()
    by_field: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Problem, ...]:
        return self.by_field.get(name, ())
