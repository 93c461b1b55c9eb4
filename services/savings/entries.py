"""What an entry of the savings ledger is: one category of one day, for one beneficiary, by one factor set. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from services.savings.energy import grams_of_electricity, grams_of_fuel, home_watt_hours, sen_of, tariff_of
from services.savings.estimate import FuelSaving, price_of
from services.savings.ranges import MILLION, Exact, certain
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.kit.decider import Document

TIER = 1
UNITS = ("microlitres", "watt_hours", "grams_co2e", "sen")
"""What amounts are counted in. An entry has sen, and the quantity of its category."""

BOUNDS = ("low", "central", "high")
OFFICE_SCOPE, COMMUTE_SCOPE = 2, 3
"""GHG Protocol: electricity that the office buys; commutes, and what work at home draws (category 7)."""

TAGS = (
    "unit_id",
    "factor_set_id",
    "category",
    "beneficiary",
    "tier",
    "budget_line",
    "cashable",
    "scope",
    "range",
)
KIND = ("factor_set_id", "category", "beneficiary", "tier", "scope")
"""What totals are kept apart by, besides unit and month: deemed, calibrated and metered figures are never added, nor
are greenhouse gases of different scopes."""


def entry(
    category: Category,
    beneficiary: Beneficiary,
    factors: FactorSetPublished,
    unit_id: str,
    amounts: dict[str, Exact],
    inputs: dict[str, Any],
    *,
    scope: int | None = None,
    warnings: Iterable[str] = (),
) -> Document:
    """`amounts` by unit (see `UNITS`), exact; each is rounded here, once. `inputs` is what explains them.

    A deemed saving is no money that is not paid out, but for one: an allowance that is not paid, where the set names
    the budget line in which it is left.
    """
    budget = beneficiary is Beneficiary.REGIONAL_BUDGET
    line = next((known.budget_line for known in factors.budget_lines if known.category is category), None)
    return {
        "unit_id": unit_id,
        "factor_set_id": factors.factor_set_id,
        "category": category.value,
        "beneficiary": beneficiary.value,
        "tier": TIER,
        "budget_line": line if budget else None,
        "cashable": budget and category is Category.MEALS and line is not None,
        "scope": scope,
        "range": range_of(category, factors),
        "amounts": {unit: _whole(exact) for unit, exact in amounts.items()},
        "inputs": inputs,
        "warnings": list(warnings),
    }


def range_of(category: Category, factors: FactorSetPublished) -> str:
    """How the range of a category's figures is made: percentiles of what was drawn for the set, bounds combined worst
    with worst, or none, where there are only prices."""
    match category:
        case Category.FUEL:
            return f"p{factors.simulation.low_percentile}-p{factors.simulation.high_percentile}"
        case Category.MEALS:
            return "none"
    return "worst-with-worst"


class Priced(Protocol):
    """What something costs from a day on, and when that was last found to hold."""

    @property
    def effective_from(self) -> date: ...
    @property
    def checked_on(self) -> date | None: ...


def warned(name: str, price: Priced, factors: FactorSetPublished, day: date) -> list[str]:
    """A warning where a price is older on a day than the set allows."""
    age = day - max(price.effective_from, price.checked_on or price.effective_from)
    return [name] if age.days > factors.price_days_max else []


def _whole(exact: Exact) -> dict[str, int]:
    rounded = exact.rounded()
    return {bound: getattr(rounded, bound) for bound in BOUNDS}


def fuel(saving: FuelSaving, factors: FactorSetPublished, unit_id: str, vehicle: str, day: date) -> Document:
    """The employee's own fuel."""
    inputs = {
        "vehicle": vehicle,
        "spared_km": str(saving.spared_km),
        "occupants": saving.occupants,
        "km_per_litre": str(saving.km_per_litre) if saving.km_per_litre else None,
        "km_per_litre_stated": saving.km_per_litre_stated,
        "rebound_ppm": factors.rebound.central_ppm,
        "fuel": saving.fuel.value if saving.fuel else None,
        "sen_per_litre": saving.sen_per_litre,
    }
    warnings = warned("price-old", price_of(factors, saving.fuel, day), factors, day) if saving.fuel else []
    amounts = {"microlitres": saving.litres * certain(MILLION), "sen": saving.sen}
    return entry(Category.FUEL, Beneficiary.EMPLOYEE, factors, unit_id, amounts, inputs, warnings=warnings)


def home_electricity(factors: FactorSetPublished, unit_id: str, day: date) -> Document | None:
    """What the employee's home draws instead: a negative saving. Raises `Lacking`."""
    home = factors.home_electricity
    if home is None:
        return None
    spent, tariff = home_watt_hours(home), tariff_of(home.tariff_class, factors, day)
    amounts = {"watt_hours": -spent, "sen": -sen_of(spent, tariff, factors.electricity_tax_ppm)}
    inputs = {
        "workstation_watts": home.workstation_watts.central,
        "work_minutes": home.work_minutes,
        "cooling_watt_hours": home.cooling_watt_hours.central,
        "tariff_class": home.tariff_class,
    }
    warnings = warned("tariff-old", tariff, factors, day)
    return entry(Category.HOME_ELECTRICITY, Beneficiary.EMPLOYEE, factors, unit_id, amounts, inputs, warnings=warnings)


def office_electricity(
    factors: FactorSetPublished, unit_id: str, saved: Exact, tariff_class: str, inputs: dict[str, Any], day: date
) -> Document:
    """What the unit's building did not draw for it. Raises `Lacking`."""
    tariff = tariff_of(tariff_class, factors, day)
    amounts = {"watt_hours": saved, "sen": sen_of(saved, tariff, factors.office_electricity_tax_ppm)}
    whose, warnings = Beneficiary.REGIONAL_BUDGET, warned("tariff-old", tariff, factors, day)
    return entry(Category.OFFICE_ELECTRICITY, whose, factors, unit_id, amounts, inputs, warnings=warnings)


def commute_gas(
    factors: FactorSetPublished, unit_id: str, *, litres: Exact, charging: Exact, home: Exact
) -> Document | None:
    """Net: what fuel and charging did not emit, less what the home did. `charging` and `home` in watt hours."""
    carbon, electric = factors.carbon, factors.electric_watt_hours_per_km
    if carbon is None:
        return None
    grams = grams_of_fuel(litres, carbon)
    grams += grams_of_electricity(charging, carbon)
    grams += -grams_of_electricity(home, carbon)
    inputs = {
        "grams_per_litre": grams_of_fuel(certain(1), carbon).rounded().central,
        "grams_per_kilowatt_hour": carbon.grams_per_kilowatt_hour.central,
        "electric_watt_hours_per_km": electric.central if electric else None,
    }
    return _gas(factors, unit_id, grams, inputs, COMMUTE_SCOPE)


def office_gas(factors: FactorSetPublished, unit_id: str, watt_hours: Exact) -> Document | None:
    """What the office's electricity did not emit."""
    carbon = factors.carbon
    if carbon is None:
        return None
    inputs = {"grams_per_kilowatt_hour": carbon.grams_per_kilowatt_hour.central}
    return _gas(factors, unit_id, grams_of_electricity(watt_hours, carbon), inputs, OFFICE_SCOPE)


def _gas(factors: FactorSetPublished, unit_id: str, grams: Exact, inputs: dict[str, Any], scope: int) -> Document:
    amounts = {"grams_co2e": grams, "sen": certain(0)}
    return entry(Category.CO2E, Beneficiary.SOCIETY, factors, unit_id, amounts, inputs, scope=scope)
