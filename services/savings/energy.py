"""Electricity, meals and greenhouse gas, tier 1 (deemed: activity times factor). Pure and exact.

Home: watt hours = workstation power x time of work + the cooling that would not have run otherwise. Office, by
building and working day: E = base + the load of each zone that is open + the load of each person present
(`unit_days.py` says which zones and whose). Rupiah = kilowatt hours x tariff of the day x (1 + local tax). Greenhouse
gas = litres x gas of a litre + kilowatt hours x gas of the grid (IPCC 2006; GHG Protocol category 7, which counts
telework's energy).
"""

from datetime import date
from fractions import Fraction

from services.savings.estimate import Lacking
from services.savings.ranges import MILLION, Exact, certain, of_band
from shared.contracts.organisation import Grade, as_of
from shared.contracts.savings import Carbon, FactorSetPublished, HomeElectricity

KILO = 1000


def home_watt_hours(home: HomeElectricity) -> Exact:
    """What a day of work at home draws there."""
    return of_band(home.workstation_watts) * certain(Fraction(home.work_minutes, 60)) + of_band(home.cooling_watt_hours)


def sen_of(watt_hours: Exact, tariff_class: str, factors: FactorSetPublished, day: date) -> Exact:
    """What that electricity costs. Raises `Lacking` when no tariff of the class is known."""
    tariff = as_of([known for known in factors.tariffs if known.tariff_class == tariff_class], day)
    if tariff is None:
        raise Lacking("tariff")
    taxed = of_band(factors.electricity_tax_ppm, MILLION) if factors.electricity_tax_ppm else certain(0)
    return watt_hours * certain(Fraction(tariff.sen_per_kilowatt_hour, KILO)) * (certain(1) + taxed)


def grams_of_fuel(litres: Exact, carbon: Carbon) -> Exact:
    """CO2 equivalent of litres."""
    return litres * of_band(carbon.grams_per_litre)


def grams_of_electricity(watt_hours: Exact, carbon: Carbon) -> Exact:
    """CO2 equivalent of electricity from the grid."""
    return watt_hours * of_band(carbon.grams_per_kilowatt_hour, KILO)


def meal_allowance_sen(grade: Grade, factors: FactorSetPublished, day: date) -> int:
    """What is paid for meals for a day's presence. Raises `Lacking`."""
    paid = as_of([known for known in factors.meal_allowances if known.grade is grade], day)
    if paid is None:
        raise Lacking("meal-allowance")
    return paid.sen_per_day
