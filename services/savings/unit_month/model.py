"""What is counted of a unit's month. Pure.

It is kept in parts, one for each who adds to it at once, which are added up when they are read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.savings.ledger.model import KindSum, added


@dataclass(frozen=True, slots=True)
class Days:
    """How many days of people were agreed and realised, and what they lack."""

    days_agreed: int = 0
    days_realised: int = 0
    lacks: Mapping[str, int] = field(default_factory=dict)

    def plus(self, more: "Days") -> "Days":
        agreed, realised = self.days_agreed + more.days_agreed, self.days_realised + more.days_realised
        return Days(agreed, realised, added(self.lacks, more.lacks))


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """All that is counted of a unit's month, or a part of it: by kind of figure; days of people; how many people were
    away on days of each factor set, and in all."""

    unit_id: str
    month: str
    kinds: Mapping[str, KindSum] = field(default_factory=dict)
    counted: Days | None = None
    away: Mapping[str, int] = field(default_factory=dict)
    realised: int = 0

    def plus(self, more: "UnitMonth") -> "UnitMonth":
        """With another part of the same."""
        kinds = {name: self.kinds.get(name, NO_KIND).plus(more.kinds.get(name, NO_KIND)) for name in _names(self, more)}
        counted = self.counted.plus(more.counted) if self.counted and more.counted else self.counted or more.counted
        away, realised = added(self.away, more.away), self.realised + more.realised
        return UnitMonth(self.unit_id, self.month, kinds, counted, away, realised)


NO_KIND = KindSum()


def _names(*parts: UnitMonth) -> Iterable[str]:
    return sorted({name for part in parts for name in part.kinds})


def together(parts: Iterable[UnitMonth]) -> list[UnitMonth]:
    """Units' months, by unit and month, of the parts in which they are kept."""
    found: dict[tuple[str, str], UnitMonth] = {}
    for part in parts:
        of = part.unit_id, part.month
        found[of] = found[of].plus(part) if of in found else part
    return [found[of] for of in sorted(found)]
