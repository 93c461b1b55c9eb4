"""The factors as the oracle knows them: those that are published with the software, and those of a later set."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

Exact = tuple[Fraction, Fraction, Fraction]
MILLION = 1_000_000


def band(low: object, central: object, high: object) -> Exact:
    return Fraction(str(low)), Fraction(str(central)), Fraction(str(high))


@dataclass(frozen=True)
class Factors:
    """A factor set: low, stated default, high of each factor, and what things cost, in sen."""

    id: str
    title: str
    starts: date
    rebound: Exact
    km_per_litre: dict[str, Exact]
    fuel_sen: dict[str, tuple[tuple[date, int], ...]]
    default_fuel: str
    workstation_watts: Exact
    work_minutes: int
    cooling_wh: Exact
    home_tariff: str
    zone_off: Exact
    kwh_sen: dict[str, int]
    tax: Exact
    meal_sen: dict[str, int]
    grams_per_litre: Exact
    grams_per_kwh: Exact

    def fuel_price(self, fuel: str, day: date) -> int:
        """Sen a litre on a day."""
        return max(known for known in self.fuel_sen[fuel or self.default_fuel] if known[0] <= day)[1]


SHIPPED = Factors(
    id="fac-jabar-2026",
    title="Faktor baku Jawa Barat 2026",
    starts=date(2026, 1, 1),
    rebound=band(0, "0.15", "0.40"),
    km_per_litre={"motorcycle": band(30, 40, 50), "car": band(8, 10, 12)},
    fuel_sen={
        "pertalite": ((date(2022, 9, 3), 1_000_000),),
        "pertamax": ((date(2026, 1, 1), 1_235_000), (date(2026, 2, 1), 1_180_000)),
    },
    default_fuel="pertalite",
    workstation_watts=band(150, 150, 150),
    work_minutes=450,
    cooling_wh=band(300, 1050, 1800),
    home_tariff="R-1/TR",
    zone_off=band("0.6", 1, 1),
    kwh_sen={"P-1/TR": 169_953, "P-2/TM": 152_288, "R-1/TR": 144_470},
    tax=band("0.03", "0.03", "0.10"),
    meal_sen={"I": 3_500_000, "II": 3_500_000, "III": 3_700_000, "IV": 4_100_000},
    grams_per_litre=band(2200, 2270, 2500),
    grams_per_kwh=band(800, 870, 870),
)


def later(day: date) -> Factors:
    """A set that the personnel agency publishes when the month is half over, in force from a day of the past on."""
    return replace(
        SHIPPED,
        id=f"fac-jabar-{day:%Y%m%d}",
        title="Faktor Jawa Barat, harga baru",
        starts=day,
        fuel_sen={"pertalite": ((date(2022, 9, 3), 1_050_000),), "pertamax": ((date(2026, 1, 1), 1_240_000),)},
        kwh_sen={**SHIPPED.kwh_sen, "P-1/TR": 175_000},
    )


def body(factors: Factors) -> dict[str, Any]:
    """A set as it is sent to be published."""
    source = {"source": "peragaan"}
    economies = [
        {"vehicle": vehicle, **_named(km, "{}_km_per_litre", str), **source}
        for vehicle, km in factors.km_per_litre.items()
    ]
    prices = [
        {"fuel": fuel, "effective_from": str(day), "sen_per_litre": sen, **source}
        for fuel, known in factors.fuel_sen.items()
        for day, sen in known
    ]
    tariffs = [
        {"tariff_class": name, "effective_from": "2022-07-01", "sen_per_kilowatt_hour": sen, **source}
        for name, sen in factors.kwh_sen.items()
    ]
    meals = [
        {"grade": grade, "effective_from": "2025-01-01", "sen_per_day": sen, **source}
        for grade, sen in factors.meal_sen.items()
    ]
    return {
        "factor_set_id": factors.id,
        "title": factors.title,
        "effective_from": str(factors.starts),
        "rebound": {**_named(factors.rebound, "{}_ppm", _ppm), **source},
        "fuel_economy": economies,
        "default_fuel": factors.default_fuel,
        "prices": prices,
        "home_electricity": {
            "workstation_watts": {**_named(factors.workstation_watts), **source},
            "work_minutes": factors.work_minutes,
            "cooling_watt_hours": {**_named(factors.cooling_wh), **source},
            "tariff_class": factors.home_tariff,
        },
        "zone_off_ppm": {**_named(factors.zone_off, "{}", _ppm), **source},
        "tariffs": tariffs,
        "electricity_tax_ppm": {**_named(factors.tax, "{}", _ppm), **source},
        "meal_allowances": meals,
        "carbon": {
            "grams_per_litre": {**_named(factors.grams_per_litre), **source},
            "grams_per_kilowatt_hour": {**_named(factors.grams_per_kwh), **source},
        },
        "seed": 7,
    }


def _ppm(share: Fraction) -> int:
    return int(share * MILLION)


def _named(amount: Exact, name: str = "{}", of: Any = int) -> dict[str, Any]:
    bounds = zip(("low", "central", "high"), amount, strict=True)
    return {name.format(bound): of(number) for bound, number in bounds}
