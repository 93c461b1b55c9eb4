"""Which days absences hold, and which of them would hold one person twice. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts.organisation import AbsenceTerms


@dataclass(frozen=True, slots=True, order=True)
class Away:
    """Days on end, the last included, of one absence; `row` is where a sheet says so."""

    first: date
    last: date
    absence_id: str
    row: int | None = None


def days_away(absence_id: str, history: Sequence[AbsenceTerms], rows: dict[date, int]) -> Iterator[Away]:
    """The days of an absence. Terms hold until the next begin."""
    for number, terms in enumerate(history):
        later = history[number + 1].effective_from - timedelta(days=1) if number + 1 < len(history) else date.max
        last = min(terms.ends_on, later)
        if last >= terms.effective_from:
            yield Away(terms.effective_from, last, absence_id, rows.get(terms.effective_from))


def overlaps(of_one_person: Iterable[Away]) -> Iterator[int]:
    """The rows that say of somebody that they are away on a day on which they are away by another absence."""
    until: Away | None = None
    for away in sorted(of_one_person, key=lambda one: (one.first, one.last)):
        if until and away.first <= until.last and away.absence_id != until.absence_id:
            named = [row for row in (away.row, until.row) if row is not None]
            yield from named[:1]
        if until is None or away.last > until.last:
            until = away
