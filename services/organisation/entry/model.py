"""The rows of one code, which together make one change, and what is known that they touch. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

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
from services.organisation.entity.model import Person, Recorded, Terms
from services.organisation.row.rules import keep
from services.organisation.row.value import (
    AbsenceRow,
    ActingRow,
    BuildingRow,
    EmployeeRow,
    Ids,
    PositionRow,
    Row,
    SheetKind,
    UnitRow,
    key_of,
    watt_hours,
)
from shared.contracts.organisation import (
    AbsenceRecorded,
    AbsenceTerms,
    ActingRecorded,
    BuildingRecorded,
    BuildingTerms,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    PositionRecorded,
    UnitRecorded,
    as_of,
)
from shared.kit.decisions.decider import Decider

DECIDERS: Mapping[SheetKind, Decider[Any, Any]] = {
    SheetKind.UNITS: units,
    SheetKind.BUILDINGS: buildings,
    SheetKind.POSITIONS: positions,
    SheetKind.EMPLOYEES: employees,
    SheetKind.ACTING: acting,
    SheetKind.ABSENCES: absences,
}
RECORDED: Mapping[SheetKind, type[Recorded]] = {
    SheetKind.UNITS: UnitRecorded,
    SheetKind.BUILDINGS: BuildingRecorded,
    SheetKind.POSITIONS: PositionRecorded,
    SheetKind.EMPLOYEES: EmployeeRecorded,
    SheetKind.ACTING: ActingRecorded,
    SheetKind.ABSENCES: AbsenceRecorded,
}
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet and its number, as a spreadsheet shows it: the heading is row 1."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True)
class Entry:
    """Every row of one code, by day; `id` is the code's, as known before or as it will be."""

    code: str
    id: str
    lines: tuple[Line, ...]

    @property
    def key(self) -> str:
        return key_of(type(self.last), self.code)

    @property
    def since(self) -> str:
        """The first day that the entry says something of."""
        return str(self.lines[0].row.effective_from)

    @property
    def last(self) -> Row:
        """The row of the latest day."""
        return self.lines[-1].row

    def rows(self, kind: type[R]) -> Iterator[tuple[int, R]]:
        """Its rows, which are of one kind, with their numbers."""
        yield from ((line.number, line.row) for line in self.lines if isinstance(line.row, kind))

    def standing(self, day: date) -> Line:
        """The row in force on a day, or the first where none has begun."""
        begun = [line for line in self.lines if line.row.effective_from <= day]
        return begun[-1] if begun else self.lines[0]

    @property
    def reasons(self) -> list[str]:
        """The reasons that it gives, each once."""
        return list(dict.fromkeys(row.reason for _, row in self.rows(PositionRow) if row.reason))


@dataclass(frozen=True)
class Known:
    """What is on record that some entries touch: ids by key (also those that the sheet brings), the entities
    themselves, the buildings and employees that they name, what people are called, and the reasons given so far, by
    text id. `absent` are the columns that the sheet does not have, `today` is the day on which it is looked at."""

    issuer: str
    today: date
    absent: frozenset[str] = frozenset()
    ids: Ids = field(default_factory=dict)
    own: Mapping[str, Recorded] = field(default_factory=dict)
    buildings: Mapping[str, BuildingRecorded] = field(default_factory=dict)
    employees: Mapping[str, EmployeeRecorded] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def history(self, id_: str) -> Sequence[Terms]:
        """The terms on record of one of the sheet's own; none of a new one."""
        return self.own[id_].history if id_ in self.own else ()

    def person(self, nip: str) -> str | None:
        """The id of an employee, by NIP or by the id itself."""
        return self.ids.get(key_of(EmployeeRow, nip))


def command(
    entry: Entry, known: Known, reasons: Mapping[str, str]
) -> Record[Terms] | RecordEmployee | RecordAbsence | None:
    """The change that an entry, which has been checked, amounts to; none for a position that is not assessed. `reasons`
    gives the text id of each reason."""
    terms = tuple(said for _, said in filled(entry, known, reasons))
    if not terms:
        return None
    match entry.last:
        case EmployeeRow():
            theirs = tuple(one for one in terms if isinstance(one, EmployeeTerms))
            return RecordEmployee(entry.id, identity(entry, known), theirs)
        case AbsenceRow(nip=nip):
            away = tuple(one for one in terms if isinstance(one, AbsenceTerms))
            return RecordAbsence(entry.id, known.ids[key_of(EmployeeRow, nip)], away)
    return Record(entry.id, terms)


def filled(entry: Entry, known: Known, reasons: Mapping[str, str]) -> Iterator[tuple[Line, Terms]]:
    """The terms of each row, or of each day of a building, where columns that the sheet does not have stay as they
    stand on record on that day."""
    history: tuple[Terms, ...] = tuple(known.history(entry.id))
    for line, terms in said(entry, known, reasons):
        whole = keep(terms, as_of(history, terms.effective_from), known.absent)
        history = amended(history, whole)
        yield line, whole


def said(entry: Entry, known: Known, reasons: Mapping[str, str]) -> Iterator[tuple[Line, Terms]]:
    """The terms as the rows alone have them."""
    if isinstance(entry.last, BuildingRow):
        by_day: dict[date, list[BuildingRow]] = {}
        last: dict[date, Line] = {line.row.effective_from: line for line in entry.lines}
        for _, row in entry.rows(BuildingRow):
            by_day.setdefault(row.effective_from, []).append(row)
        yield from ((last[day], building_terms(rows)) for day, rows in by_day.items())
        return
    for line in entry.lines:
        match line.row:
            case UnitRow() | ActingRow() | EmployeeRow() | AbsenceRow() as dated:
                yield line, dated.terms(known.ids)
            case PositionRow() as position:
                if position.assessed:
                    yield line, position.terms(known.ids, reasons.get(position.reason or ""))
            case other:
                raise TypeError(f"no sheet has rows such as {other!r}")


def holding(entry: Entry, known: Known) -> EmployeeRow | None:
    """The row whose name and subject hold, which have no history: the one in force today; none where terms on record
    began later than any such row."""
    row = entry.standing(known.today).row
    assert isinstance(row, EmployeeRow)
    now = [terms.effective_from for terms in known.history(entry.id) if terms.effective_from <= known.today]
    return None if now and (row.effective_from > known.today or max(now) > row.effective_from) else row


def identity(entry: Entry, known: Known) -> Identity:
    """Who an employee's tokens will speak for them."""
    row, on_record = holding(entry, known), known.own.get(entry.id)
    if row is None and isinstance(on_record, EmployeeRecorded):
        return on_record.identity
    assert row
    return Identity(iss=known.issuer, sub=row.subject)


def person(entry: Entry, known: Known) -> Person:
    """What an employee will be called."""
    row = holding(entry, known)
    return Person(entry.code, row.name if row else known.people[entry.id].name)


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
