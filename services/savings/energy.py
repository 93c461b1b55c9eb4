"""Electricity, meals and greenhouse gas, tier 1 (deemed: activity times factor). Pure and exact.

Home: watt hours = workstation power x time of work + the cooling that would not have run otherwise. Office, by
building and working day: E = base + the load of each zone that is open + the load of each person present
(`unit_days.py` says which zones and whose). Rupiah = kilowatt hours x tariff of the day x (1 + local tax of who pays):
the tax on electricity (PBJT) is a household's; what government bodies draw is exempt (UU 1/2022 Ps. 52(2)). Greenhouse
gas = litres x gas of a litre + kilowatt hours x gas of the grid (IPCC 2006, vol. 2, ch. 3; GHG Protocol: scope 2 for
what the office draws, scope 3 category 7 for the commute and for telework's energy).
"""

from datetime import date
from fractions import Fraction

from services.savings.estimate import Lacking
from services.savings.ranges import MILLION, Exact, certain, of_band
from shared.contracts.organisation import Grade, as_of
from shared.contracts.savings import Band, Carbon, FactorSetPublished, HomeElectricity, MealAllowance, TariffPrice

KILO = 1000


def home_watt_hours(home: HomeElectricity) -> Exact:
    """What a day of work at home draws there."""
    return of_band(home.workstation_watts) * certain(Fraction(home.work_minutes, 60)) + of_band(home.cooling_watt_hours)


def tariff_of(tariff_class: str, factors: FactorSetPublished, day: date) -> TariffPrice:
    """The tariff in force on a day. Raises `Lacking`."""
    tariff = as_of([known for known in factors.tariffs if known.tariff_class == tariff_class], day)
    if tariff is None:
        raise Lacking("tariff")
    return tariff


def sen_of(watt_hours: Exact, tariff: TariffPrice, tax_ppm: Band | None) -> Exact:
    """What that electricity costs who pays such a tax on it, or none."""
    taxed = of_band(tax_ppm, MILLION) if tax_ppm else certain(0)
    return watt_hours * certain(Fraction(tariff.sen_per_kilowatt_hour, KILO)) * (certain(1) + taxed)


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


def meal_allowance(grade: Grade, factors: FactorSetPublished, day: date) -> MealAllowance:
    """What is paid for meals for a day's presence. Raises `Lacking`."""
    paid = as_of([known for known in factors.meal_allowances if known.grade is grade], day)
    if paid is None:
        raise Lacking("meal-allowance")
    return paid
