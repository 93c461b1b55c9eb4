"""The factors as the oracle knows them: those that are published with the software, and those of a later set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

Exact = tuple[Fraction, Fraction, Fraction]
Dated = tuple[tuple[date, int], ...]
"""Sen from a day on."""

MILLION = 1_000_000
NOTHING: Exact = (Fraction(0), Fraction(0), Fraction(0))
METHANE, NITROUS_OXIDE = 28, 265
"""Warming potentials (IPCC AR5)."""


def band(low: object, central: object, high: object) -> Exact:
    return Fraction(str(low)), Fraction(str(central)), Fraction(str(high))


def on(known: Sequence[tuple[date, int]], day: date) -> int:
    """What holds on a day of what is dated."""
    return max(one for one in known if one[0] <= day)[1]


@dataclass(frozen=True)
class Factors:
    """A factor set: low, stated default, high of each factor, and what things cost, in sen."""

    id: str
    title: str
    starts: date
    rebound: Exact
    km_per_litre: dict[str, Exact]
    fuel_sen: Mapping[str, Dated]
    default_fuel: str
    workstation_watts: Exact
    work_minutes: int
    cooling_wh: Exact
    home_tariff: str
    zone_off: Exact
    kwh_sen: Mapping[str, Dated]
    tax: Exact
    meal_sen: Mapping[str, Dated]
    grams_per_litre: Exact
    grams_per_kwh: Exact
    budget_lines: Mapping[str, str] = field(default_factory=dict)
    methane_mg: Exact = NOTHING
    nitrous_oxide_mg: Exact = NOTHING
    electric_wh_per_km: Exact | None = None
    checked_on: date | None = None
    days_max: int = 400
    seed: int = 7
    draws: int = 20_000
    percentiles: tuple[int, int] = (10, 90)
    corrects: str | None = None

    def fuel_price(self, fuel: str, day: date) -> int:
        """Sen a litre on a day."""
        return on(self.fuel_sen[fuel or self.default_fuel], day)

    def is_old(self, known: Dated, day: date) -> bool:
        """Whether what holds on a day has neither changed nor been checked for long."""
        since = max(starts for starts, _ in known if starts <= day)
        return (day - max(since, self.checked_on or since)).days > self.days_max

    @property
    def grams_of_a_litre(self) -> Exact:
        """All greenhouse gases of a litre."""
        gases = zip(self.grams_per_litre, self.methane_mg, self.nitrous_oxide_mg, strict=True)
        low, central, high = (co2 + (m * METHANE + n * NITROUS_OXIDE) / 1000 for co2, m, n in gases)
        return low, central, high


SINCE_2022, SINCE_2025 = date(2022, 7, 1), date(2025, 1, 1)

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
    kwh_sen={
        "P-1/TR": ((SINCE_2022, 169_953),),
        "P-2/TM": ((SINCE_2022, 152_288),),
        "R-1/TR": ((SINCE_2022, 144_470),),
    },
    tax=band("0.03", "0.03", "0.10"),
    meal_sen={
        "I": ((SINCE_2025, 3_500_000),),
        "II": ((SINCE_2025, 3_500_000),),
        "III": ((SINCE_2025, 3_700_000),),
        "IV": ((SINCE_2025, 4_100_000),),
    },
    grams_per_litre=band(2200, 2270, 2500),
    grams_per_kwh=band(800, 870, 870),
    budget_lines={"office_electricity": "5.1.02.02.01.0061", "meals": "5.1.01.02.01.0001"},
    seed=20_260_101,
)

INSTALLED = replace(
    SHIPPED,
    id="fac-jabar-2026-koreksi-1",
    zone_off=band("0.6", "0.8", 1),
    methane_mg=band(246, 820, 2819),
    nitrous_oxide_mg=band(85, 262, 787),
    electric_wh_per_km=band(25, 40, 180),
    checked_on=date(2026, 1, 1),
    corrects=SHIPPED.id,
)
"""What an instance begins with: a correction of the set that was shipped first."""


def later(days: Sequence[date]) -> Factors:
    """A set that the personnel agency publishes when a third of the play is over, in force from a day of the past on.
    Its prices, tariffs and allowances change on days of their own, and are known to change again next year."""
    first, half, most, next_year = days[len(days) // 4], days[len(days) // 2], days[-1], date(2027, 1, 1)
    before = SINCE_2025
    return replace(
        INSTALLED,
        id=f"fac-jabar-{first:%Y%m%d}",
        title="Faktor Jawa Barat, harga baru",
        starts=first,
        corrects=None,
        checked_on=None,
        seed=7,
        fuel_sen={
            "pertalite": ((before, 1_050_000), (half, 1_090_000), (next_year, 1_300_000)),
            "pertamax": ((before, 1_240_000), (half, 1_260_000), (most, 1_255_000), (next_year, 1_500_000)),
        },
        kwh_sen={
            "P-1/TR": ((before, 175_000), (half, 181_000), (next_year, 200_000)),
            "P-2/TM": ((before, 155_000), (most, 158_000), (next_year, 190_000)),
            "R-1/TR": ((before, 144_470), (half, 150_100), (next_year, 170_000)),
        },
        meal_sen={
            "I": ((before, 3_500_000), (half, 3_600_000), (next_year, 4_000_000)),
            "II": ((before, 3_500_000), (half, 3_650_000), (next_year, 4_000_000)),
            "III": ((before, 3_700_000), (half, 3_850_000), (next_year, 4_200_000)),
            "IV": ((before, 4_100_000), (half, 4_250_000), (next_year, 4_700_000)),
        },
    )


SOURCE = {"source": "peragaan"}


def body(factors: Factors) -> dict[str, Any]:
    """A set as it is sent to be published."""
    economies = [
        {"vehicle": vehicle, **_named(km, "{}_km_per_litre", str), **SOURCE}
        for vehicle, km in factors.km_per_litre.items()
    ]
    told = {
        "factor_set_id": factors.id,
        "title": factors.title,
        "effective_from": str(factors.starts),
        "rebound": {**_named(factors.rebound, "{}_ppm", _ppm), **SOURCE},
        "fuel_economy": economies,
        "default_fuel": factors.default_fuel,
        "prices": _dated(factors.fuel_sen, "fuel", "sen_per_litre"),
        "home_electricity": {
            "workstation_watts": {**_named(factors.workstation_watts), **SOURCE},
            "work_minutes": factors.work_minutes,
            "cooling_watt_hours": {**_named(factors.cooling_wh), **SOURCE},
            "tariff_class": factors.home_tariff,
        },
        "zone_off_ppm": {**_named(factors.zone_off, "{}", _ppm), **SOURCE},
        "tariffs": _dated(factors.kwh_sen, "tariff_class", "sen_per_kilowatt_hour"),
        "electricity_tax_ppm": {**_named(factors.tax, "{}", _ppm), **SOURCE},
        "meal_allowances": _dated(factors.meal_sen, "grade", "sen_per_day"),
        "carbon": _carbon(factors),
        "budget_lines": [
            {"category": category, "budget_line": line, **SOURCE} for category, line in factors.budget_lines.items()
        ],
        "seed": factors.seed,
    }
    if factors.electric_wh_per_km:
        told["electric_watt_hours_per_km"] = {**_named(factors.electric_wh_per_km), **SOURCE}
    return told


def _carbon(factors: Factors) -> dict[str, Any]:
    told: dict[str, Any] = {
        "grams_per_litre": {**_named(factors.grams_per_litre), **SOURCE},
        "grams_per_kilowatt_hour": {**_named(factors.grams_per_kwh), **SOURCE},
    }
    for name, of, potential in (
        ("methane", factors.methane_mg, METHANE),
        ("nitrous_oxide", factors.nitrous_oxide_mg, NITROUS_OXIDE),
    ):
        if any(of):
            milligrams = {**_named(of), **SOURCE}
            told[name] = {"milligrams_per_litre": milligrams, "warming_potential": potential, **SOURCE}
    return told


def _dated(known: Mapping[str, Dated], of: str, amount: str) -> list[dict[str, Any]]:
    return [
        {of: name, "effective_from": str(day), amount: sen, **SOURCE}
        for name, history in known.items()
        for day, sen in history
    ]


def _ppm(share: Fraction) -> int:
    return int(share * MILLION)


def _named(amount: Exact, name: str = "{}", of: Any = int) -> dict[str, Any]:
    bounds = zip(("low", "central", "high"), amount, strict=True)
    return {name.format(bound): of(number) for bound, number in bounds}
