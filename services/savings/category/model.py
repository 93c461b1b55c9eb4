"""What a category is worked out from, and what it comes to. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from services.savings.ledger.model import Entry, Exact
from services.savings.presence import DayAway, UnitTerms, Whereabouts
from shared.contracts.organisation import EmployeeTerms
from shared.contracts.savings import Category, FactorSetPublished
from shared.contracts.values import Place


class Lacking(Exception):
    """A figure that the estimate needs and that is not known; its name."""


@dataclass(frozen=True, slots=True)
class EmployeeAway:
    """An employee's day away from the office: the terms that held then, where they worked, and what to compute with."""

    terms: EmployeeTerms
    place: Place
    day: date
    factors: FactorSetPublished

    @property
    def people(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class UnitAway:
    """A unit's day on which somebody was away: its terms, who was where, and what to compute with."""

    unit_id: str
    terms: UnitTerms
    day: date
    where: Whereabouts
    factors: FactorSetPublished

    @property
    def away(self) -> list[DayAway]:
        """The realised days of its people."""
        return self.where.away(self.unit_id, self.day)

    @property
    def people(self) -> int:
        return len(self.away)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: entries; what was lacking, and for how many people; and exact quantities by category, in
    litres or watt hours, for what is made of them."""

    entries: Sequence[Entry] = ()
    lacks: Mapping[str, int] = field(default_factory=dict)
    quantities: Mapping[Category, Exact] = field(default_factory=dict)

    def __add__(self, more: "Measured") -> "Measured":
        lacks = {name: self.lacks.get(name, 0) + more.lacks.get(name, 0) for name in {**self.lacks, **more.lacks}}
        return Measured((*self.entries, *more.entries), lacks, {**self.quantities, **more.quantities})


NOTHING = Measured()
T = TypeVar("T")
About = TypeVar("About", EmployeeAway, UnitAway)


@dataclass(frozen=True, slots=True)
class Variant(Generic[About]):
    """How a category is measured of a day: what the day is, and what was measured of it before, become more. Raises
    `Lacking`."""

    category: Category
    measure: Callable[[About, Measured], Measured]


def found(what: T | None, name: str) -> T:
    """What is known. Raises `Lacking` where it is not."""
    if what is None:
        raise Lacking(name)
    return what
