"""Amounts with their range: exact while they are computed, whole once they are entered. Pure.

Bounds of several factors are combined worst with worst, so that a range is never narrower than what its factors say.
"""

from dataclasses import dataclass
from fractions import Fraction

from shared.contracts.savings import Band

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Exact:
    """Low, stated default and high of an amount, in the unit that its name says."""

    low: Fraction
    central: Fraction
    high: Fraction

    def __mul__(self, other: "Exact") -> "Exact":
        products = [mine * its for mine in (self.low, self.high) for its in (other.low, other.high)]
        return Exact(min(products), self.central * other.central, max(products))

    def __add__(self, other: "Exact") -> "Exact":
        return Exact(self.low + other.low, self.central + other.central, self.high + other.high)

    def __neg__(self) -> "Exact":
        """What is spent instead of saved: low stays the lowest."""
        return Exact(-self.high, -self.central, -self.low)

    def rounded(self) -> "Range":
        """Once, half to even."""
        return Range(round(self.low), round(self.central), round(self.high))


@dataclass(frozen=True, slots=True)
class Range:
    """The same in whole units: microlitres, watt hours, grams or sen."""

    low: int
    central: int
    high: int


def certain(amount: Fraction | int) -> Exact:
    """An amount without a range."""
    return Exact(Fraction(amount), Fraction(amount), Fraction(amount))


def ordered(one: Fraction, central: Fraction, other: Fraction) -> Exact:
    """An amount whose ends may come the other way round, as those of a negative one do."""
    return Exact(min(one, other), central, max(one, other))


def of_band(band: Band, per: int = 1) -> Exact:
    """A factor of a set; `per` of its unit make one of what is computed with."""
    return Exact(Fraction(band.low, per), Fraction(band.central, per), Fraction(band.high, per))
