"""The simulation of a factor set drawn again, as it is published how: so that ranges come from nobody's answer."""

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from demo.factors import MILLION, Factors


@dataclass(frozen=True)
class Bounds:
    """What a factor set draws, in millionths: the share of the way that stays spared, and litres for each km of it by
    vehicle; each as low, stated default, median and high."""

    kept_ppm: tuple[int, int, int, int]
    microlitres_per_km: dict[str, tuple[int, int, int, int]]

    def unlike(self, published: dict[str, Any]) -> list[str]:
        """Names what a set was published with and does not come of drawing it."""
        told = published["simulation"]
        vehicles = {one["vehicle"]: _spread(one["microlitres_per_km"]) for one in told["vehicles"]}
        said = {"kept share": _spread(told["kept_share_ppm"]), **vehicles}
        drawn = {"kept share": self.kept_ppm, **self.microlitres_per_km}
        return [
            f"{name}: drawn {drawn.get(name)}, published {said.get(name)}"
            for name in sorted({*said, *drawn})
            if said.get(name) != drawn.get(name)
        ]


def _spread(told: dict[str, int]) -> tuple[int, int, int, int]:
    return told["low"], told["central"], told["median"], told["high"]


def draw(factors: Factors) -> Bounds:
    """Rebound and consumption are drawn together, in this order, from triangular distributions."""
    chance = random.Random(factors.seed)
    low, mode, high = (float(share * MILLION) for share in factors.rebound)
    kept: list[float] = []
    per_km: dict[str, list[float]] = {vehicle: [] for vehicle in factors.km_per_litre}
    for _ in range(factors.draws):
        kept.append(1 - chance.triangular(low, high, mode) / MILLION)
        for vehicle, (least, usual, most) in factors.km_per_litre.items():
            per_km[vehicle].append(kept[-1] / chance.triangular(float(least), float(most), float(usual)))
    stated = 1 - factors.rebound[1]
    return Bounds(
        _found(kept, stated, factors),
        {
            vehicle: _found(drawn, stated / factors.km_per_litre[vehicle][1], factors)
            for vehicle, drawn in per_km.items()
        },
    )


def _found(drawn: list[float], stated: Fraction, factors: Factors) -> tuple[int, int, int, int]:
    """The percentiles by the nearest rank; neither bound lies inside the stated default."""
    ranked = sorted(drawn)
    low, median, high = (
        round(ranked[round((len(ranked) - 1) * percentile / 100)] * MILLION)
        for percentile in (factors.percentiles[0], 50, factors.percentiles[1])
    )
    central = round(stated * MILLION)
    return min(low, central), central, median, max(high, central)
