"""What of the read models a month's publication is made of. Pure.

Whom a number is about, and how, is hashed of whole documents as they are stored: nothing in them changes unnoticed, and
a hash that moved by itself would pass for a change of somebody's. So each value carries what it was read from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from pydantic import Field, TypeAdapter

from services.savings.ledger.document import Whole
from services.savings.ledger.model import Amounts, Counted, Kind
from services.savings.presence import Seat, Stay
from shared.contracts.organisation import as_of
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base.clock import last_day

Stored = Mapping[str, object]


Id = Annotated[str, Field(alias="_id")]


@dataclass(frozen=True, slots=True)
class Total:
    """What a unit, or one of its people, saved in a month, of one kind."""

    unit_id: str
    factor_set_id: str
    category: Category
    beneficiary: Beneficiary
    tier: int
    stored: Stored
    scope: int | None = None
    employee_id: str = ""

    @property
    def kind(self) -> Kind:
        return Kind(self.factor_set_id, self.category, self.beneficiary, self.tier, self.scope)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a unit, a building, a person or an absence stands from a day on; where it applies, in which unit and seat."""

    effective_from: date
    stored: Stored
    unit_id: str = ""
    seat: Seat | None = None

    def since(self, day: date) -> "Terms":
        """The same from another day on."""
        return replace(self, effective_from=day, stored={**self.stored, "effective_from": day.isoformat()})


@dataclass(frozen=True, slots=True)
class Entity:
    """Anything of the reference data; an absence says whose it is."""

    id: Id
    history: tuple[Annotated[Terms, Whole], ...]
    employee_id: str = ""

    def during(self, month: str) -> list[Terms]:
        """The terms in force at some time of a month (YYYY-MM)."""
        last = last_day(month)
        first = last.replace(day=1)
        begun = as_of(self.history, first)
        later = [terms for terms in self.history if first < terms.effective_from <= last]
        return [*([begun.since(first)] if begun else []), *later]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that counts for something in its month, and where its employee was away."""

    id: Id
    employee_id: str
    day: str
    counted: Counted
    position: Stay | None = None


@dataclass(frozen=True, slots=True)
class Summed:
    """What of a total is added up over units."""

    days: int
    amounts: Amounts
    warnings: Mapping[str, int] = field(default_factory=dict)


TOTALS = TypeAdapter(Sequence[Annotated[Total, Whole]])
ENTITIES = TypeAdapter(Sequence[Entity])
DAYS = TypeAdapter(Sequence[Day])
SUMMED = TypeAdapter(Sequence[Summed])
