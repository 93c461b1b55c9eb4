"""Scales and bars. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from services.portal.chart.model import Bar, Range

WIDTH = 1000
STEPS = (1, 2, 5, 10)
LINES_MAX = 6


def bars(ranges: Sequence[Range]) -> list[Bar]:
    """Bars on one scale, from the lowest to the highest end of all ranges and with zero in it."""
    lowest = min((Decimal(0), *(one.low for one in ranges)))
    highest = max((Decimal(0), *(one.high for one in ranges)))
    span = highest - lowest

    def at(figure: Decimal) -> int:
        return int((figure - lowest) * WIDTH / span) if span else 0

    zero = at(Decimal(0))
    grid = tuple(at(line) for line in lines(lowest, highest))
    return [
        Bar(
            x=min(zero, at(one.central)),
            width=max(abs(at(one.central) - zero), 2),
            low=at(one.low),
            high=at(one.high),
            zero=zero,
            is_spent=one.central < 0,
            grid=grid,
        )
        for one in ranges
    ]


def lines(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Round figures between two ends: at most six, a step of 1, 2 or 5 times a power of ten apart."""
    span = highest - lowest
    if not span:
        return []
    power = Decimal(10) ** (span / LINES_MAX).adjusted()
    step = next(power * n for n in STEPS if span / (power * n) <= LINES_MAX)
    first = (lowest / step).to_integral_value(rounding="ROUND_CEILING")
    last = (highest / step).to_integral_value(rounding="ROUND_FLOOR")
    return [step * n for n in range(int(first), int(last) + 1)]
