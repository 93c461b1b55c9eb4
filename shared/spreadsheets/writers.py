"""How rows become CSV and XLSX files, as `tables` reads them."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import TYPE_STRING
from openpyxl.styles.numbers import FORMAT_TEXT

from shared.kit.base.csvcells import quoted
from shared.spreadsheets.media import CSV, XLSX


class Writer(Protocol):
    """What takes rows and fills a file."""

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows after those before."""
        ...

    def finish(self) -> None:
        """Leave the file whole, its position at its end, and nothing else behind."""
        ...


class CsvWriter:
    """RFC 4180, in UTF-8. What a spreadsheet would run as a formula is quoted as text."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._writer = csv.DictWriter(self._text, columns, restval="")
        self._writer.writeheader()

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._writer.writerows({name: _plain(cell) for name, cell in row.items()} for row in rows)

    def finish(self) -> None:
        self._text.detach()


class XlsxWriter:
    """One sheet, written as it comes; dates and numbers as a spreadsheet keeps them, a NIP as text."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._file = file
        self._columns = columns
        self._workbook = Workbook(write_only=True)
        self._sheet = self._workbook.create_sheet()
        self._sheet.append(list(columns))

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._sheet.append([self._cell(row.get(column)) for column in self._columns])

    def finish(self) -> None:
        self._workbook.save(self._file)
        self._file.seek(0, io.SEEK_END)

    def _cell(self, value: Any) -> Any:
        """A text is marked as one, so that it is never run as a formula or taken for a number."""
        if not isinstance(value, str) or not value:
            return value
        cell = WriteOnlyCell(self._sheet, value)
        cell.data_type = TYPE_STRING
        cell.number_format = FORMAT_TEXT
        return cell


def _plain(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    return quoted(cell) if isinstance(cell, str) else cell


WRITERS: Mapping[str, Callable[[IO[bytes], Sequence[str]], Writer]] = {CSV: CsvWriter, XLSX: XlsxWriter}
