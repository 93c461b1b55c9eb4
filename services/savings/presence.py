"""Who belongs where, who is absent and who is away, on a day. Pure.

Of the reference data as it is stored, that much is read which places somebody: a province has many units, and more
people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pydantic import TypeAdapter

from shared.contracts.organisation import Grade, as_of
from shared.contracts.values import PlaceCategory
from shared.kit.projections.writeset import Known

NOT_AT_AN_OFFICE = (PlaceCategory.RESIDENCE, PlaceCategory.OTHER_PLACE)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where somebody stands from a day on."""

    effective_from: date
    unit_id: str
    active: bool
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Person:
    history: tuple[Belonging, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """An absence from a day on, until `ends_on` (included)."""

    effective_from: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Absence:
    employee_id: str
    history: tuple[Leave, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """One zone of one building."""

    building_id: str
    zone: str


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """A unit as it stands from a day on."""

    effective_from: date
    name: str
    seat: Seat | None = None
    meal_allowance_by_attendance: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    history: tuple[UnitTerms, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    zone: str
    load_watt_hours: int


@dataclass(frozen=True, slots=True)
class Survey:
    """A building as it was surveyed from a day on, by the working day."""

    effective_from: date
    base_watt_hours: int
    per_head_watt_hours: int
    tariff_class: str
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Building:
    history: tuple[Survey, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """A realised day away from the office: in which unit somebody was then, and where they worked."""

    unit_id: str
    place: PlaceCategory


@dataclass(frozen=True, slots=True)
class DayAway:
    """Somebody's day; one that was not realised has no stay."""

    employee_id: str
    day: date
    position: Stay | None

    @property
    def elsewhere(self) -> bool:
        """Whether they were at no office at all."""
        return self.position is not None and self.position.place in NOT_AT_AN_OFFICE


@dataclass(frozen=True, slots=True)
class Away:
    """Who was away from a unit on a day, and where; a part of it, which may hold less than nothing of somebody."""

    unit_id: str
    day: date
    people: Mapping[str, Mapping[PlaceCategory, int]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Documents as they are stored, by id."""

    units: Mapping[str, Unit]
    buildings: Mapping[str, Building]
    employees: Mapping[str, Person]
    away: Mapping[str, Away]
    absences: Mapping[str, Absence]


UNITS_BY_ID = TypeAdapter(dict[str, Unit])
BUILDING = TypeAdapter(Building)
LOADED = TypeAdapter(Loaded)


def days_away(parts: Iterable[Away]) -> list[DayAway]:
    """The days of people that the parts come to, in order."""
    found: dict[tuple[str, date, Stay], int] = {}
    for part in parts:
        for employee_id, places in part.people.items():
            for place, n in places.items():
                of = employee_id, part.day, Stay(part.unit_id, place)
                found[of] = found.get(of, 0) + n
    held = [(employee_id, day, stay) for (employee_id, day, stay), n in found.items() if n > 0]
    return [DayAway(*one) for one in sorted(held, key=lambda one: one[:2])]


def is_absent(absences: Iterable[Absence], day: date) -> bool:
    """Whether somebody is on leave or on a trip on a day, by their absences."""
    found = [as_of(absence.history, day) for absence in absences]
    return any(terms is not None and day <= terms.ends_on for terms in found)


@dataclass(frozen=True)
class Whereabouts:
    """Who belongs where, who was absent and who was away, on the days looked at, by id."""

    units: Mapping[str, Unit]
    buildings: Mapping[str, Building]
    employees: Mapping[str, Person]
    days: Iterable[DayAway]
    absences: Iterable[Absence]
    _heads: dict[date, Mapping[str, int]] = field(default_factory=dict)
    _seated: dict[date, Mapping[Seat, list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Known) -> "Whereabouts":
        """Documents as they are stored."""
        loaded = LOADED.validate_python(known)
        days = days_away(loaded.away.values())
        return cls(loaded.units, loaded.buildings, loaded.employees, days, list(loaded.absences.values()))

    def heads(self, unit_id: str, day: date) -> int:
        """How many people are expected in a unit on a day: those active and not absent."""
        if day not in self._heads:
            self._heads[day] = self._counted(day)
        return self._heads[day].get(unit_id, 0)

    def _counted(self, day: date) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for id_, person in self.employees.items():
            terms = as_of(person.history, day)
            if terms and terms.active and not is_absent(self._absent.get(id_, ()), day):
                found[terms.unit_id] = found.get(terms.unit_id, 0) + 1
        return found

    @cached_property
    def _absent(self) -> Mapping[str, list[Absence]]:
        found: dict[str, list[Absence]] = {}
        for absence in self.absences:
            found.setdefault(absence.employee_id, []).append(absence)
        return found

    @cached_property
    def _away(self) -> Mapping[tuple[str, date], list[DayAway]]:
        found: dict[tuple[str, date], list[DayAway]] = {}
        for one in self.days:
            if one.position:
                found.setdefault((one.position.unit_id, one.day), []).append(one)
        return found

    def away(self, unit_id: str, day: date) -> list[DayAway]:
        """The realised days of a unit's people."""
        return self._away.get((unit_id, day), [])

    def in_zone(self, seat: Seat, day: date) -> tuple[int, int]:
        """How many people are expected in a zone, and how many of them were away."""
        if day not in self._seated:
            self._seated[day] = self._units_by_seat(day)
        units = self._seated[day].get(seat, [])
        return sum(self.heads(id_, day) for id_ in units), sum(len(self.away(id_, day)) for id_ in units)

    def _units_by_seat(self, day: date) -> Mapping[Seat, list[str]]:
        found: dict[Seat, list[str]] = {}
        for id_, unit in self.units.items():
            terms = as_of(unit.history, day)
            if terms and terms.seat:
                found.setdefault(terms.seat, []).append(id_)
        return found
