"""How figures look to people: exact for machines, and for readers never more precise than they are. Pure."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from pydantic import BaseModel

from shared.kit.decider import Document

TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_EVEN)


class Amount(BaseModel):
    """An amount with its range. `low`, `central` and `high` are exact in the named unit; the texts are for reading, at
    two significant digits (tier 1). Central is the value of the stated default factors, not a median."""

    low: int
    central: int
    high: int
    read_low: str
    read_central: str
    read_high: str


class Figures(BaseModel):
    """What some days saved. Tiers are never added together."""

    category: str
    beneficiary: str
    tier: int
    factor_set_id: str
    days: int
    microlitres: Amount
    sen: Amount


def amount(found: Document, per_unit: int) -> Amount:
    """`per_unit` is how many of the stored unit make one that people read (litres, rupiah)."""
    bounds = {bound: int(found[bound]) for bound in ("low", "central", "high")}
    return Amount(**bounds, **{f"read_{bound}": two_digits(Decimal(n) / per_unit) for bound, n in bounds.items()})


def two_digits(exact: Decimal) -> str:
    """Two significant digits, without an exponent."""
    return f"{TWO_DIGITS.plus(exact):f}"


def figures(total: Document) -> Figures:
    """A running total, as it is shown."""
    tags: dict[str, Any] = {name: total[name] for name in ("category", "beneficiary", "tier", "factor_set_id", "days")}
    return Figures(**tags, microlitres=amount(total["microlitres"], 1_000_000), sen=amount(total["sen"], 100))


def flat(shown: Figures | None) -> Document:
    """The same, as cells of a row; empty ones where figures are withheld."""
    tags = ("category", "beneficiary", "tier", "factor_set_id", "days")
    row: Document = {name: getattr(shown, name, None) for name in tags}
    amounts = (shown.microlitres, shown.sen) if shown else (None, None)
    return row | bounds("microlitres", amounts[0]) | bounds("sen", amounts[1])


def bounds(unit: str, found: Amount | None) -> Document:
    """An amount as three cells."""
    return {f"{unit}_{bound}": getattr(found, bound, None) for bound in ("low", "central", "high")}
