"""How CSV and XLSX files become rows of text, and rows become files."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_ERROR, TYPE_FORMULA

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNPACKED_MAX_BYTES = 256 * 1024 * 1024
ROW_NUMBER_MAX = 1_048_576
DIGITS_KEPT = 15
"""A spreadsheet keeps this many digits of a number: a NIP has 18, and must be text."""

FORMULA_LIKE = re.compile(r"'*[=+@\t\r]")


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value of its own: a formula, an error, a number that has lost digits."""

    rule: str


Cell = str | Unusable
"""An empty cell is an empty text."""

Table = Iterator[tuple[int, Sequence[Cell]]]
"""Rows with their numbers, the heading first."""


class Broken(Exception):
    """A file that cannot be read any further, from which row on, and why."""

    def __init__(self, rule: str, row: int, reason: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.row = row
        self.reason = reason


def csv_table(body: bytes) -> Table:
    """The rows of a CSV file in UTF-8, with commas or semicolons. Raises `Broken`."""
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
    heading = text.readline()
    text.seek(0)
    reader = csv.reader(text, strict=True, delimiter=";" if heading.count(";") > heading.count(",") else ",")
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [unquoted(cell.strip()) for cell in cells]
    except csv.Error as broken:
        raise Broken("not-csv", number + 1, str(broken)) from broken


def xlsx_table(body: bytes) -> Table:
    """The rows of the first sheet of an XLSX workbook, read as they come. Raises `Broken`."""
    try:
        with ZipFile(io.BytesIO(body)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_MAX_BYTES:
                raise Broken("too-large-unpacked", 1)
    except BadZipFile as broken:
        raise Broken("not-xlsx", 1) from broken
    number = 0
    try:
        workbook = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
        width = 0
        for number, row in enumerate(workbook.worksheets[0].iter_rows(max_row=ROW_NUMBER_MAX), start=1):
            cells = _trimmed([_text(cell) for cell in row])
            width = width or len(cells)
            yield number, [*cells, *[""] * (width - len(cells))]
    except Exception as broken:  # openpyxl raises whatever its parsers meet in a damaged file
        raise Broken("not-xlsx", number + 1) from broken


def _trimmed(cells: list[Cell]) -> list[Cell]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: Any) -> Cell:
    """What a spreadsheet shows in a cell, dates as ISO 8601 and numbers in full."""
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
            return _number(number)
        case _, datetime() as moment:
            return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
        case _, date() | time() as day:
            return day.isoformat()
        case _, value:
            return str(value).strip()


def _number(number: float) -> Cell:
    if abs(number) >= 10**DIGITS_KEPT:
        return Unusable("digits-lost")
    plain = format(Decimal(format(number, f".{DIGITS_KEPT}g")), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def unquoted(cell: str) -> str:
    """A text without the apostrophe that keeps a spreadsheet from running it as a formula."""
    return cell[1:] if cell[:1] == "'" and FORMULA_LIKE.match(cell) else cell


def quoted(cell: str) -> str:
    """The reverse."""
    return f"'{cell}" if FORMULA_LIKE.match(cell) else cell
