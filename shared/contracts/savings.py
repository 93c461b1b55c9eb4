"""Events published by `services/savings`."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.organisation import Fuel, Grade, Vehicle
from shared.contracts.values import BudgetLine, Identifier, KilometresPerLitre, Sen, TariffClass

Source = Annotated[str, StringConstraints(min_length=1, max_length=300)]
PartsPerMillion = Annotated[int, Field(ge=0, le=1_000_000)]
PriceDays = Annotated[int, Field(ge=1, le=3660)]
PRICE_DAYS_MAX = 400
"""How old a price may be, in days, where a set does not say: a year and a month, so that a yearly decree is in time."""


class FuelEconomy(Fact):
    """How far a kind of vehicle goes on a litre where its rider did not say: low, stated default, high."""

    vehicle: Vehicle
    low_km_per_litre: KilometresPerLitre
    central_km_per_litre: KilometresPerLitre
    high_km_per_litre: KilometresPerLitre
    source: Source


class Rebound(Fact):
    """The share of the spared commute that other trips take back: low, stated default, high."""

    low_ppm: PartsPerMillion
    central_ppm: PartsPerMillion
    high_ppm: PartsPerMillion
    source: Source


class FuelPrice(Fact):
    """The price of a litre from a day on, in sen. `checked_on`: the last day on which it was found to hold still."""

    fuel: Fuel
    effective_from: date
    checked_on: date | None = None
    sen_per_litre: Annotated[Sen, Field(gt=0)]
    source: Source


class Band(Fact):
    """A factor with its range: low, stated default, high, in the unit that its name says."""

    low: Annotated[int, Field(ge=0, le=10**12)]
    central: Annotated[int, Field(ge=0, le=10**12)]
    high: Annotated[int, Field(ge=0, le=10**12)]
    source: Source


class HomeElectricity(Fact):
    """What a day of work at home draws there: a workstation for so many minutes, and the share of air conditioning that
    would not have run otherwise; and the tariff class that homes pay."""

    workstation_watts: Band
    work_minutes: Annotated[int, Field(ge=1, le=1440)]
    cooling_watt_hours: Band
    tariff_class: TariffClass


class TariffPrice(Fact):
    """What a kilowatt hour costs in a tariff class from a day on, in sen, without local tax. `checked_on`: the last day
    on which it was found to hold still."""

    tariff_class: TariffClass
    effective_from: date
    checked_on: date | None = None
    sen_per_kilowatt_hour: Annotated[Sen, Field(gt=0)]
    source: Source


class MealAllowance(Fact):
    """What is paid for meals for a day's presence, by grade, from a day on, in sen. `checked_on`: the last day on which
    it was found to hold still."""

    grade: Grade
    effective_from: date
    checked_on: date | None = None
    sen_per_day: Annotated[Sen, Field(gt=0)]
    source: Source


class Category(StrEnum):
    """What is saved, or spent in return. Never added together."""

    FUEL = "fuel"
    OFFICE_ELECTRICITY = "office_electricity"
    HOME_ELECTRICITY = "home_electricity"
    MEALS = "meals"
    CO2E = "co2e"


class Beneficiary(StrEnum):
    """Whose saving it is: the regional budget's (APBD), the employee's, or society's."""

    REGIONAL_BUDGET = "regional_budget"
    EMPLOYEE = "employee"
    SOCIETY = "society"


class BudgetLineOf(Fact):
    """The account that a category's saving to the regional budget is found in."""

    category: Category
    budget_line: BudgetLine
    source: Source


class TraceGas(Fact):
    """A greenhouse gas that comes with CO2: its milligrams from a litre of fuel, and how many grams of CO2 one gram of
    it equals over a hundred years."""

    milligrams_per_litre: Band
    warming_potential: Annotated[int, Field(ge=1, le=100_000)]
    source: Source


class Carbon(Fact):
    """Greenhouse gas of a litre of fuel (CO2, and the other two where they are stated) and of a kilowatt hour from the
    grid, in grams of CO2 equivalent."""

    grams_per_litre: Band
    methane: TraceGas | None = None
    nitrous_oxide: TraceGas | None = None
    grams_per_kilowatt_hour: Band


class Spread(Fact):
    """What the simulation of a factor set found for one quantity.

    `central` is the value of the stated defaults, which is what figures are computed with; `median` (P50) and `mean`
    show where the draws lie.
    """

    low: int
    central: int
    median: int
    mean: int | None = None
    high: int


class VehicleSpread(Fact):
    """Microlitres saved per spared kilometre, for those who did not state their own consumption."""

    vehicle: Vehicle
    microlitres_per_km: Spread


class Simulation(Fact):
    """How the ranges of a factor set were drawn, once for the whole set, so that anybody can draw them again."""

    seed: int
    draws: Annotated[int, Field(ge=1000, le=1_000_000)]
    low_percentile: Annotated[int, Field(ge=1, le=49)]
    high_percentile: Annotated[int, Field(ge=51, le=99)]
    kept_share_ppm: Spread
    vehicles: tuple[VehicleSpread, ...]


class FactorSetPublished(Event):
    """The factors and prices that savings are computed with, in force from a day until the next set.

    What a set lacks is not counted, and its days say so. `zone_off_ppm` is the part of an empty zone's load that is
    really switched off; `electricity_tax_ppm` the local tax on electricity (PBJT) that households pay on top of the
    tariff, `office_electricity_tax_ppm` that of offices, which government bodies do not pay (UU 1/2022 Ps. 52(2)).
    `electric_watt_hours_per_km` is what an electric vehicle is charged with. A price is old when it was neither set
    nor checked for `price_days_max` days. `corrects` names the set of the same day that this one takes the place of.
    """

    keyed_by = about = "factor_set_id"

    factor_set_id: Identifier
    corrects: Identifier | None = None
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    rebound: Rebound
    fuel_economy: tuple[FuelEconomy, ...]
    default_fuel: Fuel
    prices: Annotated[tuple[FuelPrice, ...], Field(min_length=1)]
    simulation: Simulation
    home_electricity: HomeElectricity | None = None
    zone_off_ppm: Band | None = None
    tariffs: tuple[TariffPrice, ...] = ()
    electricity_tax_ppm: Band | None = None
    office_electricity_tax_ppm: Band | None = None
    electric_watt_hours_per_km: Band | None = None
    meal_allowances: tuple[MealAllowance, ...] = ()
    carbon: Carbon | None = None
    budget_lines: tuple[BudgetLineOf, ...] = ()
    price_days_max: PriceDays = PRICE_DAYS_MAX


EVENTS: tuple[type[Event], ...] = (FactorSetPublished,)
PUBLISHER = Publisher("savings", EVENTS)
