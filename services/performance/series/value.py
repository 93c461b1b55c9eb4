"""How MKD and office compare, and how sure that is. Pure, in whole numbers.

An interval of 95 % for the difference of two means between 0 and 1, by Agresti and Caffo (The American Statistician 54,
2000): one output attained and one not is added to each side, which keeps it wide where there are few. A mean of shares
varies at most as much as one of yes and no. Outputs count as if they were independent; those of one person are not, so
that the interval is rather too narrow, and what it leaves open is open indeed.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isqrt

WHOLE_PPM = 1_000_000
SQUARE_OF_Z = 38_416
"""Of 1.96, in ten thousandths."""


class Conclusion(StrEnum):
    """Conclusion from an interval: on which side of zero it is, if on one."""

    HIGHER = "higher"
    LOWER = "lower"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of so many shares, which come to `sum_ppm`."""

    sum_ppm: int
    n: int

    @property
    def ppm(self) -> int:
        return round(Fraction(self.sum_ppm, self.n))


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one mean is above another, and between what that lies, in parts per million."""

    ppm: int
    low_ppm: int
    high_ppm: int

    @property
    def verdict(self) -> Conclusion:
        if self.low_ppm > 0:
            return Conclusion.HIGHER
        return Conclusion.LOWER if self.high_ppm < 0 else Conclusion.INCONCLUSIVE


def difference(one: Mean, other: Mean) -> Difference | None:
    """One mean less the other; none where either is of nothing."""
    if not (one.n and other.n):
        return None
    (p, n), (q, m) = ((_shrunk(of), of.n + 2) for of in (one, other))
    spread = p * (WHOLE_PPM - p) * m + q * (WHOLE_PPM - q) * n
    half = isqrt(spread * SQUARE_OF_Z // (n * m * 10_000))
    return Difference(one.ppm - other.ppm, max(-WHOLE_PPM, p - q - half), min(WHOLE_PPM, p - q + half))


def _shrunk(of: Mean) -> int:
    return (of.sum_ppm + WHOLE_PPM) // (of.n + 2)
