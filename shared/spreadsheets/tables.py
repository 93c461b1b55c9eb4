"""How CSV and XLSX files become rows of text: as they look, or not at all.

Reading is bounded by what is done for it, and not by what is kept of it: columns, empty rows, texts, and time.
"""

import codecs
import csv
import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as hour
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_ERROR, TYPE_FORMULA

from shared.kit.base.csvcells import unquoted
from shared.spreadsheets.numbers import Plain, ShownOtherwise, as_shown
from shared.spreadsheets.workbooks import COLUMNS_MAX, Broken, Part, look_through

READING_MAX_S = 120
EMPTY_ROWS_MAX = 10_000
CELL_MAX = 32_767
"""The longest text of a spreadsheet's cell."""

LINE_MAX = 256 * 1024
LINES_OF_A_ROW_MAX = 1_000
HEAD_ROWS = 20
"""The heading is among the first rows."""

SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value of its own: a formula, an error, a number that has lost digits or looks otherwise."""

    rule: str
    reason: str = ""


Cell = str | Unusable
"""An empty cell is an empty text."""

Row = tuple[int, Sequence[Cell]]
Table = Iterator[Row]
"""Rows with their numbers, the heading among the first."""

Likeness = Callable[[Sequence[Cell]], int]
"""How many of some cells are headings that we know."""


def csv_table(body: bytes, likeness: Likeness = len) -> Table:
    """The rows of a CSV file in UTF-8, or in UTF-16 with its mark; with commas, semicolons or tabs, whichever makes a
    heading. Raises `Broken`."""
    separator = _separator(body, likeness)
    lines = _Lines(_text_of(body))
    reader = csv.reader(lines, strict=True, delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(_bounded(reader, lines), start=1):
            yield number, [_csv_cell(cell.strip(), separator) for cell in cells]
    except csv.Error as broken:
        raise Broken("not-csv", number + 1, str(broken)) from broken


def _text_of(body: bytes) -> io.TextIOWrapper:
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return io.TextIOWrapper(io.BytesIO(body), encoding="utf-16" if wide else "utf-8-sig", newline="")


class _Lines:
    """The lines of a file, as long as they are not too long; those of one row are counted."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.of_row = 0
        self.row = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LINE_MAX)
        self.of_row += 1
        if len(line) == LINE_MAX or self.of_row > LINES_OF_A_ROW_MAX:
            raise Broken("line-too-long", self.row)
        if any(line.count(separator) > COLUMNS_MAX for separator in SEPARATORS if len(line) > COLUMNS_MAX):
            raise Broken("too-many-columns", self.row, str(COLUMNS_MAX))
        if not line:
            raise StopIteration
        return line


def _bounded(reader: Iterator[list[str]], lines: _Lines) -> Iterator[list[str]]:
    until, empty = time.monotonic() + READING_MAX_S, 0
    for cells in reader:
        lines.row += 1
        lines.of_row = 0
        if len(cells) > COLUMNS_MAX:
            raise Broken("too-many-columns", lines.row - 1, str(COLUMNS_MAX))
        empty = 0 if any(cells) else empty + 1
        _go_on(lines.row - 1, empty, until)
        yield cells


def _go_on(row: int, empty: int, until: float) -> None:
    if empty > EMPTY_ROWS_MAX:
        raise Broken("too-many-empty-rows", row, str(EMPTY_ROWS_MAX))
    if time.monotonic() > until:
        raise Broken("reading-too-long", row, str(READING_MAX_S))


def _separator(body: bytes, likeness: Likeness) -> str:
    """Whichever makes most headings of one of the first rows; commas where none does."""

    def best(separator: str) -> int:
        reader = csv.reader(_Lines(_text_of(body)), delimiter=separator)
        found = 0
        try:
            for _, cells in zip(range(HEAD_ROWS), reader, strict=False):
                found = max(found, likeness([cell.strip() for cell in cells]))
        except (csv.Error, Broken):
            pass
        return found

    return max(SEPARATORS, key=best)


def _csv_cell(cell: str, separator: str) -> Cell:
    if len(cell) > CELL_MAX:
        return Unusable("cell-too-long")
    if separator == "," and re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", cell):
        return Plain(cell)
    return unquoted(cell)


def xlsx_table(body: bytes, _: Likeness = len) -> Table:
    """The rows of the first sheet of an XLSX workbook that can be seen, read as they come. Raises `Broken`."""
    until = time.monotonic() + READING_MAX_S
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Broken("old-workbook", 1)
    number = 0
    try:
        with ZipFile(io.BytesIO(body)) as packed:
            parts = look_through(packed, until)
        workbook = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
        seen = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        if not seen:
            raise Broken("no-visible-sheet", 1)
        seen[0].reset_dimensions()
        part = parts.get(vars(seen[0])["_worksheet_path"], Part())
        for number, cells in _rows(seen[0].iter_rows(), part, until):
            yield number, cells
    except Broken:
        raise
    except Exception as broken:  # zipfile and openpyxl raise whatever they meet in a damaged file
        raise Broken("not-xlsx", number + 1) from broken


def _rows(rows: Iterator[Any], part: Part, until: float) -> Table:
    """Rows as wide as the widest of the first ones."""
    width = empty = 0
    for (number, row), covered in zip(enumerate(rows, start=1), part.covered(), strict=False):
        cells = [_text(cell) for cell in row]
        for column in covered:
            cells += [""] * (column - len(cells))
            cells[column - 1] = Unusable("merged-cell")
        cells = _trimmed(cells)
        empty = 0 if cells else empty + 1
        _go_on(number, empty, until)
        if cells and number in part.hidden_rows:
            raise Broken("hidden-row", number)
        if part.hidden_columns and any(cell and part.column_hidden(at) for at, cell in enumerate(cells, start=1)):
            raise Broken("hidden-column", number)
        width = max(width, len(cells)) if number <= HEAD_ROWS else width
        yield number, [*cells, *[""] * (width - len(cells))]


def _trimmed(cells: list[Cell]) -> list[Cell]:
    while cells and (not cells[-1] or cells[-1] == Unusable("merged-cell")):
        cells.pop()
    return cells


def _text(cell: Any) -> Cell:
    """What a spreadsheet shows in a cell; dates as ISO 8601."""
    match cell.data_type, cell.value:
        case _, None:
            return ""
        case kind, _ if kind == TYPE_FORMULA:
            return Unusable("formula")
        case kind, _ if kind == TYPE_ERROR:
            return Unusable("error-value")
        case _, bool(yes):
            return "true" if yes else "false"
        case _, int() | float() as number:
            return _number(number, cell.number_format)
        case _, datetime() | date() as day if not _shows_a_day(cell.number_format):
            return Unusable("shown-otherwise", f"{day:%Y-%m-%d} {cell.number_format}")
        case _, datetime() as moment:
            return moment.date().isoformat() if moment.time() == hour() else moment.isoformat()
        case _, date() | hour() as day:
            return day.isoformat()
        case _, value:
            text = str(value).strip()
            return text if len(text) <= CELL_MAX else Unusable("cell-too-long")


def _shows_a_day(form: str) -> bool:
    signs = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", form.lower())
    return all(sign in signs for sign in "dmy")


def _number(number: float, form: str) -> Cell:
    try:
        text = as_shown(number, form)
    except ShownOtherwise:
        return Unusable("shown-otherwise", form)
    return Unusable("digits-lost") if text is None else Plain(text)
