"""How a sheet is read: its heading, and its rows one by one, each understood or with what is wrong with it. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Column:
    """A place in a row whose heading is one of ours, as the sheet says it."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A place whose heading no sheet of this kind has, which is left out."""

    said: str


@dataclass(frozen=True, slots=True)
class Nameless:
    """A place without a heading, in which nothing may stand."""


NAMELESS = Nameless()
Place = Column | Unknown | Nameless


def read_sheet(kind: SheetKind, table: Table, headings: Headings) -> Iterator[Read]:
    """Every row of a sheet, empty ones left out, and those above the heading. Ends with the row from which on nothing
    can be read."""
    try:
        first = list(islice(table, HEAD_ROWS))
        at = max(range(len(first)), key=lambda one: _likeness(kind, first[one][1], headings), default=0)
        number, heading = first[at] if first else (1, ())
        places = _places(kind, heading, headings)
        problems = list(_wrong(kind, number, places, headings))
        yield Read(number, problems=tuple(problems), absent=optional(kind) - _named(places))
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


def _places(kind: SheetKind, heading: Sequence[Cell], headings: Headings) -> list[Place]:
    columns = headings.columns(kind)
    found: list[Place] = []
    for cell in heading:
        said = cell.strip() if isinstance(cell, str) else ""
        column = columns.get(plain_heading(said))
        found.append(NAMELESS if not said else Column(column, said) if column else Unknown(said))
    return found


def _named(places: Iterable[Place]) -> set[str]:
    return {place.name for place in places if isinstance(place, Column)}


def _wrong(kind: SheetKind, number: int, places: Sequence[Place], headings: Headings) -> Iterator[RowProblem]:
    """What is wrong with a heading: columns of ours that come twice or are missing, and others."""
    count = Counter(place.name for place in places if isinstance(place, Column))
    said = {place.name: place.said for place in places if isinstance(place, Column)}
    yield from (RowProblem(number, said[name], "column-twice") for name in count if count[name] > 1)
    for name, about in ROWS[kind].model_fields.items():
        if name not in count and (about.is_required() or name in headings.called):
            yield RowProblem(number, name, "column-missing", headings.called.get(name, name))
    if not headings.ignore_unknown:
        others = dict.fromkeys(place.said for place in places if isinstance(place, Unknown))
        yield from (RowProblem(number, name, "column-unknown") for name in others)


def _row(model: type[Row], number: int, cells: Sequence[Cell], places: Sequence[Place]) -> Read:
    if len(cells) > len(places) and not any(cells[len(places) :]):
        cells = cells[: len(places)]
    headless = any(cell for place, cell in zip(places, cells, strict=False) if place is NAMELESS)
    if len(cells) != len(places) or headless:
        return Read(number, problems=(RowProblem(number, "", "cell-count"),))
    given = {place.name: cell for place, cell in zip(places, cells, strict=True) if isinstance(place, Column) and cell}
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
