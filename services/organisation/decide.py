"""How reference data changes: terms that hold from a day on are added to a history, or correct it. Pure."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shared.contracts.organisation import (
    PUBLISHER,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
    as_of,
)
from shared.kit.changes import document
from shared.kit.decider import Decider, Document


@dataclass(frozen=True, slots=True)
class RecordUnit:
    """From a day on, a unit stands so."""

    unit_id: str
    terms: UnitTerms


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """From a day on, a position is assessed so."""

    position_id: str
    terms: PositionTerms


@dataclass(frozen=True, slots=True)
class RecordEmployee:
    """From a day on, an employee stands so."""

    employee_id: str
    identity: Identity
    terms: EmployeeTerms


class _Dated(Protocol):
    @property
    def effective_from(self) -> Any: ...


T = TypeVar("T", bound=_Dated)


def amended(history: tuple[T, ...], terms: T) -> tuple[T, ...]:
    """The history with these terms in it, in order. Terms of the same day are corrected; terms that say nothing new
    leave it as it is."""
    others = tuple(known for known in history if known.effective_from != terms.effective_from)
    before = as_of(others, terms.effective_from)
    if terms in history or (before and len(others) == len(history) and _same(before, terms)):
        return history
    return tuple(sorted((*others, terms), key=lambda known: known.effective_from))


def _same(known: Any, terms: Any) -> bool:
    return bool(known.model_copy(update={"effective_from": terms.effective_from}) == terms)


def latest(_: Any, event: Any) -> Any:
    """Each event carries the whole entity."""
    return event


def decide_unit(command: RecordUnit, known: UnitRecorded | None) -> list[UnitRecorded]:
    recorded = UnitRecorded(unit_id=command.unit_id, history=amended(known.history if known else (), command.terms))
    return [] if recorded == known else [recorded]


def decide_position(command: RecordPosition, known: PositionRecorded | None) -> list[PositionRecorded]:
    recorded = PositionRecorded(
        position_id=command.position_id, history=amended(known.history if known else (), command.terms)
    )
    return [] if recorded == known else [recorded]


def decide_employee(command: RecordEmployee, known: EmployeeRecorded | None) -> list[EmployeeRecorded]:
    recorded = EmployeeRecorded(
        employee_id=command.employee_id,
        identity=command.identity,
        history=amended(known.history if known else (), command.terms),
    )
    return [] if recorded == known else [recorded]


def show(entity: UnitRecorded | PositionRecorded | EmployeeRecorded) -> Document:
    """The document beside the log: the entity whole, as every service keeps it."""
    return document(entity)


units: Decider[RecordUnit, UnitRecorded] = Decider("units", PUBLISHER, latest, decide_unit, show)
positions: Decider[RecordPosition, PositionRecorded] = Decider("positions", PUBLISHER, latest, decide_position, show)
employees: Decider[RecordEmployee, EmployeeRecorded] = Decider("employees", PUBLISHER, latest, decide_employee, show)
