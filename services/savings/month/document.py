"""How figures look to people: exact for machines, and for readers never more precise than they are. Pure."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from services.savings.ledger import model as ledger
from services.savings.ledger.document import amounts_document, range_document
from services.savings.ledger.model import BOUNDS, UNITS, Range, Total
from shared.contracts.savings import Beneficiary, Category
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema

TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_EVEN)
PER_READ_UNIT = {"microlitres": 1_000_000, "watt_hours": 1000, "grams_co2e": 1000, "sen": 100}
"""How many of the stored unit make one that people read: litres, kilowatt hours, kilograms, rupiah."""


class Amount(Schema):
    """An amount with its range. `central` is the value of the stated default factors, not a median; a negative amount
    is spent, not saved."""

    low: int
    """Low end, exact, in the unit that the field's name says."""

    central: int
    """Stated default, exact, in that unit."""

    high: int
    """High end, exact, in that unit."""

    read_low: str
    """Low end for people, at two significant digits: in litres, kilowatt hours, kilograms or rupiah."""

    read_central: str
    """Stated default for people, at two significant digits, in the same."""

    read_high: str
    """High end for people, at two significant digits, in the same."""


class Tags(Schema):
    """Marks that set figures apart: those that differ in any of these are never added together."""

    category: Category
    """Category of what is saved, or spent in return."""

    beneficiary: Beneficiary
    """Beneficiary of the saving."""

    tier: int
    """Tier of evidence: 1, deemed (activity times factor)."""

    factor_set_id: str
    """Factor set with which it was computed."""

    budget_line: str | None
    """Account (kode rekening) of a saving to the regional budget; null for others."""

    cashable: bool
    """True if it is money that is not paid out."""

    scope: int | None
    """Scope of greenhouse gas (GHG Protocol): 2 for what the office draws, 3 for commutes and work at home; null for
    other categories."""

    range: str
    """Origin of low and high: `p10-p90`, percentiles drawn for the factor set; `worst-with-worst`, the ends of all
    factors together; `none`, prices alone."""


class Amounts(Schema):
    """Money, and the quantity in which the category is counted; the other quantities are null."""

    microlitres: Amount | None = None
    """Fuel in microlitres."""

    watt_hours: Amount | None = None
    """Electricity in watt hours."""

    grams_co2e: Amount | None = None
    """Greenhouse gas in grams of CO2 equivalent."""

    sen: Amount
    """Money in sen, 1/100 rupiah."""


class Figures(Tags):
    """Savings of some days."""

    days: int
    """Days of people; for a unit's electricity and its greenhouse gas, days of the unit."""

    amounts: Amounts
    """Amounts saved."""

    warnings: list[str]
    """Names of what was computed with old prices."""


class Entry(Tags):
    """Savings of a day in one category."""

    amounts: Amounts
    """Amounts saved."""

    inputs: dict[str, Any]
    """Figures that were put into the formula, by name; which there are depends on the category."""

    warnings: list[str]
    """Names of what was computed with old prices."""


Bounds = dict[str, dict[str, int]]
"""By unit, what each bound of an amount is, or by how much it moves."""


def amount(bounds: Mapping[str, int], unit: str) -> Amount:
    """An amount as it is shown."""
    per_unit = PER_READ_UNIT[unit]
    read = {f"read_{bound}": two_digits(Decimal(n) / per_unit) for bound, n in bounds.items()}
    return Amount.model_validate({**bounds, **read})


def amounts(found: ledger.Amounts) -> Amounts:
    """All amounts of an entry or a total."""
    return Amounts.model_validate({unit: amount(of, unit) for unit, of in found.items()})


def moved(found: ledger.Amounts) -> Amounts:
    """A difference as it is shown: from the least to the most by which a bound moves. Each bound's own move, which is
    exact and may be least in `high`, is shown beside it (`by_bound`)."""
    return amounts(ordered(found))


def ordered(found: ledger.Amounts) -> Bounds:
    """The same in numbers."""
    return {unit: range_document(Range(**of).in_order()) for unit, of in found.items()}


def by_bound(found: ledger.Amounts) -> Bounds:
    """By how much each bound moves, exactly: what was before and this are what is after, bound by bound."""
    return {unit: range_document(Range(**of)) for unit, of in found.items()}


def two_digits(exact: Decimal) -> str:
    """Two significant digits, without an exponent."""
    return f"{TWO_DIGITS.plus(exact):f}"


def tags(of: ledger.Entry | Total) -> dict[str, object]:
    """What sets an entry or a total apart."""
    return {name: getattr(of, name) for name in Tags.model_fields}


def figures(total: Total) -> Figures:
    """A running total, as it is shown."""
    said = {"days": total.days, "amounts": amounts(total.amounts), "warnings": total.warned}
    return Figures.model_validate(tags(total) | said)


def entries(of: Iterable[ledger.Entry]) -> list[Entry]:
    """A day's entries as they are shown."""
    return [Entry.model_validate(tags(one) | _explained(one)) for one in of]


def _explained(one: ledger.Entry) -> dict[str, object]:
    said = amounts(amounts_document(one.amounts))
    return {"amounts": said, "inputs": dict(one.inputs), "warnings": list(one.warnings)}


def flat(shown: Amounts | None) -> Document:
    """Amounts as cells of a row; empty ones where there is none or it is withheld."""
    found = {unit: getattr(shown, unit, None) for unit in UNITS}
    return {f"{unit}_{bound}": getattr(of, bound, None) for unit, of in found.items() for bound in BOUNDS}
