"""Fuel: what a spared commute does not burn, tier 1 (deemed: activity times factor). Pure and exact.

Litres = (D_base - D_alt) / occupants / km-per-litre x (1 - rebound), with D the round trip in km; rupiah = litres x the
price of the day. D_alt is the way to another place of work, zero at home, so that a saving may be negative. Who walks
or rides public transport burns no litre that is counted; who drives on electricity charges less instead, of which the
greenhouse gas is counted and not the money: nobody has surveyed where they charge.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import fsum

from services.savings.ranges import MILLION, Exact, certain, of_band, ordered
from shared.contracts.organisation import Commute, Fuel, Vehicle, as_of
from shared.contracts.savings import (
    FactorSetPublished,
    FuelEconomy,
    FuelPrice,
    Rebound,
    Simulation,
    Spread,
    VehicleSpread,
)
from shared.contracts.values import Place, PlaceCategory

DEFAULT_DRAWS = 20_000
TRAVELLED_TO = (PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE)


@dataclass(frozen=True, slots=True)
class FuelSaving:
    """What one day spared, and the figures it was computed from. Without a fuel, none is burnt."""

    litres: Exact
    sen: Exact
    spared_km: Decimal
    occupants: int
    km_per_litre: Decimal | None
    km_per_litre_stated: bool
    fuel: Fuel | None
    sen_per_litre: int


class Lacking(Exception):
    """A figure that the estimate needs and that is not known; its name."""


def fuel_saving(commute: Commute, place: Place, factors: FactorSetPublished, day: date) -> FuelSaving:
    """What a day at `place` instead of the office spares somebody. Raises `Lacking` when no price is known."""
    spared_km = spared(commute, place)
    economy = next((known for known in factors.fuel_economy if known.vehicle is commute.vehicle), None)
    if economy is None:
        return FuelSaving(certain(0), certain(0), spared_km, commute.occupants, None, False, None, 0)
    price = price_of(factors, commute.fuel or factors.default_fuel, day)
    km = Fraction(spared_km) / commute.occupants
    low, central, high = _litres_per_km(commute, economy, factors)
    litres = ordered(km * low, km * central, km * high)
    return FuelSaving(
        litres=litres,
        sen=litres * certain(price.sen_per_litre),
        spared_km=spared_km,
        occupants=commute.occupants,
        km_per_litre=commute.km_per_litre or economy.central_km_per_litre,
        km_per_litre_stated=commute.km_per_litre is not None,
        fuel=price.fuel,
        sen_per_litre=price.sen_per_litre,
    )


def spared(commute: Commute, place: Place) -> Decimal:
    """Kilometres of the usual way less those to the place of work; nobody travels to their own home."""
    there = place.round_trip_km if place.category in TRAVELLED_TO else None
    return commute.round_trip_km - (there or Decimal(0))


def charging_watt_hours(commute: Commute, place: Place, factors: FactorSetPublished) -> Exact:
    """What an electric vehicle is not charged with for it. Raises `Lacking` when that is not known."""
    if commute.vehicle is not Vehicle.ELECTRIC:
        return certain(0)
    if factors.electric_watt_hours_per_km is None:
        raise Lacking("charging")
    km, kept = Fraction(spared(commute, place)) / commute.occupants, factors.simulation.kept_share_ppm
    low, high = (km * Fraction(share, MILLION) for share in (kept.low, kept.high))
    central = km * Fraction(MILLION - factors.rebound.central_ppm, MILLION)
    return ordered(low, central, high) * of_band(factors.electric_watt_hours_per_km)


def _litres_per_km(
    commute: Commute, economy: FuelEconomy, factors: FactorSetPublished
) -> tuple[Fraction, Fraction, Fraction]:
    """Litres kept per spared km: low, central, high. Who stated their consumption is uncertain in the rebound alone."""
    kept_central = Fraction(MILLION - factors.rebound.central_ppm, MILLION)
    if commute.km_per_litre is not None:
        kept, per_litre = factors.simulation.kept_share_ppm, Fraction(commute.km_per_litre)
        return (
            Fraction(kept.low, MILLION) / per_litre,
            kept_central / per_litre,
            Fraction(kept.high, MILLION) / per_litre,
        )
    drawn = next(one.microlitres_per_km for one in factors.simulation.vehicles if one.vehicle is commute.vehicle)
    central = kept_central / Fraction(economy.central_km_per_litre)
    return Fraction(drawn.low, MILLION), central, Fraction(drawn.high, MILLION)


def price_of(factors: FactorSetPublished, fuel: Fuel, day: date) -> FuelPrice:
    """The price in force on a day. Raises `Lacking`."""
    price = as_of([known for known in factors.prices if known.fuel is fuel], day)
    if price is None:
        raise Lacking("price")
    return price


def simulate(
    rebound: Rebound, economies: Sequence[FuelEconomy], *, seed: int, draws: int, low: int, high: int
) -> Simulation:
    """Draw the uncertain factors together, `draws` times, from triangular distributions; `low` and `high` are the
    percentiles reported. Done once for a factor set, so that all its entries share one draw and their bounds add up."""
    chance = random.Random(seed)
    kept: list[float] = []
    per_km: dict[str, list[float]] = {economy.vehicle: [] for economy in economies}
    for _ in range(draws):
        share = 1 - chance.triangular(rebound.low_ppm, rebound.high_ppm, rebound.central_ppm) / MILLION
        kept.append(share)
        for economy in economies:
            ends = (float(economy.low_km_per_litre), float(economy.high_km_per_litre))
            per_km[economy.vehicle].append(share / chance.triangular(*ends, float(economy.central_km_per_litre)))
    central = Fraction(MILLION - rebound.central_ppm, MILLION)
    return Simulation(
        seed=seed,
        draws=draws,
        low_percentile=low,
        high_percentile=high,
        kept_share_ppm=_spread(kept, central, low, high),
        vehicles=tuple(
            VehicleSpread(
                vehicle=economy.vehicle,
                microlitres_per_km=_spread(
                    per_km[economy.vehicle], central / Fraction(economy.central_km_per_litre), low, high
                ),
            )
            for economy in economies
        ),
    )


def _spread(drawn: list[float], central: Fraction, low: int, high: int) -> Spread:
    """Millionths. A bound never lies inside the stated default."""
    ordered = sorted(drawn)

    def at(percentile: int) -> int:
        return round(ordered[round((len(ordered) - 1) * percentile / 100)] * MILLION)

    middle, mean = round(central * MILLION), round(fsum(drawn) / len(drawn) * MILLION)
    return Spread(low=min(at(low), middle), central=middle, median=at(50), mean=mean, high=max(at(high), middle))
