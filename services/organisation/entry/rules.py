"""Which rows of a sheet cannot be taken, seen against each other and against what is on record. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.organisation.entity.decide import all_amended
from services.organisation.entity.model import Recorded
from services.organisation.entry.model import DECIDERS, RECORDED, Entry, Known, command, holding, identity, said
from services.organisation.mandate import rules as mandates
from services.organisation.mandate.rules import months_after
from services.organisation.row.model import Fault, faults_of
from services.organisation.row.value import (
    AbsenceRow,
    ActingRow,
    BuildingRow,
    EmployeeRow,
    PositionRow,
    SheetKind,
    UnitRow,
    key_of,
)
from shared.contracts.event import EVENT_BYTES_MAX, Rejected
from shared.contracts.organisation import PUBLISHER, AbsenceRecorded, ActingRecorded, EmployeeRecorded, as_of
from shared.kit.decisions.decider import Refused

SHOWN_MAX = 500
DAYS_MAX = 100
ABSENCE_MONTHS_MAX = 48
"""No leave is as long: a longer one is a slip of the pen in the year."""

ZONES_MAX = 200
NEW_REASON = f"txt-{0:032x}"
"""Stands in an event that is tried for the id that a new reason will have."""

BUILDING_COLUMNS = ("name", "base_kwh", "per_head_kwh", "tariff_class")


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """Why a row cannot be taken: the rule, the limit that it sets and where that comes from."""

    row: int
    column: str
    rule: str
    reason: str = ""
    value: Any = field(default=None, compare=False)
    source: str = field(default="", compare=False)


@dataclass
class Findings:
    """How many problems there are, and the first of them."""

    count: int = 0
    first: list[RowProblem] = field(default_factory=list)
    favours: list[int] = field(default_factory=list)
    """Rows that the sender of the sheet cannot confirm alone."""

    def add(self, problems: Iterable[RowProblem]) -> None:
        for problem in problems:
            self.count += 1
            self.first.append(problem)
            if len(self.first) >= 2 * SHOWN_MAX:
                self.first = sorted(self.first)[:SHOWN_MAX]

    def merge(self, other: "Findings") -> None:
        self.count += other.count
        self.first += other.first
        self.favours += other.favours

    def shown(self) -> list[RowProblem]:
        return sorted(self.first)[:SHOWN_MAX]


def problems(kind: SheetKind, entry: Entry, known: Known) -> list[RowProblem]:
    """Everything that is wrong with the rows of one code."""
    return examine(kind, entry, known)[0]


def examine(kind: SheetKind, entry: Entry, known: Known) -> tuple[list[RowProblem], Recorded | None]:
    """The same, and where nothing is wrong the event that the rows become: that is tried. None for what has a code and
    nothing else."""
    found = list(_own(entry, known))
    for line in entry.lines:
        found += [
            RowProblem(line.number, column, "unknown-code")
            for column, key in line.row.mentions()
            if key not in known.ids
        ]
    unknown = {(problem.row, problem.column) for problem in found}
    if not any(problem.rule == "history-too-long" for problem in found):
        found += [p for p in CHECKS[kind](entry, known) if (p.row, p.column) not in unknown]
    return (found, None) if found else _event(kind, entry, known)


def _own(entry: Entry, known: Known) -> Iterator[RowProblem]:
    """A code has one row a day (a building one for each zone), and not more days than can be looked through."""
    seen = set()
    for line in entry.lines:
        zone = line.row.zone if isinstance(line.row, BuildingRow) else None
        if (line.row.effective_from, zone) in seen:
            column = "zone" if zone else line.row.named_by
            yield RowProblem(line.number, column, "row-twice")
        seen.add((line.row.effective_from, zone))
    before = {terms.effective_from for terms in known.history(entry.id)}
    if len(before | {line.row.effective_from for line in entry.lines}) > DAYS_MAX:
        yield RowProblem(entry.lines[-1].number, entry.last.named_by, "history-too-long", value=DAYS_MAX)


def _event(kind: SheetKind, entry: Entry, known: Known) -> tuple[list[RowProblem], Recorded | None]:
    """What its contract and its limit say of the very event that these rows will become: there is no second opinion."""
    number, named_by = entry.lines[-1].number, entry.last.named_by
    reasons = dict.fromkeys(entry.reasons, NEW_REASON)
    before = known.own.get(entry.id)
    try:
        for line in entry.lines:
            number = line.number
            list(said(replace(entry, lines=(line,)), known, reasons))
        change = command(entry, known, reasons)
        events = DECIDERS[kind].decide(change, before) if change else ()
        if not events:
            return [], before
        body = events[-1].model_dump_json()
        if len(body.encode()) > EVENT_BYTES_MAX:
            return [RowProblem(number, named_by, "history-too-large", value=EVENT_BYTES_MAX // 1024)], None
        return [], RECORDED[kind].model_validate(PUBLISHER.read(PUBLISHER.type_of(events[-1]), body))
    except Refused as refused:
        return [
            RowProblem(number, named_by, one.rule, value=one.value, source=one.source) for one in refused.violations
        ], None
    except ValidationError as wrong:
        return [_problem(entry, number, fault) for fault in faults_of(wrong)], None
    except Rejected as unreadable:
        return [RowProblem(number, named_by, "not-an-event", unreadable.detail)], None


def _problem(entry: Entry, number: int, fault: Fault) -> RowProblem:
    column = fault.column if fault.column in type(entry.last).model_fields else entry.last.named_by
    return RowProblem(number, column, fault.rule, fault.reason)


def _unit(entry: Entry, known: Known) -> Iterator[RowProblem]:
    for number, row in entry.rows(UnitRow):
        if (row.building_code is None) != (row.zone is None):
            yield RowProblem(number, "zone" if row.zone is None else "building_code", "seat-incomplete")
        elif building := known.buildings.get(known.ids.get(key_of(BuildingRow, row.building_code or ""), "")):
            terms = as_of(building.history, row.effective_from)
            if terms is None or row.zone not in {zone.zone for zone in terms.zones}:
                yield RowProblem(number, "zone", "zone-not-there")
        if row.parent_code == row.unit_code:
            yield RowProblem(number, "parent_code", "parent-circle")


def _building(entry: Entry, known: Known) -> Iterator[RowProblem]:
    first: dict[date, BuildingRow] = {}
    zones: Counter[date] = Counter()
    for number, row in entry.rows(BuildingRow):
        said = first.setdefault(row.effective_from, row)
        zones[row.effective_from] += 1
        for column in BUILDING_COLUMNS:
            if getattr(row, column) != getattr(said, column):
                yield RowProblem(number, column, "building-disagrees")
        if zones[row.effective_from] == ZONES_MAX + 1:
            yield RowProblem(number, "zone", "too-many-zones", value=ZONES_MAX)


def _position(entry: Entry, known: Known) -> Iterator[RowProblem]:
    assessed_since = min((terms.effective_from for terms in known.history(entry.id)), default=date.max)
    if known.absent >= {"measurable", "public_contact"}:
        return
    for number, row in entry.rows(PositionRow):
        about = (row.assessed_by_nip, row.assessed_on, row.reason)
        if (row.measurable is None) != (row.public_contact is None):
            yield RowProblem(number, "measurable" if row.measurable is None else "public_contact", "half-assessed")
        elif not row.assessed and any(part is not None for part in about):
            yield RowProblem(number, "measurable", "half-assessed")
        elif not row.assessed and assessed_since <= row.effective_from:
            yield RowProblem(number, "measurable", "assessed-before")
        elif row.assessed:
            assessed_since = min(assessed_since, row.effective_from)


def _employee(entry: Entry, known: Known) -> Iterator[RowProblem]:
    for number, row in entry.rows(EmployeeRow):
        if row.superior_nip in (row.nip, entry.id):
            yield RowProblem(number, "superior_nip", "own-superior")
        if (row.round_trip_km is None) != (row.vehicle is None):
            yield RowProblem(number, "round_trip_km", "commute-incomplete")
    yield from _identity(entry, known)


def _identity(entry: Entry, known: Known) -> Iterator[RowProblem]:
    """Name and subject have no history. Those of the row in force today hold; what another row says of them must not be
    lost without a word, so that a later row says the same, and an earlier one too where what is on record holds."""
    row, on_record = holding(entry, known), known.people.get(entry.id)
    name, subject = row.name if row else on_record and on_record.name, identity(entry, known).sub
    for number, other in entry.rows(EmployeeRow):
        if other is not row and (row is None or other.effective_from > known.today):
            if other.name != name:
                yield RowProblem(number, "name", "holds-not-today")
            if other.subject != subject:
                yield RowProblem(number, "subject", "holds-not-today")


def _acting(entry: Entry, known: Known) -> Iterator[RowProblem]:
    complete = True
    for number, row in entry.rows(ActingRow):
        for_id, acting_id = known.person(row.for_nip), known.person(row.acting_nip)
        complete = complete and None not in (for_id, acting_id)
        if for_id and for_id == acting_id:
            yield RowProblem(number, "acting_nip", "acts-for-self")
        if row.ends_on >= row.effective_from:
            for column, id_ in (("for_nip", for_id), ("acting_nip", acting_id)):
                if id_ and not _active(known.employees.get(id_), row.effective_from):
                    yield RowProblem(number, column, "not-active-then")
    if complete:
        yield from _mandate(entry, known)


def _absence(entry: Entry, known: Known) -> Iterator[RowProblem]:
    """An absence is one person's, on record and in the sheet."""
    on_record = known.own.get(entry.id)
    rows = [(number, row, known.person(row.nip)) for number, row in entry.rows(AbsenceRow)]
    whose = on_record.employee_id if isinstance(on_record, AbsenceRecorded) else rows[0][2]
    for number, row, id_ in rows:
        if id_ != whose:
            yield RowProblem(number, "nip", "absence-of-another")
        elif row.ends_on >= months_after(row.effective_from, ABSENCE_MONTHS_MAX):
            yield RowProblem(number, "ends_on", "absence-too-long", value=ABSENCE_MONTHS_MAX)
        elif row.ends_on >= row.effective_from and not _active(known.employees.get(id_ or ""), row.effective_from):
            yield RowProblem(number, "nip", "not-active-then")


