"""What savings answers of how figures came about."""

from datetime import date, datetime
from decimal import Decimal

from services.portal.course.model import kind
from services.portal.dashboard.model import Amounts, Figures, Tags
from services.portal.person.model import Answered


class FactorSet(Answered):
    """A factor set."""

    factor_set_id: str
    title: str
    effective_from: date


class UnitMonth(Answered):
    """A unit's month, at savings' `GET /v1/unit-months/{unit_id}/{month}`."""

    unit_id: str
    unit_name: str
    month: str
    as_of: datetime | None
    people: int | None
    figures: list[Figures]
    formulas: dict[str, str]
    ranges: dict[str, str]
    factor_sets: list[FactorSet]
    days: str | None


class Entry(Tags):
    """What a day has saved in one category."""

    amounts: Amounts
    inputs: dict[str, object]


class Day(Answered):
    """A day, at savings' `GET /v1/days`."""

    day: date
    employee_id: str
    realised: bool
    lacks: list[str]
    entries: list[Entry]


class FoldedEvent(Answered):
    """An event from which a day was worked out."""

    type: str
    subject: str
    at: datetime

    @property
    def kind(self) -> str:
        return kind(self.type)


class DayExplained(Day):
    """A day with all that led to it, at savings' `GET /v1/days/{employee_id}/{day}`."""

    formulas: dict[str, str]
    ranges: dict[str, str]
    factors: FactorSet | None
    events: list[FoldedEvent]


class FuelInputs(Answered):
    """What is put into the formula of fuel."""

    spared_km: Decimal
    occupants: int
    km_per_litre: Decimal | None
    rebound_ppm: Decimal
    sen_per_litre: Decimal | None
