"""The uncertain factors of a set, drawn together. Pure."""

import random
from collections.abc import Sequence
from fractions import Fraction
from math import fsum

from services.savings.ledger.model import MILLION
from shared.contracts.savings import FuelEconomy, Rebound, Simulation, Spread, VehicleSpread

DEFAULT_DRAWS = 20_000


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
