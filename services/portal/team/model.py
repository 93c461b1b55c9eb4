"""What the services answer of a team's days, and who is where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.portal.person.model import Answered, Employee
from services.portal.today.model import Place, Week


class Asked(Answered):
    """A request of somebody led, at requests' `GET /v1/requests`."""

    request_id: str
    employee_id: str
    status: str
    days: list[date]
    days_taken_back: list[date]
    place: Place


class AbsenceTerms(Answered):
    """What holds of an absence from a day on."""

    effective_from: date
    ends_on: date
    kind: str


class Absence(Answered):
    """Leave or an official trip, at organisation's `GET /v1/absences`."""

    employee_id: str
    history: list[AbsenceTerms]


@dataclass(frozen=True)
class Where:
    """Where somebody is on a day: at a place of an `asked` request, absent, or at the office."""

    asked: Asked | None = None
    absence: str | None = None

    @property
    def is_at_office(self) -> bool:
        away = self.asked is not None and self.asked.status == "approved" and self.asked.place.category != "office"
        return self.absence is None and not away


@dataclass(frozen=True)
class Column:
    """A working day: how many are at the office, of how many, while nothing that waits is approved."""

    day: date
    at_office: int
    people: int


@dataclass(frozen=True)
class Row:
    """Somebody's days."""

    person: Employee
    days: tuple[Where, ...]


@dataclass(frozen=True)
class Team:
    """What the services say of a team; absences may lack."""

    people: Sequence[Employee]
    asked: Sequence[Asked]
    absences: Sequence[Absence]
    weeks: Sequence[Week]
    lacks_absences: bool


@dataclass(frozen=True)
class Table:
    """A week of a team."""

    monday: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
