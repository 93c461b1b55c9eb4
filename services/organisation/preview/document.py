"""How the rows of a sheet will be taken: each as it is understood, beside what is on record on its day. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.organisation.entity.model import Person, Recorded, Terms
from services.organisation.entry.model import Entry, Known, Line, building_terms, filled
from services.organisation.entry.rules import examine
from services.organisation.export.document import Cell, Cells, Names, rows
from services.organisation.row.value import AbsenceRow, BuildingRow, EmployeeRow, Row, SheetKind, columns, key_of
from shared.contracts.organisation import (
    AbsenceRecorded,
    AbsenceTerms,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    BuildingTerms,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
    as_of,
)
from shared.kit.web.schemas import Schema


@dataclass(frozen=True)
class _Texts(Mapping[str, str]):
    """What a sheet says, and otherwise what is kept, which knows what to say of a text that was erased."""

    said: Mapping[str, str]
    kept: Mapping[str, str]

    def __getitem__(self, id_: str) -> str:
        return self.said[id_] if id_ in self.said else self.kept[id_]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.said, **self.kept})

    def __len__(self) -> int:
        return len({**self.said, **self.kept})


class Becomes(StrEnum):
    """Effect of a row on the record: `new`; `changed`; `unchanged`; `refused`, no effect, for a problem in the import's
    report."""

    REFUSED = "refused"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Change(Schema):
    """A column in which the record will differ from the row's day on."""

    column: str
    """The column."""

    before: str | None
    """Value on record on that day; null for none."""

    after: str | None
    """Value that will be on record; null for none."""


class RowPreview(Schema):
    """A row as it will be recorded."""

    row: int
    """Number of the row in the file, from 1; headings count."""

    code: str
    """Code of the entry."""

    becomes: Becomes
    """Effect of the row on the record."""

    values: dict[str, str | None]
    """Every column as it is understood, also those that the sheet does not have."""

    changes: list[Change]
    """Columns that will change."""


def previews(kind: SheetKind, entry: Entry, known: Known, names: Names) -> Iterator[RowPreview]:
    """Every row of one code."""
    if examine(kind, entry, known)[0]:
        yield from (_refused(kind, line) for line in entry.lines)
        return
    texts = {text: f"txt-{number:08}" for number, text in enumerate(entry.reasons)}
    said = {id_: text for text, id_ in texts.items()}
    named = replace(names, texts=_Texts(said, names.texts))
    after = {line.number: terms for line, terms in filled(entry, known, texts)}
    for line in entry.lines:
        row = line.row
        terms = building_terms([row]) if isinstance(row, BuildingRow) else after.get(line.number)
        values = _after(kind, entry, row, terms, known, named)
        was = _before(kind, known.own.get(entry.id), row, named)
        changes = [
            Change(column=column, before=was.get(column), after=values[column])
            for column in columns(kind)
            if column != "effective_from" and was.get(column) != values[column]
        ]
        becomes = Becomes.CHANGED if changes else Becomes.UNCHANGED
        if not was:
            becomes, changes = Becomes.NEW, []
        yield RowPreview(row=line.number, code=entry.code, becomes=becomes, values=values, changes=changes)


def _refused(kind: SheetKind, line: Line) -> RowPreview:
    """A row of a code that cannot be taken: as it is read."""
    values = _plain(kind, {name: _written(cell) for name, cell in line.row.model_dump().items()})
    return RowPreview(row=line.number, code=line.row.code, becomes=Becomes.REFUSED, values=values, changes=[])


def _written(cell: object) -> Cell:
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, tuple):
        return " ".join(cell)
    return cell if isinstance(cell, str | int | Decimal | date) else None


def _after(
    kind: SheetKind, entry: Entry, row: Row, terms: Terms | None, known: Known, names: Names
) -> dict[str, str | None]:
    match terms:
        case None:
            return _plain(kind, {"position_code": entry.code, "effective_from": row.effective_from})
        case UnitTerms():
            return _cells(kind, UnitRecorded(unit_id=entry.id, history=(terms,)), names)
        case BuildingTerms():
            return _cells(kind, BuildingRecorded(building_id=entry.id, history=(terms,)), names)
        case PositionTerms():
            return _cells(kind, PositionRecorded(position_id=entry.id, history=(terms,)), names)
        case EmployeeTerms():
            assert isinstance(row, EmployeeRow)
            identity = Identity(iss=known.issuer, sub=row.subject)
            person = {entry.id: Person(entry.code, row.name)}
            recorded = EmployeeRecorded(employee_id=entry.id, identity=identity, history=(terms,))
            return _cells(kind, recorded, replace(names, people=dict(names.people) | person))
        case ActingTerms():
            return _cells(kind, ActingRecorded(acting_assignment_id=entry.id, history=(terms,)), names)
        case AbsenceTerms():
            assert isinstance(row, AbsenceRow)
            whose = known.ids[key_of(EmployeeRow, row.nip)]
            return _cells(kind, AbsenceRecorded(absence_id=entry.id, employee_id=whose, history=(terms,)), names)


def _before(kind: SheetKind, recorded: Recorded | None, row: Row, names: Names) -> dict[str, str | None]:
    """The same on record on the row's day; nothing of a zone that a building does not have."""
    terms = as_of(recorded.history, row.effective_from) if recorded else None
    if recorded is None or terms is None:
        return {}
    if isinstance(terms, BuildingTerms) and isinstance(row, BuildingRow):
        zones = tuple(one for one in terms.zones if one.zone == row.zone)
        if not zones:
            return {}
        terms = terms.model_copy(update={"zones": zones})
    return _cells(kind, recorded.model_copy(update={"history": (terms,)}), names)


def _cells(kind: SheetKind, recorded: Recorded, names: Names) -> dict[str, str | None]:
    return _plain(kind, next(rows(recorded, names), {}))


def _plain(kind: SheetKind, cells: Cells) -> dict[str, str | None]:
    return {column: _text(cells.get(column)) for column in columns(kind)}


def _text(cell: Cell) -> str | None:
    match cell:
        case None | "":
            return None
        case Decimal():
            return format(cell.normalize(), "f")
        case date():
            return cell.isoformat()
    return str(cell)
