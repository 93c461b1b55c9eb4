"""What savings itself decides: the factor sets that it computes with. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.savings.estimate import DEFAULT_DRAWS, simulate
from services.savings.projection import show_factor_set
from shared.contracts.organisation import Fuel
from shared.contracts.savings import (
    PUBLISHER,
    Band,
    BudgetLineOf,
    Carbon,
    FactorSetPublished,
    FuelEconomy,
    FuelPrice,
    HomeElectricity,
    MealAllowance,
    Rebound,
    TariffPrice,
)
from shared.contracts.values import Identifier
from shared.kit.decider import Decider, Refused, Violation, wrong_state


class PublishFactorSet(BaseModel):
    """Factors and prices in force from a day on, and how their ranges are to be drawn. What is left out is not
    counted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    factor_set_id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    rebound: Rebound
    fuel_economy: Annotated[tuple[FuelEconomy, ...], Field(max_length=5)]
    default_fuel: Fuel
    prices: Annotated[tuple[FuelPrice, ...], Field(min_length=1, max_length=1000)]
    home_electricity: HomeElectricity | None = None
    zone_off_ppm: Band | None = None
    tariffs: Annotated[tuple[TariffPrice, ...], Field(max_length=1000)] = ()
    electricity_tax_ppm: Band | None = None
    meal_allowances: Annotated[tuple[MealAllowance, ...], Field(max_length=100)] = ()
    carbon: Carbon | None = None
    budget_lines: Annotated[tuple[BudgetLineOf, ...], Field(max_length=10)] = ()
    seed: Annotated[int, Field(ge=0, le=2**31)]
    draws: Annotated[int, Field(ge=1000, le=100_000)] = DEFAULT_DRAWS
    low_percentile: Annotated[int, Field(ge=1, le=49)] = 10
    high_percentile: Annotated[int, Field(ge=51, le=99)] = 90


DRAWN = ("seed", "draws", "low_percentile", "high_percentile")
"""How the simulation is to be drawn; the rest is published as it is."""


def evolve(_: FactorSetPublished | None, event: FactorSetPublished) -> FactorSetPublished:
    return event


def decide(command: PublishFactorSet, known: FactorSetPublished | None) -> list[FactorSetPublished]:
    """A factor set is published once; other factors are another set."""
    if wrong := list(_faults(command)):
        raise Refused(*wrong)
    simulation = simulate(
        command.rebound,
        command.fuel_economy,
        seed=command.seed,
        draws=command.draws,
        low=command.low_percentile,
        high=command.high_percentile,
    )
    said = {name: getattr(command, name) for name in PublishFactorSet.model_fields if name not in DRAWN}
    published = FactorSetPublished(**said, simulation=simulation)
    if known and known != published:
        raise wrong_state("factor-set-published", factor_set_id=known.factor_set_id)
    return [] if known else [published]


def _faults(command: PublishFactorSet) -> Iterator[Violation]:
    rebound = command.rebound
    if not rebound.low_ppm <= rebound.central_ppm <= rebound.high_ppm:
        yield Violation("range-order", "/rebound")
    for number, economy in enumerate(command.fuel_economy):
        if not economy.low_km_per_litre <= economy.central_km_per_litre <= economy.high_km_per_litre:
            yield Violation("range-order", f"/fuel_economy/{number}")
    for pointer, band in _bands(command):
        if band and not band.low <= band.central <= band.high:
            yield Violation("range-order", pointer)
    if len({economy.vehicle for economy in command.fuel_economy}) < len(command.fuel_economy):
        yield Violation("vehicle-twice", "/fuel_economy")
    if len({line.category for line in command.budget_lines}) < len(command.budget_lines):
        yield Violation("budget-line-twice", "/budget_lines")


def _bands(command: PublishFactorSet) -> Iterator[tuple[str, Band | None]]:
    yield "/zone_off_ppm", command.zone_off_ppm
    yield "/electricity_tax_ppm", command.electricity_tax_ppm
    if home := command.home_electricity:
        yield "/home_electricity/workstation_watts", home.workstation_watts
        yield "/home_electricity/cooling_watt_hours", home.cooling_watt_hours
    if carbon := command.carbon:
        yield "/carbon/grams_per_litre", carbon.grams_per_litre
        yield "/carbon/grams_per_kilowatt_hour", carbon.grams_per_kilowatt_hour


factor_sets: Decider[PublishFactorSet, FactorSetPublished] = Decider(
    "factor_sets", PUBLISHER, evolve, decide, show_factor_set
)
