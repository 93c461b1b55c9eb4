"""How the ledger moves when what a day is worth changes: reversal rows, new rows, and totals by the difference. Pure.

Days of employees and days of units post in the same way; a unit's rows name no employee unless they are about one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import TypeVar

from services.savings.ledger.document import movement_document, persons_cell_id
from services.savings.ledger.model import Counted, DayKey, Entry, Movement, Posting, of_kind
from shared.kit.projections.writeset import Increment, Upsert

UNIT_MONTHS, MOVEMENTS = "unit_months", "movements"
T = TypeVar("T")


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


def entered(movement: Movement) -> Upsert:
    """Rows and events are kept together, as one transaction brought them."""
    return Upsert(MOVEMENTS, movement.id, movement_document(movement), known=False)


def totalled(postings: Iterable[Posting]) -> Iterator[Increment]:
    """What rows add to the totals of their units' months. Days that are worth the same share their entry, and are added
    at once."""
    times: dict[tuple[int, str], int] = {}
    entries: dict[int, Entry] = {}
    for posting in postings:
        of = id(posting.entry), posting.of.month
        times[of] = times.get(of, 0) + posting.sign
        entries[id(posting.entry)] = posting.entry
    for (which, month), n in times.items():
        entry = entries[which]
        tags = {of_kind(entry.kind, "of"): entry.tags}
        yield of_unit_month(entry.unit_id, month, _so_often(entry.adds_of_kind, n), tags)


def totalled_by_person(postings: Iterable[Posting]) -> Iterator[Increment]:
    """What rows of a unit's day that are about somebody add to the totals of that person's month."""
    for posting in postings:
        if whose := posting.employee_id:
            entry = posting.entry
            id_ = persons_cell_id(whose, entry.unit_id, posting.of.month, entry.kind)
            of = {**entry.tags, "month": posting.of.month, "employee_id": whose}
            yield Increment("employee_totals", id_, of, _so_often(entry.adds, posting.sign))


def _so_often(numbers: Mapping[str, int], n: int) -> dict[str, int]:
    return {path: n * number for path, number in numbers.items()}


def recounted(before: Counted | None, after: Counted | None) -> Iterator[Increment]:
    """Move what a day counts for in its unit-month: days agreed, days realised, and what they lack."""
    for sign, counted in ((-1, before), (1, after)):
        if counted and before != after:
            numbers = {f"counted.{name}": number for name, number in counted.numbers.items()}
            yield of_unit_month(counted.unit_id, counted.month, _so_often(numbers, sign))


def one_more_or_less(before: Mapping[T, int], after: Mapping[T, int]) -> Iterator[tuple[T, int]]:
    """Somebody is counted among the people of whatever they have a day of until they have none: `before` and `after`
    are how many days of what."""
    for of in {**before, **after}:
        if change := (after.get(of, 0) > 0) - (before.get(of, 0) > 0):
            yield of, change


def of_unit_month(
    unit_id: str, month: str, numbers: Mapping[str, int], tags: Mapping[str, object] | None = None
) -> Increment:
    """What is added to a unit's month, which holds all that is counted of it."""
    of = {"unit_id": unit_id, "month": month, **(tags or {})}
    return Increment(UNIT_MONTHS, f"{unit_id}|{month}", of, numbers, apart=True)
