"""Events published by `services/savings`."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.organisation import Fuel, Vehicle
from shared.contracts.values import Identifier, KilometresPerLitre, Sen

Source = Annotated[str, StringConstraints(min_length=1, max_length=300)]
PartsPerMillion = Annotated[int, Field(ge=0, le=1_000_000)]


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
    """The price of a litre from a day on, in sen."""

    fuel: Fuel
    effective_from: date
    sen_per_litre: Annotated[Sen, Field(gt=0)]
    source: Source


class Spread(Fact):
    """What the simulation of a factor set found for one quantity.

    `central` is the value of the stated defaults, not the median of the draws: `median` shows where that lies.
    """

    low: int
    central: int
    median: int
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
    """The factors and prices that savings are computed with, in force from a day until the next set."""

    keyed_by = about = "factor_set_id"

    factor_set_id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    rebound: Rebound
    fuel_economy: tuple[FuelEconomy, ...]
    default_fuel: Fuel
    prices: Annotated[tuple[FuelPrice, ...], Field(min_length=1)]
    simulation: Simulation


EVENTS: tuple[type[Event], ...] = (FactorSetPublished,)
PUBLISHER = Publisher("savings", EVENTS)
