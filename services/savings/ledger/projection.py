"""How the ledger moves when what a day is worth changes: reversal rows, new rows, and totals by the difference. Pure.

Days of employees and days of units post in the same way; a unit's rows name no employee unless they are about one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count

from services.savings.ledger.document import cell_id, posting_document, posting_id
from services.savings.ledger.model import Counted, DayKey, Entry, Posting
from shared.kit.projections.writeset import Increment, Upsert, Write

COUNTED_DAYS = ("days_agreed", "days_realised")


def posted(
    of: DayKey,
    employee_id: str | None,
    before: Sequence[Entry],
    after: Sequence[Entry],
    *,
    so_far: int,
    now: datetime,
) -> list[Posting]:
    """The rows that reverse the entries which no longer hold and post those that hold now. `so_far` is how many rows
    the day has."""
    return [
        Posting(number, of, entry, sign, now, employee_id or entry.employee_id)
        for number, (sign, entry) in zip(count(so_far + 1), _differences(before, after), strict=False)
    ]


def _differences(before: Sequence[Entry], after: Sequence[Entry]) -> Iterator[tuple[int, Entry]]:
    """Entries that are the same but for their inputs stay as they are."""
    held, holds = [entry.worth for entry in before], [entry.worth for entry in after]
    yield from ((-1, entry) for entry in before if entry.worth not in holds)
    yield from ((1, entry) for entry in after if entry.worth not in held)


def writes(postings: Iterable[Posting]) -> Iterator[Write]:
    """Rows, and what they add to running totals by unit, and by employee where they are about one."""
    for posting in postings:
        yield Upsert("postings", posting_id(posting), posting_document(posting), known=False)
        entry = posting.entry
        cell = cell_id(entry.unit_id, posting.of.month, entry.kind)
        amounts = entry.adds if posting.sign > 0 else {path: -number for path, number in entry.adds.items()}
        of = {**entry.tags, "month": posting.of.month}
        yield Increment("unit_months", cell, of, amounts)
        if whose := posting.employee_id:
            yield Increment("employee_months", f"{whose}|{cell}", of | {"employee_id": whose}, amounts)


def recounted(before: Counted | None, after: Counted | None, employee_id: str | None = None) -> Iterator[Increment]:
    """Move what a day counts for in its unit-month: days agreed, days realised, and what they lack; and where it is
    somebody's, that they are among the people whom the unit-month is about."""
    for sign, counted in ((-1, before), (1, after)):
        if counted and before != after:
            of = {"unit_id": counted.unit_id, "month": counted.month}
            numbers = {name: sign * number for name, number in counted.numbers.items()}
            cell = f"{counted.unit_id}|{counted.month}"
            yield Increment("completeness", cell, of, numbers)
            if employee_id:
                days = {name: number for name, number in numbers.items() if name in COUNTED_DAYS}
                whose = {"employee_id": employee_id, "factor_set_id": counted.factor_set_id}
                id_ = f"{employee_id}|{cell}|{counted.factor_set_id}"
                yield Increment("people_months", id_, of | whose, days)
