"""The province as sheets to load."""

import csv
import io
from collections.abc import Iterable, Iterator

from demo.province import Absence, BuildingTerms, Mandate, Person, PositionTerms, Province, Terms, UnitTerms


def units(found: Iterable[tuple[str, UnitTerms]]) -> str:
    """Units with some of their terms."""
    return _sheet(_unit(code, terms) for code, terms in found)


def _unit(code: str, terms: UnitTerms) -> dict[str, object]:
    building, zone = terms.seat or ("", "")
    return {
        "unit_code": code,
        "name": terms.name,
        "time_zone": terms.time_zone,
        "kind": "org_unit" if terms.parent else "agency_unit",
        "parent_code": terms.parent or "",
        "building_code": building,
        "zone": zone,
        "meal_allowance_by_attendance": _yes(terms.meals),
        "public_facing": _yes(terms.public_facing),
        "effective_from": terms.effective_from,
    }


def buildings(found: Iterable[tuple[str, BuildingTerms]]) -> str:
    """Buildings with some of their terms, a row for each zone."""
    return _sheet(row for code, terms in found for row in _building(code, terms))


def _building(code: str, terms: BuildingTerms) -> Iterator[dict[str, object]]:
    for zone, load in terms.zones.items():
        yield {
            "building_code": code,
            "name": terms.name,
            "base_kwh": terms.base,
            "per_head_kwh": terms.per_head,
            "tariff_class": terms.tariff,
            "zone": zone,
            "zone_load_kwh": load,
            "effective_from": terms.effective_from,
        }


def positions(found: Iterable[tuple[str, PositionTerms]]) -> str:
    """Positions and their assessment."""
    return _sheet(
        {
            "position_code": code,
            "measurable": _yes(terms.measurable),
            "public_contact": _yes(terms.public_contact),
            "effective_from": terms.effective_from,
        }
        for code, terms in found
    )


def employees(people: Iterable[tuple[Person, Terms]]) -> str:
    """People with some of their terms."""
    return _sheet(_employee(person, terms) for person, terms in people)


def _employee(person: Person, terms: Terms) -> dict[str, object]:
    way = terms.commute
    return {
        "nip": person.nip,
        "name": person.name,
        "subject": person.subject,
        "unit_code": terms.unit,
        "position_code": terms.position,
        "superior_nip": terms.superior or "",
        "active": _yes(terms.active),
        "roles": terms.roles,
        "grade": terms.grade,
        "round_trip_km": way.round_trip_km if way else "",
        "vehicle": way.vehicle if way else "",
        "fuel": way.fuel if way else "",
        "km_per_litre": (way and way.km_per_litre) or "",
        "occupants": way.occupants if way else 1,
        "effective_from": terms.effective_from,
    }


def acting(found: Iterable[Mandate]) -> str:
    """Who acts for whom."""
    return _sheet(
        {
            "acting_code": mandate.code,
            "kind": mandate.kind,
            "for_nip": mandate.for_nip,
            "acting_nip": mandate.acting_nip,
            "effective_from": mandate.first,
            "ends_on": mandate.last,
        }
        for mandate in found
    )


def absences(found: Iterable[Absence]) -> str:
    """Who is on leave or on a trip."""
    return _sheet(
        {
            "absence_code": one.code,
            "nip": one.nip,
            "kind": one.kind,
            "effective_from": one.first,
            "ends_on": one.last,
        }
        for one in found
    )


def whole(province: Province) -> Iterator[tuple[str, str]]:
    """Every sheet of a province, in the order in which they refer to each other."""
    yield "buildings", buildings((code, building.history[0]) for code, building in province.buildings.items())
    ordered = sorted(province.units.items(), key=lambda item: item[1].history[0].parent is not None)
    yield "units", units((code, unit.history[0]) for code, unit in ordered)
    yield "positions", positions((code, position.history[0]) for code, position in province.positions.items())
    yield "employees", employees((person, person.history[0]) for person in province.people.values())


def _yes(true: bool) -> str:
    return "ya" if true else "tidak"


def _sheet(rows: Iterable[dict[str, object]]) -> str:
    made = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(made[0]))
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue()
