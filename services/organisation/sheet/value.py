"""How a sheet is read: its heading, and its rows one by one, each understood or with what is wrong with it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from pydantic import ValidationError

from services.organisation.entry.rules import RowProblem
from services.organisation.row.model import faults_of
from services.organisation.row.value import ROWS, Row, SheetKind, optional
from services.organisation.sheet.rules import Headings, plain_heading
from shared.spreadsheets.numbers import Ambiguous, plain
from shared.spreadsheets.tables import HEAD_ROWS, Cell, Table, Unusable
from shared.spreadsheets.workbooks import Broken

ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Read:
    """A row as read: its number, its cells by column where it is understood, and its problems where not. The heading
    comes first, with the columns that are `absent` of those which a sheet need not have."""

    number: int
    row: Row | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    absent: frozenset[str] | None = None


def read_sheet(kind: SheetKind, table: Table, headings: Headings) -> Iterator[Read]:
    """Every row of a sheet, empty ones left out, and those above the heading. Ends with the row from which on nothing
    can be read."""
    try:
        first = list(islice(table, HEAD_ROWS))
        at = max(range(len(first)), key=lambda one: _likeness(kind, first[one][1], headings), default=0)
        number, heading = first[at] if first else (1, ())
        places, problems = _places(kind, number, heading, headings)
        yield Read(number, problems=tuple(problems), absent=optional(kind) - {place for place in places if place})
        if any(problem.rule == "column-missing" for problem in problems):
            return
        count = 0
        for number, cells in chain(first[at + 1 :], table):
            if not any(cells):
                continue
            count += 1
            if count > ROWS_MAX:
                yield Read(number, problems=(RowProblem(number, "", "too-many-rows", value=ROWS_MAX),))
                return
            yield _row(ROWS[kind], number, cells, places)
    except Broken as broken:
        yield Read(broken.row, problems=(RowProblem(broken.row, "", broken.rule, broken.reason),))


def _likeness(kind: SheetKind, cells: Sequence[Cell], headings: Headings) -> tuple[int, bool]:
    """Where no row has a heading of ours, the first that says anything is meant as one."""
    return headings.likeness(kind, cells), any(cells)


def _places(
    kind: SheetKind, number: int, heading: Sequence[Cell], headings: Headings
) -> tuple[list[str | None], list[RowProblem]]:
    """The column of each place in a row (none: left out; empty: has no heading), and what is wrong with the heading."""
    fields, columns = ROWS[kind].model_fields, headings.columns(kind)
    named = [cell.strip() if isinstance(cell, str) else "" for cell in heading]
    places = [columns.get(plain_heading(name)) if name else "" for name in named]
    twice = [place for place, count in Counter(places).items() if place and count > 1]
    said = {place: name for place, name in zip(places, named, strict=True) if place}
    problems = [RowProblem(number, said[place], "column-twice") for place in twice]
    for column, about in fields.items():
        if column not in places and (about.is_required() or column in headings.called):
            problems.append(RowProblem(number, column, "column-missing", headings.called.get(column, column)))
    unknown = dict.fromkeys(name for place, name in zip(places, named, strict=True) if place is None)
    if not headings.ignore_unknown:
        problems += [RowProblem(number, name, "column-unknown") for name in unknown]
    return places, problems


def _row(model: type[Row], number: int, cells: Sequence[Cell], places: Sequence[str | None]) -> Read:
    if len(cells) > len(places) and not any(cells[len(places) :]):
        cells = cells[: len(places)]
    headless = any(cell for column, cell in zip(places, cells, strict=False) if column == "")
    if len(cells) != len(places) or headless:
        return Read(number, problems=(RowProblem(number, "", "cell-count"),))
    given = {column: cell for column, cell in zip(places, cells, strict=True) if column and cell}
    texts, problems = {}, []
    for column, cell in given.items():
        if isinstance(cell, Unusable):
            problems.append(RowProblem(number, column, cell.rule, cell.reason))
            continue
        try:
            texts[column] = plain(cell) if column in model.numbers else str(cell)
        except Ambiguous:
            problems.append(RowProblem(number, column, "number-ambiguous", cell))
    if problems:
        return Read(number, problems=tuple(problems))
    try:
        return Read(number, model.model_validate(texts), texts)
    except ValidationError as wrong:
        return Read(number, problems=tuple(RowProblem(number, *fault) for fault in faults_of(wrong)))
