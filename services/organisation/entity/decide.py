"""How reference data changes: terms that hold from a day on are added to a history, or correct it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Generic, TypeVar

from services.organisation.entity.model import Recorded, Terms
from services.organisation.mandate.rules import faults
from shared.contracts.event import Event
from shared.contracts.organisation import (
    PUBLISHER,
    AbsenceRecorded,
    AbsenceTerms,
    AccountTerms,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    BuildingTerms,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    PersonErased,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
    as_of,
)
from shared.kit.decisions.decider import Decider, Document, Kind, Refused, Violation, missing
from shared.kit.projections.writeset import document

ERASURE_SOURCE = "UU 27/2022"


Dated = Terms | AccountTerms
T = TypeVar("T", bound=Dated)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """From some days on, a unit, a building, a position or a mandate stands so."""

    id: str
    terms: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class RecordEmployee:
    """From some days on, an employee stands so; tokens with this identity speak for them."""

    id: str
    identity: Identity
    terms: tuple[EmployeeTerms, ...]


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """From some days on, somebody is away from work, or not any more."""

    id: str
    employee_id: str
    terms: tuple[AbsenceTerms, ...]


@dataclass(frozen=True, slots=True)
class ForgetIdentity:
    """No token speaks for this employee any more: their personal data are to go."""


@dataclass(frozen=True, slots=True)
class Erase:
    """The personnel agency has the personal data of somebody erased who is no longer employed."""

    erasure_id: str
    employee: EmployeeRecorded
    today: date
    reason_text_id: str


def amended(history: tuple[T, ...], terms: T) -> tuple[T, ...]:
    """The history with these terms in it, in order. Terms of the same day are corrected; terms that say nothing new
    leave it as it is."""
    others = tuple(known for known in history if known.effective_from != terms.effective_from)
    before = as_of(others, terms.effective_from)
    if terms in history or (before and len(others) == len(history) and _same(before, terms)):
        return history
    return tuple(sorted((*others, terms), key=lambda known: known.effective_from))


def all_amended(history: tuple[T, ...], terms: Iterable[T]) -> tuple[T, ...]:
    """The history with all these terms in it, the earliest first."""
    return reduce(amended, sorted(terms, key=lambda one: one.effective_from), history)


def _same(known: Dated, terms: Dated) -> bool:
    return bool(known.model_copy(update={"effective_from": terms.effective_from}) == terms)


def latest(_: E | None, event: E) -> E:
    """Each event carries the whole entity."""
    return event


def decide_unit(command: Record[UnitTerms], known: UnitRecorded | None) -> list[UnitRecorded]:
    history = all_amended(known.history if known else (), command.terms)
    recorded = UnitRecorded(unit_id=command.id, history=history)
    return [] if recorded == known else [recorded]


def decide_building(command: Record[BuildingTerms], known: BuildingRecorded | None) -> list[BuildingRecorded]:
    history = all_amended(known.history if known else (), command.terms)
    recorded = BuildingRecorded(building_id=command.id, history=history)
    return [] if recorded == known else [recorded]


def decide_position(command: Record[PositionTerms], known: PositionRecorded | None) -> list[PositionRecorded]:
    history = all_amended(known.history if known else (), command.terms)
    recorded = PositionRecorded(position_id=command.id, history=history)
    return [] if recorded == known else [recorded]


def decide_employee(command: RecordEmployee | ForgetIdentity, known: EmployeeRecorded | None) -> list[EmployeeRecorded]:
    match command, known:
        case ForgetIdentity(), EmployeeRecorded(employee_id=id_, identity=identity):
            nobody = identity.model_copy(update={"sub": id_})
            recorded = known.model_copy(update={"identity": nobody})
        case RecordEmployee(id_, identity, terms), _:
            history = all_amended(known.history if known else (), terms)
            recorded = EmployeeRecorded(employee_id=id_, identity=identity, history=history)
        case _:
            raise missing("not-found")
    return [] if recorded == known else [recorded]


def decide_acting(command: Record[ActingTerms], known: ActingRecorded | None) -> list[ActingRecorded]:
    history = all_amended(known.history if known else (), command.terms)
    if broken := [violation for _, violation in faults(history)]:
        raise Refused(*broken)
    recorded = ActingRecorded(acting_assignment_id=command.id, history=history)
    return [] if recorded == known else [recorded]


def decide_absence(command: RecordAbsence, known: AbsenceRecorded | None) -> list[AbsenceRecorded]:
    """An absence is one person's, whatever becomes of it."""
    if known and known.employee_id != command.employee_id:
        raise Refused(Violation("absence-of-another"))
    history = all_amended(known.history if known else (), command.terms)
    recorded = AbsenceRecorded(absence_id=command.id, employee_id=command.employee_id, history=history)
    return [] if recorded == known else [recorded]


def decide_erasure(command: Erase, _: PersonErased | None) -> list[PersonErased]:
    """Whoever is employed, or will be, has a record that must lead to them."""
    employee = command.employee
    now = as_of(employee.history, command.today)
    later = [terms for terms in employee.history if terms.effective_from > command.today]
    for terms in [now, *later]:
        if terms and terms.active:
            day = max(terms.effective_from, command.today)
            raise Refused(Violation("still-employed", source=ERASURE_SOURCE, facts={"day": day}), kind=Kind.STATE)
    return [
        PersonErased(
            erasure_id=command.erasure_id,
            employee_id=employee.employee_id,
            reason_text_id=command.reason_text_id,
        )
    ]


def show(entity: Recorded) -> Document:
    """The document beside the log: the entity whole, as every service keeps it."""
    return document(entity)


def show_erasure(erasure: PersonErased) -> Document:
    """Whose data were erased, by id."""
    return erasure.model_dump(mode="json")


units: Decider[Record[UnitTerms], UnitRecorded] = Decider("units", PUBLISHER, latest, decide_unit, show)
buildings: Decider[Record[BuildingTerms], BuildingRecorded] = Decider(
    "buildings", PUBLISHER, latest, decide_building, show
)
positions: Decider[Record[PositionTerms], PositionRecorded] = Decider(
    "positions", PUBLISHER, latest, decide_position, show
)
employees: Decider[RecordEmployee | ForgetIdentity, EmployeeRecorded] = Decider(
    "employees", PUBLISHER, latest, decide_employee, show
)
acting: Decider[Record[ActingTerms], ActingRecorded] = Decider(
    "acting_assignments", PUBLISHER, latest, decide_acting, show
)
absences: Decider[RecordAbsence, AbsenceRecorded] = Decider("absences", PUBLISHER, latest, decide_absence, show)
erasures: Decider[Erase, PersonErased] = Decider("erasures", PUBLISHER, latest, decide_erasure, show_erasure)
