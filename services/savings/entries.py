"""What an entry of the savings ledger is: one category of one day, for one beneficiary, by one factor set. Pure."""

from typing import Any

from services.savings.energy import grams_of_electricity, grams_of_fuel, home_watt_hours, sen_of
from services.savings.estimate import FuelSaving
from services.savings.ranges import MILLION, Exact, certain
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.kit.decider import Document

TIER = 1
UNITS = ("microlitres", "watt_hours", "grams_co2e", "sen")
"""What amounts are counted in. An entry has sen, and the quantity of its category."""

BOUNDS = ("low", "central", "high")
TAGS = ("unit_id", "factor_set_id", "category", "beneficiary", "tier", "budget_line", "cashable")
KIND = ("factor_set_id", "category", "beneficiary", "tier")
"""What totals are kept apart by, besides unit and month: deemed, calibrated and metered figures are never added."""


def entry(
    category: Category,
    beneficiary: Beneficiary,
    factors: FactorSetPublished,
    unit_id: str,
    amounts: dict[str, Exact],
    inputs: dict[str, Any],
    *,
    cashable: bool = False,
) -> Document:
    """`amounts` by unit (see `UNITS`), exact; each is rounded here, once. `inputs` is what explains them."""
    line = next((known.budget_line for known in factors.budget_lines if known.category is category), None)
    return {
        "unit_id": unit_id,
        "factor_set_id": factors.factor_set_id,
        "category": category.value,
        "beneficiary": beneficiary.value,
        "tier": TIER,
        "budget_line": line if beneficiary is Beneficiary.REGIONAL_BUDGET else None,
        "cashable": cashable,
        "amounts": {unit: _whole(exact) for unit, exact in amounts.items()},
        "inputs": inputs,
    }


def _whole(exact: Exact) -> dict[str, int]:
    rounded = exact.rounded()
    return {bound: getattr(rounded, bound) for bound in BOUNDS}


def fuel(saving: FuelSaving, factors: FactorSetPublished, unit_id: str, vehicle: str) -> Document:
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
    amounts = {"microlitres": saving.litres * certain(MILLION), "sen": saving.sen}
    return entry(Category.FUEL, Beneficiary.EMPLOYEE, factors, unit_id, amounts, inputs)


def home_electricity(factors: FactorSetPublished, unit_id: str, day: Any) -> Document | None:
    """What the employee's home draws instead: a negative saving. Raises `Lacking`."""
    home = factors.home_electricity
    if home is None:
        return None
    spent = home_watt_hours(home)
    amounts = {"watt_hours": -spent, "sen": -sen_of(spent, home.tariff_class, factors, day)}
    inputs = {
        "workstation_watts": home.workstation_watts.central,
        "work_minutes": home.work_minutes,
        "cooling_watt_hours": home.cooling_watt_hours.central,
        "tariff_class": home.tariff_class,
    }
    return entry(Category.HOME_ELECTRICITY, Beneficiary.EMPLOYEE, factors, unit_id, amounts, inputs)


def greenhouse_gas(
    factors: FactorSetPublished, unit_id: str, *, litres: Exact, home_watt_hours: Exact, office_watt_hours: Exact
) -> Document | None:
    """Net: what fuel and the office did not emit, less what the home did."""
    if factors.carbon is None:
        return None
    grams = grams_of_fuel(litres, factors.carbon)
    grams += grams_of_electricity(office_watt_hours, factors.carbon)
    grams += -grams_of_electricity(home_watt_hours, factors.carbon)
    inputs = {
        "grams_per_litre": factors.carbon.grams_per_litre.central,
        "grams_per_kilowatt_hour": factors.carbon.grams_per_kilowatt_hour.central,
    }
    amounts = {"grams_co2e": grams, "sen": certain(0)}
    return entry(Category.CO2E, Beneficiary.SOCIETY, factors, unit_id, amounts, inputs)
