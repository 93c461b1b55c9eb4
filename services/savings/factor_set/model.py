"""The factor sets that there are, and which of them holds on a day. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.savings.category.variants.tariffs import Priced
from shared.contracts.savings import FactorSetPublished
from shared.kit.base.versions import standing


@dataclass(frozen=True, eq=False)
class FactorSets:
    """The factor sets that there are, those that are corrected included. What follows from them alone is worked out
    once, since the same sets are asked about every day."""

    known: Sequence[FactorSetPublished]

    def __len__(self) -> int:
        return len(self.known)

    def in_force(self, day: date) -> FactorSetPublished | None:
        """The set that holds on a day."""
        begun = bisect_right(self._standing, day, key=lambda one: one.effective_from)
        return self._standing[begun - 1] if begun else None

    def turn(self, factors: FactorSetPublished, day: date) -> date:
        """The first day since which all that a set says of a day has been the same as on that one: since then no price
        has begun, and none has become old."""
        turns = self._turns[factors.factor_set_id]
        begun = bisect_right(turns, day.toordinal())
        return date.fromordinal(turns[begun - 1]) if begun else date.min

    @cached_property
    def _standing(self) -> Sequence[FactorSetPublished]:
        return standing(self.known)

    @cached_property
    def _turns(self) -> dict[str, list[int]]:
        return {factors.factor_set_id: _turns(factors) for factors in self._standing}


def _turns(factors: FactorSetPublished) -> list[int]:
    """By number, for a price may become old after the last day that has a date."""
    turns: set[int] = set()
    priced: tuple[Priced, ...] = (*factors.prices, *factors.tariffs, *factors.meal_allowances)
    for price in priced:
        held_on = max(price.effective_from, price.checked_on or price.effective_from)
        turns |= {price.effective_from.toordinal(), held_on.toordinal() + factors.price_days_max + 1}
    return sorted(turns)
