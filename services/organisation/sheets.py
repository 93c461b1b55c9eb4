"""How a sheet is read: its heading, and its rows one by one, each understood or with what is wrong with it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from services.organisation.checks import RowProblem
from services.organisation.rows import ROWS, Row, SheetKind
from services.organisation.tables import Broken, Cell, Table, Unusable

ROWS_MAX = 100_000


@dataclass(frozen=True)
class Headings:
    """How a sheet calls the columns that it does not call as we do, and whether it may have others."""

    called: Mapping[str, str] = field(default_factory=dict)
    ignore_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A row as read: its number, its cells by column where it is understood, and its problems where not. The heading is
    row 1, and is told of only for its problems."""

    number: int
    row: Row | None = None
    cells: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()


def read_sheet(kind: SheetKind, table: Table, headings: Headings) -> Iterator[Read]:
    """Every row of a sheet, empty ones left out. Ends with the row from which on nothing can be read."""
    try:
        number, heading = next(table, (1, ()))
        places, problems = _places(kind, number, heading, headings)
        if problems:
            yield Read(number, problems=tuple(problems))
        if any(problem.rule == "column-missing" for problem in problems):
            return
        count = 0
        for number, cells in table:
            if not any(cells):
                continue
            count += 1
            if count > ROWS_MAX:
                yield Read(number, problems=(RowProblem(number, "", "too-many-rows", value=ROWS_MAX),))
                return
            yield _row(ROWS[kind], number, cells, places)
    except Broken as broken:
        yield Read(broken.row, problems=(RowProblem(broken.row, "", broken.rule, broken.reason),))


def _places(
    kind: SheetKind, number: int, heading: Sequence[Cell], headings: Headings
) -> tuple[list[str | None], list[RowProblem]]:
    """The column of each place in a row (none: left out; empty: has no heading), and what is wrong with the heading."""
    fields = ROWS[kind].model_fields
    columns = {headings.called.get(column, column): column for column in fields}
    named = [cell if isinstance(cell, str) else "" for cell in heading]
    twice = [name for name, count in Counter(named).items() if name and count > 1]
    problems = [RowProblem(number, name, "column-twice") for name in twice]
    for column, about in fields.items():
        if headings.called.get(column, column) not in named and (about.is_required() or column in headings.called):
            problems.append(RowProblem(number, column, "column-missing", headings.called.get(column, column)))
    if not headings.ignore_unknown:
        problems += [RowProblem(number, n, "column-unknown") for n in dict.fromkeys(named) if n and n not in columns]
    return [columns.get(name) if name else "" for name in named], problems


def _row(model: type[Row], number: int, cells: Sequence[Cell], places: Sequence[str | None]) -> Read:
    headless = any(cell for column, cell in zip(places, cells, strict=False) if column == "")
    if len(cells) != len(places) or headless:
        return Read(number, problems=(RowProblem(number, "", "cell-count"),))
    given = {column: cell for column, cell in zip(places, cells, strict=True) if column and cell}
    unusable = [RowProblem(number, c, cell.rule) for c, cell in given.items() if isinstance(cell, Unusable)]
    if unusable:
        return Read(number, problems=tuple(unusable))
    texts = {column: cell for column, cell in given.items() if isinstance(cell, str)}
    try:
        return Read(number, model.model_validate(texts), texts)
    except ValidationError as wrong:
        faults = wrong.errors(include_url=False, include_input=False, include_context=False)
        return Read(number, problems=tuple(RowProblem(number, str(f["loc"][0]), f["type"], f["msg"]) for f in faults))
