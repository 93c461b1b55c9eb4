"""What one unit's day is worth: its building's electricity, by who is where, and meal allowances that are not paid.
Pure.

Office electricity (SE Gubernur 188/KPG.03/BKD asks for it; the model is that of zones which are closed): a building
draws its base whatever happens, each zone its load while it is open, and each person present a little more. A zone is
closed when everybody who is expected in it works elsewhere, by realised days; somebody without one is taken to be
present. Who is on leave or on a trip is not expected, and neither is who has left: they keep no zone open, and save
nothing, so that a zone in which nobody is expected is not closed by MKD. Closed zones save their load, shared among the
zone's units by the people expected; people away save the load per head, except at another office, where they draw it
there. A meal allowance is saved where it is paid for being present, and the employee goes without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from services.savings.energy import meal_allowance
from services.savings.entries import entry, office_electricity, office_gas, warned
from services.savings.estimate import Lacking
from services.savings.ranges import MILLION, Exact, certain, of_band
from shared.contracts.organisation import Grade
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.contracts.values import PlaceCategory
from shared.kit import versions
from shared.kit.decider import Document

NOT_AT_AN_OFFICE = {PlaceCategory.RESIDENCE.value, PlaceCategory.OTHER_PLACE.value}


def terms_on(entity: Mapping[str, Any] | None, day: str) -> Any:
    """The terms in force on a day, of an entity as it is stored."""
    history = entity["history"] if entity else ()
    before = [terms for terms in history if terms["effective_from"] <= day]
    return max(before, key=lambda terms: terms["effective_from"], default=None)


def is_absent(absences: Iterable[Mapping[str, Any]], day: str) -> bool:
    """Whether somebody is on leave or on a trip on a day, by their absences as they are stored."""
    found = [terms_on(absence, day) for absence in absences]
    return any(terms is not None and day <= terms["ends_on"] for terms in found)


def absences_by_person(absences: Iterable[Document]) -> dict[str, list[Document]]:
    """Whose absences are whose."""
    found: dict[str, list[Document]] = {}
    for one in absences:
        found.setdefault(one["employee_id"], []).append(one)
    return found


@dataclass
class Whereabouts:
    """Who belongs where, who was absent and who was away, on the days looked at. Documents by id, as they are
    stored."""

    units: Mapping[str, Document]
    buildings: Mapping[str, Document]
    employees: Mapping[str, Document]
    days: Mapping[str, Document]
    absences: Mapping[str, Document]
    _heads: dict[str, dict[str, int]] = field(default_factory=dict)
    _zones: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)

    def heads(self, unit_id: str, day: str) -> int:
        """How many people are expected in a unit on a day: those active and not absent."""
        if day not in self._heads:
            counted: dict[str, int] = {}
            for id_, employee in self.employees.items():
                terms = terms_on(employee, day)
                if terms and terms["active"] and not is_absent(self._absent.get(id_, ()), day):
                    counted[terms["unit_id"]] = counted.get(terms["unit_id"], 0) + 1
            self._heads[day] = counted
        return self._heads[day].get(unit_id, 0)

    @cached_property
    def _absent(self) -> dict[str, list[Document]]:
        return absences_by_person(self.absences.values())

    @cached_property
    def _away(self) -> dict[tuple[str, str], list[Document]]:
        found: dict[tuple[str, str], list[Document]] = {}
        for one in sorted(self.days.values(), key=lambda one: str(one["_id"])):
            if one["position"]:
                found.setdefault((one["position"]["unit_id"], one["day"]), []).append(one)
        return found

    def away(self, unit_id: str, day: str) -> list[Document]:
        """The realised days of a unit's people."""
        return self._away.get((unit_id, day), [])

    def units_in(self, seat: Document, day: str) -> list[str]:
        """The units that sit in a building's zone on a day."""
        if day not in self._zones:
            seated: dict[tuple[str, str], list[str]] = {}
            for id_, unit in self.units.items():
                terms = terms_on(unit, day)
                if terms and terms["seat"]:
                    seated.setdefault(_zone(terms["seat"]), []).append(id_)
            self._zones[day] = seated
        return self._zones[day].get(_zone(seat), [])

    def in_zone(self, seat: Document, day: str) -> tuple[int, int]:
        """How many people are expected in a zone, and how many of them were away."""
        units = self.units_in(seat, day)
        return sum(self.heads(id_, day) for id_ in units), sum(len(self.away(id_, day)) for id_ in units)


