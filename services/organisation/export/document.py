"""How what is on record is listed as rows of a sheet, so that loading them again changes nothing. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.organisation.entity.model import Person, Recorded, Terms
from shared.contracts.organisation import (
    AbsenceRecorded,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    Commute,
    EmployeeRecorded,
    EmployeeTerms,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
)

Cell = str | int | Decimal | date | None
Cells = Mapping[str, Cell]
"""A row by column: texts, numbers, dates, and none for an empty cell."""


@dataclass(frozen=True, slots=True)
class Unassessed:
    """A position that nobody has assessed, which has a code since a day and nothing else."""

    id: str
    since: date


Listed = Recorded | Unassessed


@dataclass(frozen=True)
class Names:
    """What people call things by: codes, and NIP and name, by id; and the texts of reasons."""

    codes: Mapping[str, str]
    people: Mapping[str, Person]
    texts: Mapping[str, str]

    def nip(self, employee_id: str | None) -> str | None:
        """An employee's NIP; the id itself where their data were erased."""
        person = self.people.get(employee_id or "")
        return person.nip if person else employee_id

    def code(self, id_: str | None) -> str | None:
        return self.codes[id_] if id_ else None


def ids_named(listed: Listed) -> Iterator[str]:
    """Its own id, and those of what its history names."""
    if isinstance(listed, Unassessed):
        yield listed.id
        return
    yield listed.subject
    if isinstance(listed, AbsenceRecorded):
        yield listed.employee_id
    for terms in listed.history:
        yield from (id_ for id_ in _named_by(terms) if id_)


def _named_by(terms: Terms) -> tuple[str | None, ...]:
    match terms:
        case UnitTerms():
            return terms.parent_id, terms.seat.building_id if terms.seat else None
        case PositionTerms():
            return (terms.assessed_by,)
        case EmployeeTerms():
            return terms.unit_id, terms.position_id, terms.superior_id
        case ActingTerms():
            return terms.for_id, terms.acting_id
    return ()


def in_natural_order(code: str) -> list[tuple[int, int, str]]:
    """What codes are sorted by so that 2 comes before 10."""
    parts = re.split(r"([0-9]+)", code.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part] + [(2, 0, code)]


def rows(listed: Listed, names: Names) -> Iterator[Cells]:
    """The rows of one unit, building, position, employee, mandate or absence, by day."""
    match listed:
        case Unassessed():
            yield {"position_code": names.code(listed.id), "effective_from": listed.since}
        case UnitRecorded():
            yield from _unit(listed, names)
        case BuildingRecorded():
            yield from _building(listed, names)
        case PositionRecorded():
            yield from _position(listed, names)
        case EmployeeRecorded():
            yield from _employee(listed, names)
        case ActingRecorded():
            yield from _mandate(listed, names)
        case AbsenceRecorded():
            yield from _absence(listed, names)


def _unit(unit: UnitRecorded, names: Names) -> Iterator[Cells]:
    for terms in unit.history:
        yield {
            "unit_code": names.code(unit.unit_id),
            "name": terms.name,
            "time_zone": terms.time_zone,
            "kind": terms.kind.value,
            "parent_code": names.code(terms.parent_id),
            "building_code": names.code(terms.seat.building_id if terms.seat else None),
            "zone": terms.seat.zone if terms.seat else None,
            "meal_allowance_by_attendance": _yes_no(terms.meal_allowance_by_attendance),
            "public_facing": _yes_no(terms.public_facing),
            "effective_from": terms.effective_from,
        }


def _building(building: BuildingRecorded, names: Names) -> Iterator[Cells]:
    for terms in building.history:
        for zone in terms.zones:
            yield {
                "building_code": names.code(building.building_id),
                "name": terms.name,
                "base_kwh": _kwh(terms.base_watt_hours),
                "per_head_kwh": _kwh(terms.per_head_watt_hours),
                "tariff_class": terms.tariff_class,
                "zone": zone.zone,
                "zone_load_kwh": _kwh(zone.load_watt_hours),
                "effective_from": terms.effective_from,
            }


def _position(position: PositionRecorded, names: Names) -> Iterator[Cells]:
    for terms in position.history:
        yield {
            "position_code": names.code(position.position_id),
            "measurable": _yes_no(terms.measurable),
            "public_contact": _yes_no(terms.public_contact),
            "assessed_by_nip": names.nip(terms.assessed_by),
            "assessed_on": terms.assessed_on,
            "reason": names.texts[terms.reason_text_id] if terms.reason_text_id else None,
            "effective_from": terms.effective_from,
        }


def _employee(employee: EmployeeRecorded, names: Names) -> Iterator[Cells]:
    """Nothing of somebody whose data were erased: there is nothing to call them by."""
    person = names.people.get(employee.employee_id)
    if person is None:
        return
    for terms in employee.history:
        yield {
            "nip": person.nip,
            "name": person.name,
            "subject": employee.identity.sub,
            "unit_code": names.code(terms.unit_id),
            "position_code": names.code(terms.position_id),
            "superior_nip": names.nip(terms.superior_id),
            "active": _yes_no(terms.active),
            "grade": terms.grade.value if terms.grade else None,
            "roles": " ".join(terms.roles),
            **_commute(terms.commute),
            "effective_from": terms.effective_from,
        }


def _commute(commute: Commute | None) -> Cells:
    if commute is None:
        return {}
    return {
        "round_trip_km": commute.round_trip_km,
        "vehicle": commute.vehicle.value,
        "fuel": commute.fuel.value if commute.fuel else None,
        "km_per_litre": commute.km_per_litre,
        "occupants": commute.occupants,
    }


def _mandate(mandate: ActingRecorded, names: Names) -> Iterator[Cells]:
    for terms in mandate.history:
        yield {
            "acting_code": names.code(mandate.acting_assignment_id),
            "kind": terms.kind.value,
            "for_nip": names.nip(terms.for_id),
            "acting_nip": names.nip(terms.acting_id),
            "effective_from": terms.effective_from,
            "ends_on": terms.ends_on,
        }


def _absence(absence: AbsenceRecorded, names: Names) -> Iterator[Cells]:
    for terms in absence.history:
        yield {
            "absence_code": names.code(absence.absence_id),
            "nip": names.nip(absence.employee_id),
            "kind": terms.kind.value,
            "effective_from": terms.effective_from,
            "ends_on": terms.ends_on,
        }


def _yes_no(yes: bool) -> str:
    return "ya" if yes else "tidak"


def _kwh(watt_hours: int) -> Decimal:
    return Decimal(watt_hours) / 1000
