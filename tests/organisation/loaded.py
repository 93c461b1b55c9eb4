"""Sheets for tests: read and held against what a test says is known, without a database."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from openpyxl import Workbook

from services.organisation.entity.model import Recorded
from services.organisation.entry.model import RECORDED, Entry, Known, Line, command
from services.organisation.entry.rules import Findings, problems
from services.organisation.row.value import ROWS, SheetKind
from services.organisation.sheet.rules import Headings
from services.organisation.sheet.value import Read, read_sheet
from shared.spreadsheets.tables import Table, csv_table

ISSUER = "https://issuer.example"
TODAY = date(2026, 9, 2)
ANI, BUDI, CITRA = "199001012015031010", "198501012010032001", "198001012005031002"


@dataclass
class Loaded:
    """What came of a sheet: its problems as row, column and rule, and the changes that it amounts to."""

    reads: list[Read]
    findings: Findings = field(default_factory=Findings)
    commands: list[Any] = field(default_factory=list)

    @property
    def problems(self) -> list[tuple[int, str, str]]:
        return [(one.row, one.column, one.rule) for one in self.findings.shown()]


def read(kind: SheetKind, text: str, headings: Headings | None = None) -> list[Read]:
    """A CSV sheet, row by row."""
    reads = read_sheet(kind, table(kind, text, headings), headings or Headings())
    return [one for one in reads if one.absent is None or one.problems]


def table(kind: SheetKind, text: str, headings: Headings | None = None) -> Table:
    """The rows of a CSV file."""
    return csv_table(text.encode(), partial((headings or Headings()).likeness, kind))


def load(
    kind: SheetKind,
    text: str,
    ids: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
    **known: Mapping[str, Any],
) -> Loaded:
    """The same, checked; what the sheet itself brings is known by ids such as `unit-new-dinkes`."""
    absent = next(read_sheet(kind, table(kind, text), Headings())).absent
    loaded = Loaded(read(kind, text))
    loaded.findings.add(problem for one in loaded.reads for problem in one.problems)
    prefix = ROWS[kind].prefix
    whole = [one for one in loaded.reads if one.row]
    brought = {f"{prefix}:{one.row.code}": f"{prefix}-new-{one.row.code.lower()}" for one in whole if one.row}
    all_ids = brought | dict(ids or {})
    entries = _entries(prefix, whole, all_ids)
    found = Known(ISSUER, TODAY, absent or frozenset(), ids=all_ids, **on_record(kind, known))
    for entry in entries:
        broken = list(problems(kind, entry, found))
        loaded.findings.add(broken)
        if not broken:
            loaded.commands.append(command(entry, found, reasons or {}))
    return loaded


def on_record(kind: SheetKind, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is known, whole, of documents that say of it as much as a test needs."""
    kinds = {"own": kind, "buildings": SheetKind.BUILDINGS, "employees": SheetKind.EMPLOYEES}
    return {name: {id_: recorded(kinds[name], id_, one) for id_, one in of.items()} for name, of in known.items()}


def recorded(kind: SheetKind, id_: str, found: Mapping[str, Any]) -> Recorded:
    """An entity as its last event told of it; one that does not say otherwise signs in by its id."""
    nobody = {"identity": {"iss": ISSUER, "sub": id_}}
    return RECORDED[kind].model_validate({**nobody, RECORDED[kind].about: id_, **found}, strict=False)


def _entries(prefix: str, reads: Sequence[Read], ids: Mapping[str, str]) -> list[Entry]:
    rows = [(one.row.code, one.row.effective_from, one.number, one.row) for one in reads if one.row]
    rows.sort(key=lambda row: row[:3])
    return [
        Entry(code, ids[f"{prefix}:{code}"], tuple(Line(number, row) for _, _, number, row in group))
        for code, group in groupby(rows, key=lambda row: row[0])
    ]


def workbook(*rows: list[Any], change: Callable[[Workbook], None] = lambda _: None) -> bytes:
    """An XLSX file as a spreadsheet program would save it."""
    book = Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
