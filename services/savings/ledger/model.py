"""What the savings ledger holds: amounts with their range, entries, and rows. Pure.

Amounts are exact while they are computed and whole once they are entered.

Bounds of several factors are combined worst with worst, so that a range is never narrower than what its factors say.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from shared.contracts.savings import Band, Beneficiary, Category

MILLION = 1_000_000
UNITS = ("microlitres", "watt_hours", "grams_co2e", "sen")
"""What amounts are counted in. An entry has sen, and the quantity of its category."""

BOUNDS = ("low", "central", "high")
Amounts = Mapping[str, Mapping[str, int]]
"""By unit, each bound of an amount, as they are stored."""

TAGS = (
    "unit_id",
    "factor_set_id",
    "category",
    "beneficiary",
    "tier",
    "budget_line",
    "cashable",
    "scope",
    "range",
)


class Kind(NamedTuple):
    """What totals are kept apart by, besides unit and month: deemed, calibrated and metered figures are never added,
    nor are greenhouse gases of different scopes."""

    factor_set_id: str
    category: Category
    beneficiary: Beneficiary
    tier: int
    scope: int | None = None

    def __str__(self) -> str:
        return "|".join(map(str, self))


KIND = Kind._fields


def within(unit_id: str, of: Kind | str) -> str:
    """The name of what is counted in a unit: a kind of figure, or days of a factor set."""
    return f"{unit_id}|{of}"


def apart(name: str) -> tuple[str, str]:
    """The unit, and what is counted in it, by such a name."""
    unit_id, _, of = name.partition("|")
    return unit_id, of


def of_kind(kind: Kind | str, path: str) -> str:
    """Where a number of one kind lies in what holds those of all kinds."""
    return f"kinds.{kind}.{path}"


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

    def times(self, sign: int) -> "Range":
        """Bound by bound: what is taken back is each of its bounds."""
        return Range(sign * self.low, sign * self.central, sign * self.high)

    def in_order(self) -> "Range":
        """From the least to the most: a bound's own move may be least in `high`."""
        return Range(min(self.low, self.central, self.high), self.central, max(self.low, self.central, self.high))


def certain(amount: Fraction | int) -> Exact:
    """An amount without a range."""
    return Exact(Fraction(amount), Fraction(amount), Fraction(amount))


def ordered(one: Fraction, central: Fraction, other: Fraction) -> Exact:
    """An amount whose ends may come the other way round, as those of a negative one do."""
    return Exact(min(one, other), central, max(one, other))


