"""How a sheet of reference data is read: rows in, commands or problems out, each with its row and column. Pure.

A sheet names things by the codes that people use (unit code, position code, NIP); what leaves this module names them by
ids. A NIP and a name never leave the service.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.organisation.decide import RecordEmployee, RecordPosition, RecordUnit
from services.organisation.rows import ROWS, EmployeeRow, PositionRow, Row, SheetKind, UnitRow
from shared.contracts.organisation import Identity

ROWS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken. Rows count as a spreadsheet shows them: the heading is row 1."""

    row: int
    column: str
    rule: str
    reason: str = ""


@dataclass(frozen=True)
class Codes:
    """The ids behind the codes that people use, as known before the sheet; `make_id` gives new ones."""

    units: Mapping[str, str]
    positions: Mapping[str, str]
    people: Mapping[str, str]
    subjects: Mapping[str, str]
    issuer: str
    make_id: Callable[[str], str]


@dataclass
class Sheet:
    """A sheet read: the commands it amounts to, with the aggregate of each; codes and names it brings; its problems."""

    rows: int = 0
    commands: list[tuple[str, Any]] = field(default_factory=list)
    new_codes: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


def read_sheet(kind: SheetKind, text: str, codes: Codes) -> Sheet:
    """Every row, checked against the others and against what is known."""
    sheet = Sheet()
    rows = list(_rows(ROWS[kind], text, sheet))
    match kind:
        case SheetKind.UNITS:
            _units(rows, codes, sheet)
        case SheetKind.POSITIONS:
            _positions(rows, codes, sheet)
        case SheetKind.EMPLOYEES:
            _employees(rows, codes, sheet)
    return sheet


def _rows(model: type[Row], text: str, sheet: Sheet) -> Iterator[tuple[int, Any]]:
    """The rows that are well formed, with their numbers; the others become problems."""
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True, delimiter=delimiter)
    try:
        for name, column in model.model_fields.items():
            if column.is_required() and name not in (reader.fieldnames or ()):
                sheet.problems.append(RowProblem(1, name, "column-missing"))
        if sheet.problems:
            return
        for number, cells in enumerate(reader, start=2):
            sheet.rows += 1
            if sheet.rows > ROWS_MAX:
                sheet.problems.append(RowProblem(number, "", "too-many-rows"))
                return
            yield from _row(model, number, cells, sheet)
    except csv.Error as broken:
        sheet.problems.append(RowProblem(reader.line_num + 1, "", "not-csv", str(broken)))


def _row(model: type[Row], number: int, cells: Mapping[Any, Any], sheet: Sheet) -> Iterator[tuple[int, Any]]:
    if None in cells or None in cells.values():
        sheet.problems.append(RowProblem(number, "", "cell-count"))
        return
    try:
        yield number, model.model_validate(cells)
    except ValidationError as wrong:
        for fault in wrong.errors(include_url=False, include_input=False, include_context=False):
            sheet.problems.append(RowProblem(number, str(fault["loc"][0]), fault["type"], fault["msg"]))


def _once(rows: Sequence[tuple[int, Any]], column: str, sheet: Sheet) -> Iterator[tuple[int, Any]]:
    """Rows whose code and day no earlier row has."""
    seen: set[tuple[str, date]] = set()
    for number, row in rows:
        key = (getattr(row, column), row.effective_from)
        if key in seen:
            sheet.problems.append(RowProblem(number, column, "row-twice"))
        else:
            seen.add(key)
            yield number, row


def _units(rows: Sequence[tuple[int, UnitRow]], codes: Codes, sheet: Sheet) -> None:
    for _, row in _once(rows, "unit_code", sheet):
        id_ = _id_of("unit", row.unit_code, codes.units, codes, sheet)
        sheet.commands.append((id_, RecordUnit(id_, row.terms())))


def _positions(rows: Sequence[tuple[int, PositionRow]], codes: Codes, sheet: Sheet) -> None:
    for _, row in _once(rows, "position_code", sheet):
        id_ = _id_of("pos", row.position_code, codes.positions, codes, sheet)
        sheet.commands.append((id_, RecordPosition(id_, row.terms())))


def _id_of(prefix: str, code: str, known: Mapping[str, str], codes: Codes, sheet: Sheet) -> str:
    new = f"{prefix}:{code}"
    if code not in known and new not in sheet.new_codes:
        sheet.new_codes[new] = codes.make_id(prefix)
    return known.get(code) or sheet.new_codes[new]


def _employees(rows: Sequence[tuple[int, EmployeeRow]], codes: Codes, sheet: Sheet) -> None:
    people = dict(codes.people)
    for _, row in rows:
        people.setdefault(row.nip, codes.make_id("emp"))
    subjects = dict(codes.subjects)
    for number, row in _once(rows, "nip", sheet):
        id_ = people[row.nip]
        found = [RowProblem(number, column, rule) for column, rule in _faults(row, codes, people)]
        if subjects.setdefault(row.subject, id_) != id_:
            found.append(RowProblem(number, "subject", "subject-taken"))
        sheet.problems += found
        if not found:
            superior_id = people[row.superior_nip] if row.superior_nip else None
            terms = row.terms(codes.units[row.unit_code], codes.positions[row.position_code], superior_id)
            sheet.names[id_] = (row.nip, row.name)
            sheet.commands.append((id_, RecordEmployee(id_, Identity(iss=codes.issuer, sub=row.subject), terms)))


def _faults(row: EmployeeRow, codes: Codes, people: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Columns of a well-formed row that do not fit what is known, with the rule that each breaks."""
    if row.unit_code not in codes.units:
        yield "unit_code", "unknown-code"
    if row.position_code not in codes.positions:
        yield "position_code", "unknown-code"
    if row.superior_nip and row.superior_nip not in people:
        yield "superior_nip", "unknown-code"
    if row.superior_nip == row.nip:
        yield "superior_nip", "own-superior"
    if (row.round_trip_km is None) != (row.vehicle is None):
        yield "round_trip_km", "commute-incomplete"
