"""Greenhouse gas, made of fuel and electricity, tier 1 (deemed: activity times factor). Pure and exact.

Greenhouse gas = litres x gas of a litre + kilowatt hours x gas of the grid (IPCC 2006, vol. 2, ch. 3; GHG Protocol:
scope 2 for what the office draws, scope 3 category 7 for the commute and for telework's energy). Of electric vehicles
the gas is counted and not the money: nobody has surveyed where they charge.
"""

from collections.abc import Collection
from fractions import Fraction

from services.savings.category.model import (
    NOTHING,
    Definition,
    EmployeeAway,
    Measured,
    MissingInput,
    UnitAway,
    Variant,
    office_numbers,
)
from services.savings.category.variants.fuel import spared
from services.savings.category.variants.tariffs import KILO
from services.savings.ledger.model import MILLION, Entry, Exact, Kind, certain, of_band, ordered
from shared.contracts.organisation import Commute, Vehicle
from shared.contracts.savings import Beneficiary, Carbon, Category, FactorSetPublished
from shared.contracts.values import Place

OFFICE_SCOPE, COMMUTE_SCOPE = 2, 3
"""GHG Protocol: electricity that the office buys; commutes, and what work at home draws (category 7)."""

MADE_OF = (Category.FUEL, Category.HOME_ELECTRICITY)


def tells(kind: Kind, own: Collection[Kind]) -> tuple[str, ...]:
    """Greenhouse gas is a sum of fuel and electricity by published factors, so that it gives these away. One without a
    scope was counted before scopes were told apart, and is of both."""
    if kind.scope == OFFICE_SCOPE:
        return office_numbers(kind)
    parts = (one for one in own if one.factor_set_id == kind.factor_set_id and one.category in MADE_OF)
    return (str(kind), *sorted(map(str, parts)), *(() if kind.scope else office_numbers(kind)))


CO2E = Definition(
    Category.CO2E,
    "scope 3: litres x g per litre (CO2, CH4, N2O) + charging kWh x g per kWh - home kWh x g per kWh = g; "
    "scope 2: office kWh x g per kWh = g",
    tells=tells,
    about_all_away=True,
)


def grams_of_fuel(litres: Exact, carbon: Carbon) -> Exact:
    """CO2 equivalent of litres: CO2, and methane and nitrous oxide where they are stated."""
    grams = of_band(carbon.grams_per_litre)
    for trace in (carbon.methane, carbon.nitrous_oxide):
        if trace:
            grams += of_band(trace.milligrams_per_litre, KILO) * certain(trace.warming_potential)
    return litres * grams


def grams_of_electricity(watt_hours: Exact, carbon: Carbon) -> Exact:
    """CO2 equivalent of electricity from the grid."""
    return watt_hours * of_band(carbon.grams_per_kilowatt_hour, KILO)


def charging_watt_hours(commute: Commute, place: Place, factors: FactorSetPublished) -> Exact:
    """What an electric vehicle is not charged with for it. Raises `MissingInput` when that is not known."""
    if commute.vehicle is not Vehicle.ELECTRIC:
        return certain(0)
    if factors.electric_watt_hours_per_km is None:
        raise MissingInput("charging")
    km, kept = Fraction(spared(commute, place)) / commute.occupants, factors.simulation.kept_share_ppm
    low, high = (km * Fraction(share, MILLION) for share in (kept.low, kept.high))
    central = km * Fraction(MILLION - factors.rebound.central_ppm, MILLION)
    return ordered(low, central, high) * of_band(factors.electric_watt_hours_per_km)


def measure_of_employee(away: EmployeeAway, before: Measured) -> Measured:
    """Net: what fuel and charging did not emit, less what the home did. Not where any of these is not known."""
    commute, factors = away.commute, away.factors
    carbon, electric = factors.carbon, factors.electric_watt_hours_per_km
    if carbon is None or commute is None:
        return NOTHING
    charging = charging_watt_hours(commute, away.place, factors)
    if before.lacks:
        return NOTHING
    nothing = certain(0)
    grams = grams_of_fuel(before.quantities.get(Category.FUEL, nothing), carbon)
    grams += grams_of_electricity(charging, carbon)
    grams += grams_of_electricity(before.quantities.get(Category.HOME_ELECTRICITY, nothing), carbon)
    inputs: dict[str, object] = {
        "grams_per_litre": grams_of_fuel(certain(1), carbon).rounded().central,
        "grams_per_kilowatt_hour": carbon.grams_per_kilowatt_hour.central,
        "electric_watt_hours_per_km": electric.central if electric else None,
    }
    return Measured([_gas(factors, away.unit_id, grams, inputs, COMMUTE_SCOPE)])


def measure_of_unit(unit: UnitAway, before: Measured) -> Measured:
    """What the office's electricity did not emit."""
    carbon, watt_hours = unit.factors.carbon, before.quantities.get(Category.OFFICE_ELECTRICITY)
    if carbon is None or watt_hours is None:
        return NOTHING
    inputs: dict[str, object] = {"grams_per_kilowatt_hour": carbon.grams_per_kilowatt_hour.central}
    grams = grams_of_electricity(watt_hours, carbon)
    return Measured([_gas(unit.factors, unit.unit_id, grams, inputs, OFFICE_SCOPE)])


def _gas(factors: FactorSetPublished, unit_id: str, grams: Exact, inputs: dict[str, object], scope: int) -> Entry:
    amounts = {"grams_co2e": grams, "sen": certain(0)}
    return CO2E.entry(Beneficiary.SOCIETY, factors, unit_id, amounts, inputs, scope=scope)


OF_EMPLOYEES = Variant(CO2E, measure_of_employee)
OF_UNITS = Variant(CO2E, measure_of_unit)