def of_band(band: Band, per: int = 1) -> Exact:
    """A factor of a set; `per` of its unit make one of what is computed with."""
    return Exact(Fraction(band.low, per), Fraction(band.central, per), Fraction(band.high, per))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What sets entries and totals apart."""

    factor_set_id: str
    category: Category
    beneficiary: Beneficiary
    tier: int
    budget_line: str | None
    cashable: bool
    scope: int | None = None
    range: str

    @property
    def kind(self) -> Kind:
        return Kind(self.factor_set_id, self.category, self.beneficiary, self.tier, self.scope)


@dataclass(frozen=True, kw_only=True)
class Entry(Figure):
    """One category of one day, for one beneficiary, by one factor set: `amounts` by unit (see `UNITS`), and the
    `inputs` that explain them. A unit's entry that is about one person names them. What follows from an entry alone is
    worked out once: days that are worth the same share their entries."""

    unit_id: str
    amounts: Mapping[str, Range]
    inputs: Mapping[str, object]
    warnings: tuple[str, ...] = ()
    employee_id: str | None = None

    @cached_property
    def worth(self) -> tuple[object, ...]:
        """What sets entries apart: those that differ in their inputs alone are the same."""
        return (self.employee_id, *self.tags.values(), self.amounts)

    @cached_property
    def tags(self) -> Mapping[str, object]:
        """What sets it apart from figures of other kinds, by name."""
        return {tag: getattr(self, tag) for tag in TAGS}

    @cached_property
    def numbers(self) -> Amounts:
        """Its amounts as they are stored."""
        return {unit: {bound: getattr(one, bound) for bound in BOUNDS} for unit, one in self.amounts.items()}

    @cached_property
    def adds(self) -> Mapping[str, int]:
        """What a row of it adds to a running total, by the path of the number there."""
        amounts = {f"amounts.{unit}.{bound}": n for unit, of in self.numbers.items() for bound, n in of.items()}
        return {"days": 1, **amounts, **{f"warnings.{name}": 1 for name in self.warnings}}

    @cached_property
    def posted(self) -> Mapping[str, object]:
        """It as the ledger keeps it: without what explains it."""
        return {**self.tags, "amounts": self.numbers, "warnings": list(self.warnings)}

    @cached_property
    def explained(self) -> Mapping[str, object]:
        """It as a day keeps it."""
        whose = {"employee_id": self.employee_id} if self.employee_id else {}
        return {**self.posted, "inputs": dict(self.inputs), **whose}

    @cached_property
    def counted_in(self) -> str:
        """The unit and the kind in which it counts."""
        return within(self.unit_id, self.kind)

    @cached_property
    def adds_of_kind(self) -> Mapping[str, int]:
        """The same, where totals of all kinds lie together."""
        return {of_kind(self.kind, path): n for path, n in self.adds.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Figure):
    """What entries of one kind add up to: a running total of a unit's or an employee's month, or a sum of units'.
    There are no days and amounts where these are withheld; `warnings` are days, by what is warned of."""

    days: int = 0
    amounts: Amounts = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    unit_id: str = ""
    month: str = ""
    employee_id: str = ""

    @property
    def warned(self) -> list[str]:
        """What there is to warn of."""
        return sorted(name for name, days in self.warnings.items() if days)


@dataclass(frozen=True, slots=True)
class KindSum:
    """What figures of one kind come to: `of` says what sets them apart; `people` is how many have any."""

    of: Mapping[str, object] = field(default_factory=dict)
    days: int = 0
    people: int = 0
    amounts: Amounts = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)

    def plus(self, more: "KindSum") -> "KindSum":
        return KindSum(
            self.of or more.of,
            self.days + more.days,
            self.people + more.people,
            plus(self.amounts, more.amounts),
            added(self.warnings, more.warnings),
        )


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Numbers by name, added up."""
    found = Counter(one)
    found.update(other)
    return dict(found)


def times(amounts: Amounts, n: int) -> dict[str, dict[str, int]]:
    """Amounts so many times over, or taken back."""
    return {unit: {bound: n * one for bound, one in of.items()} for unit, of in amounts.items()}


def plus(one: Amounts, other: Amounts) -> dict[str, dict[str, int]]:
    """Amounts added up, unit by unit and bound by bound."""
    nothing = dict.fromkeys(BOUNDS, 0)
    return {
        unit: {bound: one.get(unit, nothing)[bound] + other.get(unit, nothing)[bound] for bound in BOUNDS}
        for unit in {**one, **other}
    }


class DayKey(NamedTuple):
    """Whose day it is, an employee's or a unit's: its id, and its date as `YYYY-MM-DD`."""

    whose: str
    day: str

    def __str__(self) -> str:
        return f"{self.whose}:{self.day}"

    @classmethod
    def of(cls, id_: str) -> "DayKey":
        """Read from an id."""
        whose, _, day = id_.partition(":")
        return cls(whose, day)

    @property
    def month(self) -> str:
        return self.day[:7]

    @property
    def number(self) -> str:
        """Of `2026-09-07`, `07`."""
        return self.day[8:]

    @property
    def month_id(self) -> str:
        """The id of the month of the same person or unit."""
        return f"{self.whose}:{self.month}"


class Posting(NamedTuple):
    """A row of the ledger: an entry that holds from `at` on, or with `sign` -1 its reversal. A row is never edited."""

    number: int
    of: DayKey
    entry: Entry
    sign: int
    at: datetime
    employee_id: str | None


class Told(NamedTuple):
    """An event that a day was folded from."""

    day: str
    type: str
    subject: str
    n: int
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """What one transaction has moved of an employee's month or a unit's day: rows, and the events that led to them. It
    is written once and never edited."""

    id: str
    whose: str
    month: str
    at: datetime
    postings: Sequence[Posting]
    events: Sequence[Told] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What a day counts for in its unit-month: `numbers` of days, by what they are."""

    unit_id: str
    month: str
    numbers: Mapping[str, int]
    factor_set_id: str | None = None
