"""What requests answers of a month, and the month as it is laid out."""

from dataclasses import dataclass
from datetime import date

from services.portal.person.model import Answered
from services.portal.request.model import Quota
from services.portal.today.model import Asked, Day


class AbsentDay(Answered):
    """A day of leave or of an official trip."""

    day: date
    kind: str


class Month(Answered):
    """A month, at requests' `GET /v1/months/{month}`."""

    month: str
    working_days: int
    minutes_owed: int | None
    days: list[Day]
    weeks: list[Quota]
    absences: list[AbsentDay]


@dataclass(frozen=True)
class Cell:
    """A day of the calendar. One that is free can be asked for."""

    day: date
    is_today: bool
    day_off: str | None
    absence: str | None
    asked: Asked | None
    is_free: bool


@dataclass(frozen=True)
class Row:
    """A week of the calendar, from Monday on; nothing stands where another month's days are."""

    monday: date
    quota: Quota | None
    cells: tuple[Cell | None, ...]
