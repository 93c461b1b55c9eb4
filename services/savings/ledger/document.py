"""How entries, rows and counts are stored. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter

from services.savings.ledger.model import BOUNDS, Amounts, Counted, Entry, Kind, Movement, Range, Total
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


def cell_id(unit_id: str, month: str, kind: Kind) -> str:
    """A total of a unit's month, apart by all that is never added together."""
    return f"{unit_id}|{month}|{kind}"


def movement_document(movement: Movement) -> Document:
    """Rows that are worth the same name one entry."""
    entries: list[Document] = []
    rows = []
    for posting in movement.postings:
        posted = {**posting.entry.tags, "amounts": posting.entry.numbers, "warnings": list(posting.entry.warnings)}
        if posted not in entries:
            entries.append(posted)
        of = {"_id": f"{posting.of}#{posting.number:05}", "day": posting.of.day, "employee_id": posting.employee_id}
        rows.append({**of, "sign": posting.sign, "entry": entries.index(posted)})
    others = {posting.employee_id for posting in movement.postings} - {movement.whose, None}
    return {
        "_id": movement.id,
        "whose": movement.whose,
        "month": movement.month,
        "at": movement.at,
        "entries": entries,
        "rows": rows,
        "events": [told._asdict() for told in movement.events],
        **({"about": sorted(others, key=str)} if others else {}),
    }


def rows_of(movement: Document) -> list[Document]:
    """The rows of a movement, each as it is read: with what it is worth, which in a reversal is negative."""
    return [
        {
            **movement["entries"][row["entry"]],
            "amounts": _signed(movement["entries"][row["entry"]]["amounts"], row["sign"]),
            "_id": row["_id"],
            "whose": movement["whose"],
            "day_id": row["_id"].partition("#")[0],
            "employee_id": row["employee_id"],
            "day": row["day"],
            "month": movement["month"],
            "kind": "posting" if row["sign"] > 0 else "reversal",
            "days": row["sign"],
            "at": movement["at"],
        }
        for row in movement["rows"]
    ]


def _signed(amounts: Amounts, sign: int) -> Amounts:
    return {unit: {bound: sign * n for bound, n in of.items()} for unit, of in amounts.items()}


def month_totals(found: Iterable[Document]) -> list[Document]:
    """The totals of units' months, by unit and kind, of the parts in which they are kept."""
    totals: dict[str, Document] = {}
    for part in found:
        for kind, of in part.get("kinds", {}).items():
            id_ = f"{part['unit_id']}|{part['month']}|{kind}"
            named = {"_id": id_, **of.get("of", {}), "month": part["month"]}
            numbers = {name: number for name, number in of.items() if name != "of"}
            totals[id_] = {**named, **added_up(totals.get(id_, {}), numbers)}
    return [totals[id_] for id_ in sorted(totals)]


def month_counts(found: Iterable[Document]) -> list[Document]:
    """What units' months count besides: days, by what they are, and people who were away."""
    counts: dict[str, Document] = {}
    for part in found:
        id_ = f"{part['unit_id']}|{part['month']}"
        numbers: Document = {name: part[name] for name in ("counted", "away", "realised") if name in part}
        named = {"_id": id_, "unit_id": part["unit_id"], "month": part["month"]}
        counts[id_] = {**named, **added_up(counts.get(id_, {}), numbers)}
    return [counts[id_] for id_ in sorted(counts)]


def added_up(one: Mapping[str, Any], other: Mapping[str, Any]) -> Document:
    """Numbers in the same places, added up."""
    found = dict(one)
    for name, number in other.items():
        if isinstance(number, Mapping):
            found[name] = added_up(found.get(name, {}), number)
        else:
            found[name] = found.get(name, 0) + number
    return found


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
