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
    """Consumption of a kind of vehicle, for riders who did not state theirs."""

    vehicle: Vehicle
    """The kind of vehicle."""

    low_km_per_litre: KilometresPerLitre
    """Low end, in kilometres per litre."""

    central_km_per_litre: KilometresPerLitre
    """Stated default, in kilometres per litre."""

    high_km_per_litre: KilometresPerLitre
    """High end, in kilometres per litre."""

    source: Source
    """Source of the values."""


class Rebound(Fact):
    """The share of the spared commute that other trips take back."""

    low_ppm: PartsPerMillion
    """Low end, in parts per million."""

    central_ppm: PartsPerMillion
    """Stated default, in parts per million."""

    high_ppm: PartsPerMillion
    """High end, in parts per million."""

    source: Source
    """Source of the values."""


class FuelPrice(Fact):
    """The price of a litre of fuel from a day on."""

    fuel: Fuel
    """The fuel."""

    effective_from: date
    """First day of the price."""

    checked_on: date | None = None
    """Last day on which it was found to hold still; null if it was never checked."""

    sen_per_litre: Annotated[Sen, Field(gt=0)]
    """Price of a litre in sen."""

    source: Source
    """Source of the price."""


class Band(Fact):
    """A factor with its range, in the unit that the field's name says."""

    low: Annotated[int, Field(ge=0, le=10**12)]
    """Low end."""

    central: Annotated[int, Field(ge=0, le=10**12)]
    """Stated default."""

    high: Annotated[int, Field(ge=0, le=10**12)]
    """High end."""

    source: Source
    """Source of the values."""


class HomeElectricity(Fact):
    """Electricity drawn by a day of work at home."""

    workstation_watts: Band
    """Power of a workstation, in watts."""

    work_minutes: Annotated[int, Field(ge=1, le=1440)]
    """Minutes that the workstation runs on a day."""

    cooling_watt_hours: Band
    """Air conditioning that would not have run otherwise, in watt hours a day."""

    tariff_class: TariffClass
    """Tariff class that homes pay."""


class TariffPrice(Fact):
    """The price of a kilowatt hour in a tariff class from a day on, without local tax."""

    tariff_class: TariffClass
    """Tariff class of the electricity company, such as `P-1/TR`."""

    effective_from: date
    """First day of the price."""

    checked_on: date | None = None
    """Last day on which it was found to hold still; null if it was never checked."""

    sen_per_kilowatt_hour: Annotated[Sen, Field(gt=0)]
    """Price of a kilowatt hour in sen."""

    source: Source
    """Source of the price."""


class MealAllowance(Fact):
    """Allowance for meals on a day of attendance, by grade, from a day on."""

    grade: Grade
    """Group of pay grades."""

    effective_from: date
    """First day of the allowance."""

    checked_on: date | None = None
    """Last day on which it was found to hold still; null if it was never checked."""

    sen_per_day: Annotated[Sen, Field(gt=0)]
    """Allowance of a day in sen."""

    source: Source
    """Source of the allowance."""


class Category(StrEnum):
    """Category of what is saved, or spent in return. Categories are never added together."""

    FUEL = "fuel"
    OFFICE_ELECTRICITY = "office_electricity"
    HOME_ELECTRICITY = "home_electricity"
    MEALS = "meals"
    CO2E = "co2e"


class Beneficiary(StrEnum):
    """Beneficiary of a saving: the regional budget (APBD), the employee, or society."""

    REGIONAL_BUDGET = "regional_budget"
    EMPLOYEE = "employee"
    SOCIETY = "society"


class BudgetLineOf(Fact):
    """The account of the regional budget in which a category's saving is found."""

    category: Category
    """The category."""

    budget_line: BudgetLine
    """The account (kode rekening), such as `5.1.02.02.01.0061`."""

    source: Source
    """Source of the account."""


class TraceGas(Fact):
    """A greenhouse gas that is emitted with CO2."""

    milligrams_per_litre: Band
    """Milligrams from a litre of fuel."""

    warming_potential: Annotated[int, Field(ge=1, le=100_000)]
    """Grams of CO2 that equal one gram of it over a hundred years."""

    source: Source
    """Source of the values."""


