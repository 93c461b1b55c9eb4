"""What savings answers of factor sets."""

from datetime import date
from decimal import Decimal

from services.portal.person.model import Answered


class Band(Answered):
    """A factor with its range."""

    low: int
    central: int
    high: int
    source: str


class Economy(Answered):
    """Consumption of a kind of vehicle."""

    vehicle: str
    low_km_per_litre: Decimal
    central_km_per_litre: Decimal
    high_km_per_litre: Decimal
    source: str


class Rebound(Answered):
    """What other trips take back."""

    low_ppm: int
    central_ppm: int
    high_ppm: int
    source: str


class Price(Answered):
    """A price from a day on."""

    effective_from: date
    checked_on: date | None
    source: str


class FuelPrice(Price):
    """A price of fuel."""

    fuel: str
    sen_per_litre: int


class TariffPrice(Price):
    """A price of electricity."""

    tariff_class: str
    sen_per_kilowatt_hour: int


class MealAllowance(Price):
    """An allowance for meals."""

    grade: str
    sen_per_day: int


class Home(Answered):
    """Electricity of a day at home."""

    workstation_watts: Band
    work_minutes: int
    cooling_watt_hours: Band
    tariff_class: str


class TraceGas(Answered):
    """A gas beside CO2."""

    milligrams_per_litre: Band
    warming_potential: int
    source: str


class Carbon(Answered):
    """Greenhouse gas of fuel and electricity."""

    grams_per_litre: Band
    methane: TraceGas | None
    nitrous_oxide: TraceGas | None
    grams_per_kilowatt_hour: Band


class BudgetLine(Answered):
    """The account of a category."""

    category: str
    budget_line: str
    source: str


class Simulation(Answered):
    """Draws by which ranges were made."""

    seed: int
    draws: int
    low_percentile: int
    high_percentile: int


class FactorSet(Answered):
    """A factor set, at savings' `GET /v1/factor-sets`."""

    factor_set_id: str
    corrects: str | None
    title: str
    effective_from: date
    rebound: Rebound
    fuel_economy: list[Economy]
    default_fuel: str
    prices: list[FuelPrice]
    simulation: Simulation
    home_electricity: Home | None
    zone_off_ppm: Band | None
    tariffs: list[TariffPrice]
    electricity_tax_ppm: Band | None
    office_electricity_tax_ppm: Band | None
    electric_watt_hours_per_km: Band | None
    meal_allowances: list[MealAllowance]
    carbon: Carbon | None
    budget_lines: list[BudgetLine]
    price_days_max: int

    @property
    def key(self) -> str:
        return self.factor_set_id


class FactorSets(Answered):
    """All factor sets."""

    items: list[FactorSet]
