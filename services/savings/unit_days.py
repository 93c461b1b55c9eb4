"""What one unit's day is worth: its building's electricity, by who is where, and meal allowances that are not paid.
Pure.

Office electricity (SE Gubernur 188/KPG.03/BKD asks for it; the model is that of zones which are closed): a building
draws its base whatever happens, each zone its load while it is open, and each person present a little more. A zone is
closed when everybody whose unit sits in it works elsewhere, by realised days; somebody without one is taken to be
present. Closed zones save their load, shared among the zone's units by their people; people away save the load per
head, except at another office, where they draw it there. A meal allowance is saved where it is paid for being present,
and the employee goes without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from services.savings.energy import meal_allowance_sen, sen_of
from services.savings.entries import entry, greenhouse_gas
from services.savings.estimate import Lacking
from services.savings.ranges import MILLION, Exact, certain, of_band
from shared.contracts.organisation import Grade, as_of
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.contracts.values import PlaceCategory
from shared.kit.decider import Document

NOT_AT_AN_OFFICE = {PlaceCategory.RESIDENCE.value, PlaceCategory.OTHER_PLACE.value}


def terms_on(entity: Mapping[str, Any] | None, day: str) -> Any:
    """The terms in force on a day, of an entity as it is stored."""
    history = entity["history"] if entity else ()
    before = [terms for terms in history if terms["effective_from"] <= day]
    return max(before, key=lambda terms: terms["effective_from"], default=None)


@dataclass
class Whereabouts:
    """Who belongs where and who was away, on the days looked at. Documents by id, as they are stored."""

    units: Mapping[str, Document]
    buildings: Mapping[str, Document]
    employees: Mapping[str, Document]
    days: Mapping[str, Document]
    _heads: dict[str, dict[str, int]] = field(default_factory=dict)
    _zones: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)

    def heads(self, unit_id: str, day: str) -> int:
        """How many active people a unit has on a day."""
        if day not in self._heads:
            counted: dict[str, int] = {}
            for employee in self.employees.values():
                terms = terms_on(employee, day)
                if terms and terms["active"]:
                    counted[terms["unit_id"]] = counted.get(terms["unit_id"], 0) + 1
            self._heads[day] = counted
        return self._heads[day].get(unit_id, 0)

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
        """How many people belong in a zone, and how many of them were away."""
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


def unit_position(unit_id: str, day: str, where: Whereabouts, factor_sets: Iterable[FactorSetPublished]) -> Worth:
    """What a unit's day is worth now."""
    away = where.away(unit_id, day)
    factors = as_of(list(factor_sets), date.fromisoformat(day))
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
        grade = terms.get("grade") if terms else None
        try:
            if grade is None:
                raise Lacking("grade")
            paid = certain(meal_allowance_sen(Grade(grade), factors, date.fromisoformat(one["day"])))
        except Lacking as lacking:
            lacks[str(lacking)] = lacks.get(str(lacking), 0) + 1
            continue
        unit_id, inputs = one["position"]["unit_id"], {"grade": grade}
        for whose, sen in ((Beneficiary.REGIONAL_BUDGET, paid), (Beneficiary.EMPLOYEE, -paid)):
            budget = whose is Beneficiary.REGIONAL_BUDGET
            made = entry(Category.MEALS, whose, factors, unit_id, {"sen": sen}, inputs, cashable=budget)
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
    sen = sen_of(saved, building["tariff_class"], factors, date.fromisoformat(day))
    amounts = {"watt_hours": saved, "sen": sen}
    nothing = certain(0)
    gas = greenhouse_gas(factors, unit_id, litres=nothing, home_watt_hours=nothing, office_watt_hours=saved)
    made = entry(Category.OFFICE_ELECTRICITY, Beneficiary.REGIONAL_BUDGET, factors, unit_id, amounts, inputs)
    return [made, gas] if gas else [made]


def _found(what: Any, name: str) -> Any:
    if what is None:
        raise Lacking(name)
    return what