def _zone(seat: Document) -> tuple[str, str]:
    return seat["building_id"], seat["zone"]


@dataclass
class Worth:
    """The worth of a unit's day: a position, or none; and how many people's figures lack what."""

    position: Document | None = None
    building_id: str | None = None
    lacks: dict[str, int] = field(default_factory=dict)


def unit_position(unit_id: str, day: str, where: Whereabouts, factor_sets: Sequence[FactorSetPublished]) -> Worth:
    """What a unit's day is worth now."""
    away = where.away(unit_id, day)
    factors = versions.in_force(factor_sets, date.fromisoformat(day))
    if not away or factors is None:
        return Worth()
    unit = terms_on(where.units.get(unit_id), day)
    if unit is None:
        return Worth(lacks={"unit": len(away)})
    found = Worth(building_id=unit["seat"]["building_id"] if unit["seat"] else None)
    entries = _meals(unit, away, where, factors, found.lacks) if unit["meal_allowance_by_attendance"] else []
    try:
        entries += _electricity(unit_id, unit, day, where, factors)
    except Lacking as lacking:
        found.lacks[str(lacking)] = len(away)
    heads = where.heads(unit_id, day)
    found.position = {
        "unit_id": unit_id,
        "factor_set_id": factors.factor_set_id,
        "heads": heads,
        "away": len(away),
        "entries": entries,
    }
    return found


def _meals(
    unit: Document, away: list[Document], where: Whereabouts, factors: FactorSetPublished, lacks: dict[str, int]
) -> list[Document]:
    """The budget's gain and the employee's loss, person by person."""
    entries = []
    for one in away:
        if one["position"]["place"] not in NOT_AT_AN_OFFICE:
            continue
        terms = terms_on(where.employees.get(one["employee_id"]), one["day"])
        grade, day = terms.get("grade") if terms else None, date.fromisoformat(one["day"])
        try:
            if grade is None:
                raise Lacking("grade")
            allowance = meal_allowance(Grade(grade), factors, day)
        except Lacking as lacking:
            lacks[str(lacking)] = lacks.get(str(lacking), 0) + 1
            continue
        unit_id, inputs, paid = one["position"]["unit_id"], {"grade": grade}, certain(allowance.sen_per_day)
        warnings = warned("meal-allowance-old", allowance, factors, day)
        for whose, sen in ((Beneficiary.REGIONAL_BUDGET, paid), (Beneficiary.EMPLOYEE, -paid)):
            made = entry(Category.MEALS, whose, factors, unit_id, {"sen": sen}, inputs, warnings=warnings)
            entries.append(made | {"employee_id": one["employee_id"]})
    return entries


def _electricity(
    unit_id: str, unit: Document, day: str, where: Whereabouts, factors: FactorSetPublished
) -> list[Document]:
    """The unit's part of what its building did not draw. Raises `Lacking`."""
    if factors.zone_off_ppm is None:
        return []
    seat = _found(unit["seat"], "seat")
    building = _found(terms_on(where.buildings.get(seat["building_id"]), day), "building")
    loads = {zone["zone"]: zone["load_watt_hours"] for zone in building["zones"]}
    load = _found(loads.get(seat["zone"]), "zone")
    heads, away = where.in_zone(seat, day)
    closed = 0 < heads <= away
    share = Fraction(where.heads(unit_id, day), heads) if closed else Fraction(0)
    elsewhere = sum(one["position"]["place"] in NOT_AT_AN_OFFICE for one in where.away(unit_id, day))
    saved: Exact = of_band(factors.zone_off_ppm, MILLION) * certain(load * share)
    saved += certain(building["per_head_watt_hours"] * elsewhere)
    inputs = {
        "building_id": seat["building_id"],
        "zone": seat["zone"],
        "zone_closed": closed,
        "zone_heads": heads,
        "zone_away": away,
        "zone_load_watt_hours": load,
        "unit_heads": where.heads(unit_id, day),
        "not_at_an_office": elsewhere,
        "per_head_watt_hours": building["per_head_watt_hours"],
        "tariff_class": building["tariff_class"],
    }
    made = office_electricity(factors, unit_id, saved, building["tariff_class"], inputs, date.fromisoformat(day))
    gas = office_gas(factors, unit_id, saved)
    return [made, gas] if gas else [made]


def _found(what: Any, name: str) -> Any:
    if what is None:
        raise Lacking(name)
    return what
