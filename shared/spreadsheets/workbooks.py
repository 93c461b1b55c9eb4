"""What a workbook's parts hold, looked through before a library reads them whole: a small file may unpack to much, and
a spreadsheet hides what it does not show."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from zipfile import ZipFile

PARTS_MAX = 1_000
UNPACKED_MAX_BYTES = 256 * 1024 * 1024
ELEMENTS_MAX = 200_000
"""In a part that is no sheet, such as the styles, or in a sheet before its cells."""

STRINGS_MAX = 500_000
CELLS_MAX = 2_000_000
COLUMNS_MAX = 1_000
LAST_COLUMN = (3, "ALL")
MERGED_MAX = 10_000
PIECE_BYTES = 64 * 1024
TEXT_MAX_BYTES = 256 * 1024
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


class Broken(Exception):
    """A file that cannot be read any further, from which row on, and why."""

    def __init__(self, rule: str, row: int, reason: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.row = row
        self.reason = reason


@dataclass
class Part:
    """What a part that is a sheet hides, and which of its cells are one: by number, the first of each being 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""

    def column_hidden(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)

    def covered(self) -> Iterator[set[int]]:
        """Row by row, the columns of cells that belong to another."""
        waiting = sorted(self.merged, reverse=True)
        active: list[tuple[int, int, int, int]] = []
        row = 0
        while True:
            row += 1
            while waiting and waiting[-1][0] <= row:
                active.append(waiting.pop())
            active = [one for one in active if one[2] >= row]
            yield {
                column
                for top, left, _, right in active
                for column in range(left, min(right, COLUMNS_MAX) + 1)
                if (row, column) != (top, left)
            }


def look_through(packed: ZipFile, until: float) -> dict[str, Part]:
    """The parts of a workbook by name. Raises `Broken` for one that holds more than any sheet of ours needs, or what
    would be read otherwise than it looks. `until` is when to give up, by the monotonic clock."""
    parts = packed.infolist()
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX_BYTES:
        raise Broken("too-large-unpacked", 1)
    return {part.filename: _Look(packed, part.filename, until).part for part in parts if part.file_size}


class _Look:
    """One part, read as a stream; where it is no XML, no library will read it either."""

    def __init__(self, packed: ZipFile, name: str, until: float) -> None:
        self.part = Part()
        self._elements = self._strings = self._cells = self._in_row = 0
        self._row, self._column = 0, (0, "")
        self._in_cells = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype
        read = self._at = 0
        with packed.open(name) as stream:
            try:
                while piece := stream.read(PIECE_BYTES):
                    self._parser.Parse(piece, False)
                    read += len(piece)
                    if read - self._at > TEXT_MAX_BYTES or time.monotonic() > until:
                        raise Broken("too-large-unpacked", max(self._row, 1))
            except expat.ExpatError:
                return

    def _doctype(self, *_: object) -> None:
        raise Broken("document-type", 1)

    def _start(self, tag: str, about: dict[str, str]) -> None:
        self._at = self._parser.CurrentByteIndex
        local = tag.rpartition(":")[2]
        if local == "c" and self._in_cells:
            self._cell(about)
        elif local == "row" and self._in_cells:
            self._new_row(about)
        elif local in ("v", "t", "is", "f", "r", "rPr") and self._in_cells:
            self._in_row += 1
            self._check(self._in_row <= 8 * COLUMNS_MAX)
        else:
            self._other(local, about)

    def _new_row(self, about: dict[str, str]) -> None:
        number = _number(about.get("r"), self._row + 1)
        if number <= self._row:
            raise Broken("not-xlsx", number)
        self._row, self._column, self._in_row = number, (0, ""), 0
        if _hidden(about, "ht"):
            self.part.hidden_rows.add(number)

    def _cell(self, about: dict[str, str]) -> None:
        self._cells += 1
        self._in_row += 1
        letters = about.get("r", "").rstrip("0123456789")
        if letters:
            column = (len(letters), letters)
            if column <= self._column:
                raise Broken("not-xlsx", max(self._row, 1))
            self._column = column
        if self._column > LAST_COLUMN:
            raise Broken("too-many-columns", max(self._row, 1), str(COLUMNS_MAX))
        self._check(self._cells <= CELLS_MAX and self._in_row <= 8 * COLUMNS_MAX)

    def _other(self, local: str, about: dict[str, str]) -> None:
        self._elements += 1
        match local:
            case "si":
                self._strings += 1
                self._check(self._strings <= STRINGS_MAX)
            case "sheetData":
                self._in_cells = True
            case "sheetFormatPr" if about.get("zeroHeight") in ("1", "true"):
                raise Broken("hidden-row", 1)
            case "col" if _hidden(about, "width"):
                self.part.hidden_columns.append((_number(about.get("min"), 1), _number(about.get("max"), 1)))
            case "mergeCell":
                self.part.merged.append(_region(about.get("ref", "")))
                self._check(len(self.part.merged) <= MERGED_MAX)
            case "workbook" if STRICT in about.values():
                raise Broken("strict-xlsx", 1)
        self._check(self._elements <= ELEMENTS_MAX + 6 * self._strings)

    def _check(self, fits: bool) -> None:
        if not fits:
            raise Broken("too-large-unpacked", max(self._row, 1))


def _hidden(about: dict[str, str], size: str) -> bool:
    """Also what is drawn with no height or width."""
    return about.get("hidden") in ("1", "true") or bool(re.fullmatch(r"0*\.?0*", about.get(size, "1")))


def _number(said: str | None, otherwise: int) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 9 else otherwise


def _region(ref: str) -> tuple[int, int, int, int]:
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})", ref)
    if not found:
        raise Broken("not-xlsx", 1)
    return int(found[2]), column_number(found[1]), int(found[4]), column_number(found[3])


def column_number(letters: str) -> int:
    """1 of A, 27 of AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
