"""Which rows of a sheet cannot be taken, seen against each other and against what is on record. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.organisation.decide import all_amended
from services.organisation.entries import Entry, Known
from services.organisation.mandates import faults
from services.organisation.rows import SheetKind
from shared.contracts.organisation import ActingRecorded, BuildingTerms, EmployeeTerms, as_of
from shared.kit.decider import Document

SHOWN_MAX = 500
DAYS_MAX = 100
ZONES_MAX = 200
ZONE_ROWS_MAX = 5_000
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

    def add(self, problems: Iterable[RowProblem]) -> None:
        for problem in problems:
            self.count += 1
            self.first.append(problem)
            if len(self.first) >= 2 * SHOWN_MAX:
                self.first = sorted(self.first)[:SHOWN_MAX]

    def merge(self, other: "Findings") -> None:
        self.count += other.count
        self.first += other.first

    def shown(self) -> list[RowProblem]:
        return sorted(self.first)[:SHOWN_MAX]


def problems(kind: SheetKind, entry: Entry, known: Known) -> Iterator[RowProblem]:
    """Everything that is wrong with the rows of one code."""
    found = list(_own(kind, entry, known))
    for line in entry.lines:
        found += [
            RowProblem(line.number, column, "unknown-code")
            for column, key in line.row.mentions()
            if key not in known.ids
        ]
    unknown = {(problem.row, problem.column) for problem in found}
    found += [p for p in CHECKS[kind](entry, known) if (p.row, p.column) not in unknown]
    yield from found


def _own(kind: SheetKind, entry: Entry, known: Known) -> Iterator[RowProblem]:
    """A code has one row a day (a building one for each zone), and not more days than one event can carry."""
    seen = set()
    for line in entry.lines:
        zone = line.row.zone if kind is SheetKind.BUILDINGS else None
        if (line.row.effective_from, zone) in seen:
            column = "zone" if zone else line.row.named_by
            yield RowProblem(line.number, column, "row-twice")
        seen.add((line.row.effective_from, zone))
    before = {str(terms["effective_from"]) for terms in known.history(entry.id)}
    if len(before | {str(line.row.effective_from) for line in entry.lines}) > DAYS_MAX:
        yield RowProblem(entry.lines[-1].number, entry.last.named_by, "history-too-long", value=DAYS_MAX)


def _unit(entry: Entry, known: Known) -> Iterator[RowProblem]:
    for number, row in _rows(entry):
        if (row.building_code is None) != (row.zone is None):
            yield RowProblem(number, "zone" if row.zone is None else "building_code", "seat-incomplete")
        elif building := known.buildings.get(known.ids.get(f"bld:{row.building_code}", "")):
            terms = as_of(_terms(BuildingTerms, building), row.effective_from)
            if terms is None or row.zone not in {zone.zone for zone in terms.zones}:
                yield RowProblem(number, "zone", "zone-not-there")
        if row.parent_code == row.unit_code:
            yield RowProblem(number, "parent_code", "parent-circle")


def _building(entry: Entry, known: Known) -> Iterator[RowProblem]:
    first: dict[date, Any] = {}
    zones: Counter[date] = Counter()
    for number, row in _rows(entry):
        said = first.setdefault(row.effective_from, row)
        zones[row.effective_from] += 1
        for column in BUILDING_COLUMNS:
            if getattr(row, column) != getattr(said, column):
                yield RowProblem(number, column, "building-disagrees")
        if zones[row.effective_from] == ZONES_MAX + 1:
            yield RowProblem(number, "zone", "too-many-zones", value=ZONES_MAX)
    stand = sum(len(terms["zones"]) for terms in known.history(entry.id))
    if stand + len(entry.lines) > ZONE_ROWS_MAX:
        yield RowProblem(entry.lines[-1].number, "building_code", "survey-too-long", value=ZONE_ROWS_MAX)


def _position(entry: Entry, known: Known) -> Iterator[RowProblem]:
    assessed_since = min((str(terms["effective_from"]) for terms in known.history(entry.id)), default=None)
    for number, row in _rows(entry):
        about = (row.assessed_by_nip, row.assessed_on, row.reason)
        if (row.measurable is None) != (row.public_contact is None):
            yield RowProblem(number, "measurable" if row.measurable is None else "public_contact", "half-assessed")
        elif not row.assessed and any(part is not None for part in about):
            yield RowProblem(number, "measurable", "half-assessed")
        elif not row.assessed and assessed_since and assessed_since <= str(row.effective_from):
            yield RowProblem(number, "measurable", "assessed-before")
        elif row.assessed:
            assessed_since = min(assessed_since or str(row.effective_from), str(row.effective_from))


def _employee(entry: Entry, known: Known) -> Iterator[RowProblem]:
    for number, row in _rows(entry):
        if row.superior_nip in (row.nip, entry.id):
            yield RowProblem(number, "superior_nip", "own-superior")
        if (row.round_trip_km is None) != (row.vehicle is None):
            yield RowProblem(number, "round_trip_km", "commute-incomplete")
        if known.subjects.get(row.subject, entry.id) != entry.id:
            yield RowProblem(number, "subject", "subject-taken")


def _acting(entry: Entry, known: Known) -> Iterator[RowProblem]:
    complete = True
    for number, row in _rows(entry):
        ids = {column: known.ids.get(key) for column, key in row.mentions()}
        complete = complete and None not in ids.values()
        if None not in ids.values() and ids["for_nip"] == ids["acting_nip"]:
            yield RowProblem(number, "acting_nip", "acts-for-self")
        if row.ends_on >= row.effective_from:
            for column, id_ in ids.items():
                if id_ and not _active(known.employees.get(id_), row.effective_from):
                    yield RowProblem(number, column, "not-active-then")
    if complete:
        yield from _mandate(entry, known)


def _mandate(entry: Entry, known: Known) -> Iterator[RowProblem]:
    """What the law says of the mandate as it will be. Where a row makes terms unlawful that were there before, the last
    row is named."""
    on_record = known.own.get(entry.id)
    before = ActingRecorded.model_validate(on_record, strict=False).history if on_record else ()
    after = all_amended(before, [line.row.terms(known.ids) for line in entry.lines])
    numbers = {line.row.effective_from: line.number for line in entry.lines}
    for terms, broken in faults(after):
        number = numbers.get(terms.effective_from, entry.lines[-1].number)
        yield RowProblem(number, "ends_on", broken.rule, value=broken.value, source=broken.source)


def _rows(entry: Entry) -> Iterator[tuple[int, Any]]:
    for line in entry.lines:
        yield line.number, line.row


def _active(employee: Document | None, day: date) -> bool:
    """Nobody is on record who comes with the very sheet: mandates are loaded after people."""
    terms = as_of(_terms(EmployeeTerms, employee), day) if employee else None
    return bool(terms and terms.active)


def _terms(model: Any, found: Document) -> list[Any]:
    return [model.model_validate(terms, strict=False) for terms in found["history"]]


CHECKS: Mapping[SheetKind, Callable[[Entry, Known], Iterator[RowProblem]]] = {
    SheetKind.UNITS: _unit,
    SheetKind.BUILDINGS: _building,
    SheetKind.POSITIONS: _position,
    SheetKind.EMPLOYEES: _employee,
    SheetKind.ACTING: _acting,
}
