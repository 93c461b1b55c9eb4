"""The rows of one code, which together make one change, and what is known that they touch. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any

from services.organisation.entity.decide import (
    Record,
    RecordAbsence,
    RecordEmployee,
    absences,
    acting,
    amended,
    buildings,
    employees,
    positions,
    units,
)
from services.organisation.row.rules import keep
from services.organisation.row.value import (
    ROWS,
    AbsenceRow,
    ActingRow,
    BuildingRow,
    EmployeeRow,
    Ids,
    PositionRow,
    Row,
    SheetKind,
    UnitRow,
    watt_hours,
)
from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    ActingRecorded,
    BuildingRecorded,
    BuildingTerms,
    EmployeeRecorded,
    Identity,
    PositionRecorded,
    UnitRecorded,
    as_of,
)
from shared.kit.decisions.decider import Decider, Document

DECIDERS: Mapping[SheetKind, Decider[Any, Any]] = {
    SheetKind.UNITS: units,
    SheetKind.BUILDINGS: buildings,
    SheetKind.POSITIONS: positions,
    SheetKind.EMPLOYEES: employees,
    SheetKind.ACTING: acting,
    SheetKind.ABSENCES: absences,
}
RECORDED: Mapping[SheetKind, type[Event]] = {
    SheetKind.UNITS: UnitRecorded,
    SheetKind.BUILDINGS: BuildingRecorded,
    SheetKind.POSITIONS: PositionRecorded,
    SheetKind.EMPLOYEES: EmployeeRecorded,
    SheetKind.ACTING: ActingRecorded,
    SheetKind.ABSENCES: AbsenceRecorded,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet and its number, as a spreadsheet shows it: the heading is row 1."""

    number: int
    row: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """Every row of one code, by day; `id` is the code's, as known before or as it will be."""

    code: str
    id: str
    lines: tuple[Line, ...]

    @property
    def key(self) -> str:
        return f"{self.last.prefix}:{self.code}"

    @property
    def since(self) -> str:
        """The first day that the entry says something of."""
        return str(self.lines[0].row.effective_from)

    @property
    def last(self) -> Row:
        """The row of the latest day."""
        row: Row = self.lines[-1].row
        return row

    def standing(self, day: date) -> Line:
        """The row in force on a day, or the first where none has begun."""
        begun = [line for line in self.lines if line.row.effective_from <= day]
        return begun[-1] if begun else self.lines[0]


@dataclass(frozen=True)
class Known:
    """What is on record that some entries touch: ids by key (also those that the sheet brings), the documents of the
    entities themselves, of buildings and of employees that they name, the people themselves (NIP and name), and the
    reasons given so far, by text id. `absent` are the columns that the sheet does not have, `today` is the day on which
    it is looked at."""

    issuer: str
    today: date
    absent: frozenset[str] = frozenset()
    ids: Ids = field(default_factory=dict)
    own: Mapping[str, Document] = field(default_factory=dict)
    buildings: Mapping[str, Document] = field(default_factory=dict)
    employees: Mapping[str, Document] = field(default_factory=dict)
    people: Mapping[str, Document] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def history(self, id_: str) -> list[Document]:
        """The terms on record of one of the sheet's own."""
        return list(self.own[id_]["history"]) if id_ in self.own else []

    def recorded(self, kind: SheetKind, id_: str) -> Any:
        """One of the sheet's own as the event that told of it last; none for a new one."""
        return RECORDED[kind].model_validate(self.own[id_], strict=False) if id_ in self.own else None


def kind_of(entry: Entry) -> SheetKind:
    """The sheet that has such rows."""
    return next(kind for kind, model in ROWS.items() if isinstance(entry.last, model))


def command(
    entry: Entry, known: Known, reasons: Mapping[str, str]
) -> Record[Any] | RecordEmployee | RecordAbsence | None:
    """The change that an entry, which has been checked, amounts to; none for a position that is not assessed. `reasons`
    gives the text id of each reason."""
    terms = tuple(said for _, said in filled(entry, known, reasons))
    if not terms:
        return None
    match entry.last:
        case EmployeeRow():
            return RecordEmployee(entry.id, identity(entry, known), terms)
        case AbsenceRow(nip=nip):
            return RecordAbsence(entry.id, known.ids[f"emp:{nip}"], terms)
    return Record(entry.id, terms)


def filled(entry: Entry, known: Known, reasons: Mapping[str, str]) -> Iterator[tuple[Line, Any]]:
    """The terms of each row, or of each day of a building, where columns that the sheet does not have stay as they
    stand on record on that day."""
    recorded = known.recorded(kind_of(entry), entry.id)
    history: tuple[Any, ...] = recorded.history if recorded else ()
    for line, terms in said(entry, known, reasons):
        whole = keep(terms, as_of(history, terms.effective_from), known.absent)
        history = amended(history, whole)
        yield line, whole


def said(entry: Entry, known: Known, reasons: Mapping[str, str]) -> Iterator[tuple[Line, Any]]:
    """The terms as the rows alone have them."""
    if isinstance(entry.last, BuildingRow):
        by_day = reduce(_with_day, entry.lines, dict[date, list[Line]]())
        yield from ((lines[-1], building_terms([line.row for line in lines])) for lines in by_day.values())
        return
    for line in entry.lines:
        match line.row:
            case UnitRow() | ActingRow() | EmployeeRow() | AbsenceRow():
                yield line, line.row.terms(known.ids)
            case PositionRow():
                if line.row.assessed:
                    yield line, line.row.terms(known.ids, reasons.get(line.row.reason or ""))
            case other:
                raise TypeError(f"no sheet has rows such as {other!r}")


def _with_day(by_day: dict[date, list[Line]], line: Line) -> dict[date, list[Line]]:
    by_day.setdefault(line.row.effective_from, []).append(line)
    return by_day


def holding(entry: Entry, known: Known) -> EmployeeRow | None:
    """The row whose name and subject hold, which have no history: the one in force today; none where terms on record
    began later than any such row."""
    row: EmployeeRow = entry.standing(known.today).row
    now = [terms["effective_from"] for terms in known.history(entry.id) if terms["effective_from"] <= str(known.today)]
    return None if now and (row.effective_from > known.today or max(now) > str(row.effective_from)) else row


def identity(entry: Entry, known: Known) -> Identity:
    """Who an employee's tokens will speak for them."""
    row = holding(entry, known)
    if row is None:
        return Identity.model_validate(known.own[entry.id]["identity"])
    return Identity(iss=known.issuer, sub=row.subject)


def person(entry: Entry, known: Known) -> Document:
    """What an employee will be called: NIP and name."""
    row = holding(entry, known)
    name = row.name if row else known.people[entry.id]["name"]
    return {"nip": entry.code, "name": name}


def building_terms(rows: list[BuildingRow]) -> BuildingTerms:
    """The rows of one building and day, a row for each zone, as terms."""
    first = rows[0]
    return BuildingTerms(
        effective_from=first.effective_from,
        name=first.name,
        base_watt_hours=watt_hours(first.base_kwh),
        per_head_watt_hours=watt_hours(first.per_head_kwh),
        tariff_class=first.tariff_class,
        zones=tuple(zone.zone_terms() for zone in rows),
    )
