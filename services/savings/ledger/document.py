"""How entries, rows and counts are stored. Pure."""

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from services.savings.ledger.model import BOUNDS, Amounts, Counted, Entry, Kind, Posting, Range, Total
from shared.kit.decisions.decider import Document


def range_document(amount: Range) -> dict[str, int]:
    return {bound: getattr(amount, bound) for bound in BOUNDS}


def amounts_document(amounts: Mapping[str, Range], sign: int = 1) -> dict[str, dict[str, int]]:
    """By unit and bound."""
    return {unit: range_document(amount.times(sign)) for unit, amount in amounts.items()}


def entry_document(entry: Entry) -> Document:
    return {
        **entry.tags,
        "amounts": entry.numbers,
        "inputs": dict(entry.inputs),
        "warnings": list(entry.warnings),
        **({"employee_id": entry.employee_id} if entry.employee_id else {}),
    }


def posting_id(posting: Posting) -> str:
    return f"{posting.of}#{posting.number:05}"


def cell_id(unit_id: str, month: str, kind: Kind) -> str:
    """The running total of a unit's month, apart by all that is never added together."""
    return f"{unit_id}|{month}|{kind}"


def posting_document(posting: Posting) -> Document:
    return {
        "_id": posting_id(posting),
        "day_id": str(posting.of),
        "employee_id": posting.employee_id,
        "day": posting.of.day,
        "month": posting.of.month,
        "kind": "posting" if posting.sign > 0 else "reversal",
        **posting.entry.tags,
        "amounts": posting.entry.numbers if posting.sign > 0 else amounts_document(posting.entry.amounts, -1),
        "days": posting.sign,
        "warnings": list(posting.entry.warnings),
        "at": posting.at,
    }


def counted_document(counted: Counted | None) -> Document | None:
    """A day of a unit has no factor set of its own to count by."""
    if counted is None:
        return None
    of = {"unit_id": counted.unit_id, "month": counted.month, "numbers": dict(counted.numbers)}
    return of | {"factor_set_id": counted.factor_set_id}


TOTALS = TypeAdapter(list[Total])


def totals_of(found: Iterable[Document]) -> list[Total]:
    """Totals as they are stored."""
    return TOTALS.validate_python(list(found))


def plus(one: Amounts, other: Amounts) -> dict[str, dict[str, int]]:
    """Amounts added up, unit by unit and bound by bound."""
    nothing = dict.fromkeys(BOUNDS, 0)
    return {
        unit: {bound: one.get(unit, nothing)[bound] + other.get(unit, nothing)[bound] for bound in BOUNDS}
        for unit in {**one, **other}
    }