class Carbon(Fact):
    """Greenhouse gas of fuel and electricity."""

    grams_per_litre: Band
    """Grams of CO2 from a litre of fuel."""

    methane: TraceGas | None = None
    """Methane from fuel; null if it is not counted."""

    nitrous_oxide: TraceGas | None = None
    """Nitrous oxide from fuel; null if it is not counted."""

    grams_per_kilowatt_hour: Band
    """Grams of CO2 equivalent of a kilowatt hour from the grid."""


class Spread(Fact):
    """Result of a factor set's simulation for one quantity."""

    low: int
    """The low percentile."""

    central: int
    """Value of the stated defaults, with which figures are computed; not a median."""

    median: int
    """Median of the draws (P50)."""

    mean: int | None = None
    """Mean of the draws; null in sets of before it was stated."""

    high: int
    """The high percentile."""


class VehicleSpread(Fact):
    """Fuel saved per spared kilometre, for those who did not state their own consumption."""

    vehicle: Vehicle
    """The kind of vehicle."""

    microlitres_per_km: Spread
    """Microlitres per kilometre."""


class Simulation(Fact):
    """Draws by which the ranges of a factor set were made, once for the whole set; anybody can repeat them."""

    seed: int
    """Seed of the random numbers."""

    draws: Annotated[int, Field(ge=1000, le=1_000_000)]
    """Number of draws."""

    low_percentile: Annotated[int, Field(ge=1, le=49)]
    """Percentile that is taken as the low end."""

    high_percentile: Annotated[int, Field(ge=51, le=99)]
    """Percentile that is taken as the high end."""

    kept_share_ppm: Spread
    """Share of the spared commute that other trips do not take back, in parts per million."""

    vehicles: tuple[VehicleSpread, ...]
    """Fuel saved by each kind of vehicle."""


class FactorSetPublished(Event):
    """The factors and prices with which savings are computed, in force from a day until the next set.

    What a set lacks is not counted, and the days concerned say so.
    """

    keyed_by = about = "factor_set_id"

    factor_set_id: Identifier
    """Id of the set, chosen by its publisher."""

    corrects: Identifier | None = None
    """Set of the same day whose place this one takes, if any."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Title of the set."""

    effective_from: date
    """First day on which it is in force."""

    rebound: Rebound
    """Share of the spared commute that other trips take back."""

    fuel_economy: tuple[FuelEconomy, ...]
    """Default consumption of each kind of vehicle."""

    default_fuel: Fuel
    """Fuel of those who did not state theirs."""

    prices: Annotated[tuple[FuelPrice, ...], Field(min_length=1)]
    """Prices of fuels, each from a day on."""

    simulation: Simulation
    """Draws from which the ranges were made."""

    home_electricity: HomeElectricity | None = None
    """Electricity drawn by a day of work at home; null if it is not counted."""

    zone_off_ppm: Band | None = None
    """Part of an empty zone's load that is really switched off, in parts per million; null if it is not counted."""

    tariffs: tuple[TariffPrice, ...] = ()
    """Prices of electricity, each from a day on."""

    electricity_tax_ppm: Band | None = None
    """Local tax (PBJT) that households pay on top of the tariff, in parts per million; null for none."""

    office_electricity_tax_ppm: Band | None = None
    """Local tax on the electricity of offices, in parts per million; null for none, as for government bodies (UU 1/2022
    Ps. 52(2))."""

    electric_watt_hours_per_km: Band | None = None
    """Charging of an electric vehicle, in watt hours per kilometre; null if it is not counted."""

    meal_allowances: tuple[MealAllowance, ...] = ()
    """Meal allowances by grade, each from a day on."""

    carbon: Carbon | None = None
    """Greenhouse gas of fuel and electricity; null if it is not counted."""

    budget_lines: tuple[BudgetLineOf, ...] = ()
    """Accounts of the regional budget, by category."""

    price_days_max: PriceDays = PRICE_DAYS_MAX
    """Age in days, since it was set or last checked, from which a price is old."""


EVENTS: tuple[type[Event], ...] = (FactorSetPublished,)
PUBLISHER = Publisher("savings", EVENTS)
