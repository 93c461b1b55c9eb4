"""How entries, rows and counts are stored. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from services.savings.ledger.model import (
    BOUNDS,
    Amounts,
    Counted,
    Kind,
    KindSum,
    Movement,
    Range,
    Told,
    Total,
    times,
)
from shared.kit.decisions.decider import Document


def _with_stored(found: object) -> object:
    return {**found, "stored": found} if isinstance(found, Mapping) else found


Whole = BeforeValidator(_with_stored)
"""Carries the document that a value was read from."""


def range_document(amount: Range) -> dict[str, int]:
    return {bound: getattr(amount, bound) for bound in BOUNDS}


def amounts_document(amounts: Mapping[str, Range], sign: int = 1) -> dict[str, dict[str, int]]:
    """By unit and bound."""
    return {unit: range_document(amount.times(sign)) for unit, amount in amounts.items()}


def cell_id(unit_id: str, month: str, kind: Kind | str) -> str:
    """A total of a unit's month, apart by all that is never added together."""
    return f"{unit_id}|{month}|{kind}"


def persons_cell_id(employee_id: str, unit_id: str, month: str, kind: Kind) -> str:
    """A total of an employee's month, in the same way."""
    return f"{employee_id}|{cell_id(unit_id, month, kind)}"


def movement_document(movement: Movement) -> Document:
    """Rows that are worth the same name one entry."""
    entries: list[Mapping[str, object]] = []
    rows = []
    for posting in movement.postings:
        posted = posting.entry.posted
        if posted not in entries:
            entries.append(posted)
        of = {"id": f"{posting.of}#{posting.number:05}", "day": posting.of.day, "employee_id": posting.employee_id}
        rows.append({**of, "sign": posting.sign, "entry": entries.index(posted)})
    others = {posting.employee_id for posting in movement.postings if posting.employee_id} - {movement.whose}
    return {
        "_id": movement.id,
        "whose": movement.whose,
        "month": movement.month,
        "at": movement.at,
        "entries": entries,
        "rows": rows,
        "events": [told._asdict() for told in movement.events],
        **({"about": sorted(others)} if others else {}),
    }


@dataclass(frozen=True, slots=True)
class Worth:
    """What a row is worth, before its sign."""

    stored: Document
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is stored: `entry` is which of its movement's it is worth, and `sign` whether it takes that back."""

    id: str
    day: str
    employee_id: str | None
    sign: int
    entry: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement as it is stored."""

    whose: str
    month: str
    at: datetime
    entries: Sequence[Annotated[Worth, Whole]]
    rows: Sequence[Row]
    events: Sequence[Told]


MOVED = TypeAdapter(list[Moved])


def moved_of(found: Iterable[Document]) -> list[Moved]:
    """Movements as they are stored."""
    return MOVED.validate_python(list(found))


def row_documents(movement: Moved) -> list[Document]:
    """The rows of a movement, each as it is read: with what it is worth, which in a reversal is negative."""
    return [_row(movement, row, movement.entries[row.entry]) for row in movement.rows]


def _row(movement: Moved, row: Row, worth: Worth) -> Document:
    return {
        **worth.stored,
        "_id": row.id,
        "whose": movement.whose,
        "day_id": row.id.partition("#")[0],
        "employee_id": row.employee_id,
        "day": row.day,
        "month": movement.month,
        "kind": "posting" if row.sign > 0 else "reversal",
        "days": row.sign,
        "amounts": times(worth.amounts, row.sign),
        "at": movement.at,
    }


def total_document(id_: str, total: KindSum) -> Document:
    """A total, with what sets it apart; of warnings nothing is said where there were never any."""
    warned = {"warnings": dict(total.warnings)} if total.warnings else {}
    return {"_id": id_, **total.of, "days": total.days, "amounts": total.amounts, **warned}


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
