"""What a category is, what it is worked out from, and what it comes to. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from services.savings.ledger.model import Entry, Exact, Kind
from services.savings.presence import DayAway, UnitTerms, Whereabouts
from shared.contracts.organisation import Commute
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.contracts.values import Place
from shared.people.disclosure import ONLY_CHANGES

TIER = 1
IN_ZONE = f"{ONLY_CHANGES}zone"
"""The number that holds of everybody who belongs in a unit's zones what decides whether these are closed."""


def away_by(factor_set_id: str) -> str:
    """The number that holds who was away on days of a factor set."""
    return f"away|{factor_set_id}"


class MissingInput(Exception):
    """A figure that the estimate needs and that is not known; its name."""


def worst_with_worst(_: FactorSetPublished) -> str:
    """The ends of all factors, combined."""
    return "worst-with-worst"


def own_number(kind: Kind, _: Collection[Kind]) -> tuple[str, ...]:
    """A figure that tells of those who have any of its kind."""
    return (str(kind),)


def office_numbers(kind: Kind, _: Collection[Kind] = ()) -> tuple[str, ...]:
    """A figure that tells of everybody who was away, and moves with whoever else belongs in the zone."""
    return away_by(kind.factor_set_id), IN_ZONE


@dataclass(frozen=True, slots=True)
class Definition:
    """What is decided of a category once: its formula, how its range is made (percentiles of what was drawn for the
    set, ends combined, or none), whether its budget's money is cashable, and whom its figures tell of.

    `tells` names the numbers of a unit's month that a figure gives away, by itself or with others, where people have
    figures of some kinds there. `about_all_away`: where nobody has any of their own, it is everybody's who was away.
    `budget_factor` is the field of a factor set by which it counts for the regional budget.
    """

    category: Category
    formula: str
    range_by: Callable[[FactorSetPublished], str] = worst_with_worst
    cashable: bool = False
    tells: Callable[[Kind, Collection[Kind]], tuple[str, ...]] = own_number
    about_all_away: bool = False
    budget_factor: str | None = None

    def entry(
        self,
        beneficiary: Beneficiary,
        factors: FactorSetPublished,
        unit_id: str,
        amounts: Mapping[str, Exact],
        inputs: Mapping[str, object],
        *,
        scope: int | None = None,
        warnings: Iterable[str] = (),
        employee_id: str | None = None,
    ) -> Entry:
        """What a day is worth for one beneficiary, by one factor set. `amounts` by unit (see `UNITS`), exact; each is
        rounded here, once. `inputs` is what explains them.

        A deemed saving is no money that is not paid out, unless its category is cashable and the set names the budget
        line in which it is left.
        """
        budget = beneficiary is Beneficiary.REGIONAL_BUDGET
        line = next((known.budget_line for known in factors.budget_lines if known.category is self.category), None)
        return Entry(
            unit_id=unit_id,
            factor_set_id=factors.factor_set_id,
            category=self.category,
            beneficiary=beneficiary,
            tier=TIER,
            budget_line=line if budget else None,
            cashable=budget and self.cashable and line is not None,
            scope=scope,
            range=self.range_by(factors),
            amounts={unit: exact.rounded() for unit, exact in amounts.items()},
            inputs=inputs,
            warnings=tuple(warnings),
            employee_id=employee_id,
        )


@dataclass(frozen=True, slots=True)
class EmployeeAway:
    """An employee's day away from the office: in which unit, what way was spared, where they worked, and what to
    compute with."""

    unit_id: str
    commute: Commute | None
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
    `MissingInput`."""

    of: Definition
    measure: Callable[[About, Measured], Measured]


def found(what: T | None, name: str) -> T:
    """What is known. Raises `MissingInput` where it is not."""
    if what is None:
        raise MissingInput(name)
    return what
