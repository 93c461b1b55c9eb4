"""How the rows of a sheet will be taken: each as it is understood, beside what is on record on its day. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.organisation.entry.model import RECORDED, Entry, Known, Line, building_terms, filled
from services.organisation.entry.rules import examine
from services.organisation.export.document import Cells, Names, listed
from services.organisation.row.value import EmployeeRow, SheetKind, columns
from shared.contracts.organisation import as_of
from shared.kit.decisions.decider import Document
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
    recorded = known.recorded(kind, entry.id)
    texts = {text: f"txt-{number:08}" for number, text in enumerate(_reasons(entry))}
    said = {id_: text for text, id_ in texts.items()}
    named = replace(names, texts=_Texts(said, names.texts))
    after = {line.number: terms for line, terms in filled(entry, known, texts)}
    for line in entry.lines:
        standing = as_of(recorded.history, line.row.effective_from) if recorded else None
        terms = building_terms([line.row]) if kind is SheetKind.BUILDINGS else after.get(line.number)
        values = _after(kind, entry, line, terms, known, named)
        was = _before(kind, entry, line, standing, known, named) if standing else {}
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


def _written(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    return " ".join(cell) if isinstance(cell, tuple) else cell


def _reasons(entry: Entry) -> Iterator[str]:
    yield from {line.row.reason: None for line in entry.lines if getattr(line.row, "reason", None)}


def _after(kind: SheetKind, entry: Entry, line: Line, terms: Any, known: Known, names: Names) -> dict[str, str | None]:
    if terms is None:
        return _plain(kind, {"position_code": entry.code, "effective_from": line.row.effective_from})
    whose: dict[str, Any] = {"employee_id": known.ids.get(f"emp:{getattr(line.row, 'nip', '')}", entry.id)}
    if isinstance(line.row, EmployeeRow):
        whose = {"identity": {"iss": known.issuer, "sub": line.row.subject}}
        person = {"nip": entry.code, "name": line.row.name}
        names = replace(names, people=dict(names.people) | {entry.id: person})
    return _cells(kind, entry.id, whose, terms, names)


def _before(kind: SheetKind, entry: Entry, line: Line, terms: Any, known: Known, names: Names) -> dict[str, str | None]:
    """The same on record; nothing of a zone that a building does not have."""
    zone = getattr(line.row, "zone", None) if kind is SheetKind.BUILDINGS else None
    if zone:
        zones = tuple(one for one in terms.zones if one.zone == zone)
        if not zones:
            return {}
        terms = terms.model_copy(update={"zones": zones})
    return _cells(kind, entry.id, known.own[entry.id], terms, names)


def _cells(kind: SheetKind, id_: str, about: Mapping[str, Any], terms: Any, names: Names) -> dict[str, str | None]:
    subject = RECORDED[kind].about
    found: Document = {**about, "_id": id_, subject: id_, "history": [terms.model_dump(mode="json")]}
    return _plain(kind, next(listed(kind, found, names), {}))


def _plain(kind: SheetKind, cells: Cells) -> dict[str, str | None]:
    return {column: _text(cells.get(column)) for column in columns(kind)}


def _text(cell: Any) -> str | None:
    match cell:
        case None | "":
            return None
        case Decimal():
            return format(cell.normalize(), "f")
        case date():
            return cell.isoformat()
    return str(cell)
