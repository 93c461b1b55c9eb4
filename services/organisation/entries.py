"""The rows of one code, which together make one change, and what is known that they touch. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.organisation.decide import (
    Record,
    RecordEmployee,
    acting,
    buildings,
    employees,
    positions,
    units,
)
from services.organisation.rows import (
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
from shared.contracts.organisation import BuildingTerms, Identity
from shared.kit.decider import Decider, Document

DECIDERS: Mapping[SheetKind, Decider[Any, Any]] = {
    SheetKind.UNITS: units,
    SheetKind.BUILDINGS: buildings,
    SheetKind.POSITIONS: positions,
    SheetKind.EMPLOYEES: employees,
    SheetKind.ACTING: acting,
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

    def person(self) -> Document:
        """Who an employee's rows say that it is."""
        row = self.lines[-1].row
        return {"nip": row.nip, "name": row.name}

    @property
    def last(self) -> Row:
        """The row of the latest day."""
        row: Row = self.lines[-1].row
        return row


@dataclass(frozen=True)
class Known:
    """What is on record that some entries touch: ids by key (also those that the sheet brings), the documents of the
    entities themselves, of buildings and of employees that they name, who a token's subject speaks for, and the reasons
    given so far, by text id."""

    issuer: str
    ids: Ids = field(default_factory=dict)
    own: Mapping[str, Document] = field(default_factory=dict)
    buildings: Mapping[str, Document] = field(default_factory=dict)
    employees: Mapping[str, Document] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def history(self, id_: str) -> list[Document]:
        """The terms on record of one of the sheet's own."""
        return list(self.own[id_]["history"]) if id_ in self.own else []


def command(entry: Entry, known: Known, reasons: Mapping[str, str]) -> Record[Any] | RecordEmployee | None:
    """The change that an entry, which has been checked, amounts to; none for a position that is not assessed. `reasons`
    gives the text id of each reason."""
    rows = [line.row for line in entry.lines]
    match entry.last:
        case UnitRow() | ActingRow():
            return Record(entry.id, tuple(row.terms(known.ids) for row in rows))
        case BuildingRow():
            return Record(entry.id, building_terms(rows))
        case PositionRow():
            assessed = [row for row in rows if row.assessed]
            terms = tuple(row.terms(known.ids, reasons.get(row.reason)) for row in assessed)
            return Record(entry.id, terms) if terms else None
        case EmployeeRow(subject=subject):
            identity = Identity(iss=known.issuer, sub=subject)
            return RecordEmployee(entry.id, identity, tuple(row.terms(known.ids) for row in rows))
    raise TypeError(f"no sheet has rows such as {entry.last!r}")


def building_terms(rows: list[BuildingRow]) -> tuple[BuildingTerms, ...]:
    """The rows of one building, a row for each zone, as terms for each day."""
    by_day: dict[Any, list[BuildingRow]] = {}
    for row in rows:
        by_day.setdefault(row.effective_from, []).append(row)
    return tuple(
        BuildingTerms(
            effective_from=day,
            name=zones[0].name,
            base_watt_hours=watt_hours(zones[0].base_kwh),
            per_head_watt_hours=watt_hours(zones[0].per_head_kwh),
            tariff_class=zones[0].tariff_class,
            zones=tuple(zone.zone_terms() for zone in zones),
        )
        for day, zones in by_day.items()
    )
