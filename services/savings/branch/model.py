"""Units as they hang together, and what is told of one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import TypeAdapter

from services.savings.ledger.model import Amounts, Kind, Total, added, plus


@dataclass(frozen=True, slots=True)
class Terms:
    """What a unit is called from a day on, and of which one it is a part."""

    effective_from: date
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    history: tuple[Terms, ...]


UNITS = TypeAdapter(Mapping[str, Unit])


@dataclass(frozen=True, slots=True)
class Told:
    """A unit's figure of one kind, as a reader may read it: withheld, or with what it comes to."""

    total: Total
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """What the units of a branch come to in one kind: those whose figure is shown are added up, others are counted."""

    of: Total
    """What sets it apart, as the first of the figures has it."""
    days: int = 0
    amounts: Amounts = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    units: int = 0
    withheld: int = 0

    def plus(self, told: Told) -> "Sum":
        """With one figure more."""
        if told.withheld:
            return replace(self, withheld=self.withheld + 1)
        more = told.total
        return replace(
            self,
            days=self.days + more.days,
            amounts=plus(self.amounts, more.amounts),
            warnings=added(self.warnings, more.warnings),
            units=self.units + 1,
        )

    @property
    def total(self) -> Total:
        """What is shown, as a total."""
        return replace(self.of, days=self.days, amounts=self.amounts, warnings=self.warnings)


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the parts of a unit: its units' figures by kind, and whether it has parts of its own. The unit itself is
    one of its parts, as far as it has figures that belong to none of them."""

    unit_id: str
    name: str
    has_parts: bool
    sums: Mapping[Kind, Sum]