def _mandate(entry: Entry, known: Known) -> Iterator[RowProblem]:
    """What the law says of the mandate as it will be. Where a row makes terms unlawful that were there before, the last
    row is named."""
    on_record = known.own.get(entry.id)
    before = on_record.history if isinstance(on_record, ActingRecorded) else ()
    after = all_amended(before, [row.terms(known.ids) for _, row in entry.rows(ActingRow)])
    numbers = {line.row.effective_from: line.number for line in entry.lines}
    for terms, broken in mandates.faults(after):
        number = numbers.get(terms.effective_from, entry.lines[-1].number)
        yield RowProblem(number, "ends_on", broken.rule, value=broken.value, source=broken.source)


def _active(employee: EmployeeRecorded | None, day: date) -> bool:
    """Nobody is on record who comes with the very sheet: mandates are loaded after people."""
    terms = as_of(employee.history, day) if employee else None
    return bool(terms and terms.active)


CHECKS: Mapping[SheetKind, Callable[[Entry, Known], Iterator[RowProblem]]] = {
    SheetKind.UNITS: _unit,
    SheetKind.BUILDINGS: _building,
    SheetKind.POSITIONS: _position,
    SheetKind.EMPLOYEES: _employee,
    SheetKind.ACTING: _acting,
    SheetKind.ABSENCES: _absence,
}
