"""A bar with its range, in figures and as it is drawn."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Range:
    """A figure for people to read: its stated default, and between what it lies."""

    low: Decimal
    central: Decimal
    high: Decimal

    @property
    def is_nothing(self) -> bool:
        return self.low == self.central == self.high == 0


@dataclass(frozen=True)
class Bar:
    """Where a bar is drawn, in thousandths of the width: the bar from zero on, and the line of its range."""

    x: int
    width: int
    low: int
    high: int
    zero: int
    is_spent: bool
    grid: tuple[int, ...]
