"""What organisation answers of people, units and positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from services.portal.course.model import kind
from services.portal.person.model import Answered, NamedEmployee

M = TypeVar("M", bound=Answered)


class UnitTerms(Answered):
    """A unit from a day on."""

    effective_from: date
    name: str
    time_zone: str
    kind: str
    parent_id: str | None
    meal_allowance_by_attendance: bool
    public_facing: bool


class Unit(Answered):
    """A unit, at organisation's `GET /v1/units`."""

    unit_id: str
    code: str
    history: list[UnitTerms]


class PositionTerms(Answered):
    """How a position was assessed, from a day on."""

    effective_from: date
    measurable: bool
    public_contact: bool
    assessed_by: str | None
    assessed_on: date | None
    reason_text_id: str | None


class Position(Answered):
    """A position, at organisation's `GET /v1/positions`."""

    position_id: str
    code: str
    history: list[PositionTerms]


class PositionExplained(Position):
    """A position with reasons, at organisation's `GET /v1/positions/{position_id}`."""

    reasons: dict[str, str] | None


class Commute(Answered):
    """The way to the office and back."""

    round_trip_km: Decimal
    vehicle: str
    fuel: str | None
    km_per_litre: Decimal | None
    occupants: int


class Terms(Answered):
    """What holds of an employee from a day on."""

    effective_from: date
    active: bool
    unit_id: str
    position_id: str
    superior_id: str | None
    roles: list[str]
    commute: Commute | None
    grade: str | None


class Record(Answered):
    """An employee, at organisation's `GET /v1/employees/{employee_id}`."""

    employee_id: str
    version: int
    nip: str
    name: str
    history: list[Terms]


class Found(Answered):
    """A page of employees, at organisation's `POST /v1/employees:search`."""

    items: list[Record]
    next_cursor: str | None


class TermsChange(Answered, Generic[M]):
    """Terms from a day on, as they were and as they are."""

    effective_from: date
    before: M | None
    after: M | None


class Change(Answered, Generic[M]):
    """A change of a record."""

    type: str
    at: datetime
    actor: str
    terms: list[TermsChange[M]]
    identity_changed: bool
    name_before: str | None

    @property
    def kind(self) -> str:
        return kind(self.type)


class Changes(Answered, Generic[M]):
    """What happened to a record, at organisation's `GET /v1/employees/{employee_id}/changes` and the like."""

    items: list[Change[M]]


class MandateTerms(Answered):
    """A mandate from a day on."""

    effective_from: date
    ends_on: date
    kind: str
    for_id: str
    acting_id: str


class Mandate(Answered):
    """A mandate to act for another, at organisation's `GET /v1/acting-assignments`."""

    acting_assignment_id: str
    code: str
    history: list[MandateTerms]
    people: list[NamedEmployee]


@dataclass(frozen=True)
class Names:
    """What people call what a record names, by id; whatever is not here is shown by its id."""

    units: Mapping[str, str]
    positions: Mapping[str, str]
    people: Mapping[str, str]

    def unit(self, id_: str | None) -> str:
        return self.units.get(id_ or "", id_ or "")

    def position(self, id_: str | None) -> str:
        return self.positions.get(id_ or "", id_ or "")

    def person(self, id_: str | None) -> str:
        return self.people.get(id_ or "", id_ or "")
