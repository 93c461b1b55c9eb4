"""How the ledger moves when what a day is worth changes: reversal rows, new rows, and totals by the difference. Pure.

A row is never edited. Days of employees and days of units post in the same way; a unit's rows name no employee unless
they are about one.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from services.savings.ledger.value import BOUNDS, KIND, TAGS
from shared.kit.decisions.decider import Document
from shared.kit.projections.writeset import Changes, add

COUNTED_DAYS = ("days_agreed", "days_realised")


def post(
    changes: Changes,
    about: Document,
    before: Iterable[Document],
    after: Iterable[Document],
    *,
    posted: int,
    now: datetime,
) -> int:
    """Reverse the entries that no longer hold and post those that hold now. `about` is what the rows belong to
    (`day_id`, `employee_id`, `day`), `posted` how many rows it has. Returns how many it has then."""
    for sign, entry in _differences(list(before), list(after)):
        posted += 1
        row = _row(about, entry, sign, posted, now)
        changes.insert.setdefault("postings", []).append(row)
        _add_up(changes, row)
    return posted


def _differences(before: list[Document], after: list[Document]) -> Iterator[tuple[int, Document]]:
    """Entries that are the same but for their inputs stay as they are."""
    held, holds = [_worth(entry) for entry in before], [_worth(entry) for entry in after]
    yield from ((-1, entry) for entry, worth in zip(before, held, strict=True) if worth not in holds)
    yield from ((1, entry) for entry, worth in zip(after, holds, strict=True) if worth not in held)


def _worth(entry: Document) -> tuple[Any, ...]:
    return (entry.get("employee_id"), *(entry[tag] for tag in TAGS), entry["amounts"])


def _row(about: Document, entry: Document, sign: int, number: int, now: datetime) -> Document:
    return {
        "_id": f"{about['day_id']}#{number:05}",
        **about,
        "employee_id": about.get("employee_id") or entry.get("employee_id"),
        "month": about["day"][:7],
        "kind": "posting" if sign > 0 else "reversal",
        **{name: entry[name] for name in TAGS},
        "amounts": {
            unit: {bound: sign * amount[bound] for bound in BOUNDS} for unit, amount in entry["amounts"].items()
        },
        "days": sign,
        "warnings": entry["warnings"],
        "at": now,
    }


def cell_of(row: Mapping[str, Any]) -> str:
    """The unit-month that a row adds to, apart by all that is never added together."""
    return "|".join((row["unit_id"], row["day"][:7], *(str(row[tag]) for tag in KIND)))


def _add_up(changes: Changes, row: Document) -> None:
    """Running totals by unit, and by employee where the row is about one."""
    amounts = {"days": row["days"]}
    amounts |= {f"amounts.{unit}.{bound}": of[bound] for unit, of in row["amounts"].items() for bound in BOUNDS}
    amounts |= {f"warnings.{name}": row["days"] for name in row["warnings"]}
    of = {name: row[name] for name in (*TAGS, "month")}
    add(changes, "unit_months", cell_of(row), of, amounts)
    if row["employee_id"]:
        whose = of | {"employee_id": row["employee_id"]}
        add(changes, "employee_months", f"{row['employee_id']}|{cell_of(row)}", whose, amounts)


def recount(changes: Changes, before: Document | None, after: Document | None, employee_id: str | None = None) -> None:
    """Move what a day counts for in its unit-month: days agreed, days realised, and what they lack; and where it is
    somebody's, that they are among the people whom the unit-month is about."""
    for sign, counted in ((-1, before), (1, after)):
        if counted and before != after:
            of = {"unit_id": counted["unit_id"], "month": counted["month"]}
            numbers = {name: sign * number for name, number in counted["numbers"].items()}
            cell = f"{of['unit_id']}|{of['month']}"
            add(changes, "completeness", cell, of, numbers)
            if employee_id:
                days = {name: number for name, number in numbers.items() if name in COUNTED_DAYS}
                whose = {"employee_id": employee_id, "factor_set_id": counted["factor_set_id"]}
                add(changes, "people_months", f"{employee_id}|{cell}|{counted['factor_set_id']}", of | whose, days)


def entries_of(position: Document | None) -> list[Document]:
    """What a position is worth."""
    return list(position["entries"]) if position else []
