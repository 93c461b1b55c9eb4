"""The shapes in which organisation answers lookups, and how documents become them. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from services.organisation.entity.model import Person
from shared.contracts.organisation import (
    AbsenceTerms,
    ActingTerms,
    BuildingTerms,
    EmployeeTerms,
    PositionTerms,
    UnitTerms,
)
from shared.kit.decisions.decider import Document
from shared.kit.decisions.texts import ERASED
from shared.kit.web.schemas import Schema

PRIVATE = ("commute", "grade")
M = TypeVar("M", bound=BaseModel)


class Unit(Schema):
    """A unit with its history."""

    unit_id: str
    """Id of the unit."""

    code: str
    """Its code, by which sheets name it."""

    history: list[UnitTerms]
    """Its terms, in order of `effective_from`: all of them, or those in force on the day that was asked for."""


class Building(Schema):
    """A building with its surveys."""

    building_id: str
    """Id of the building."""

    code: str
    """Its code, by which sheets name it."""

    history: list[BuildingTerms]
    """Its surveys, in order of `effective_from`."""


class Position(Schema):
    """A position with its assessments."""

    position_id: str
    """Id of the position."""

    code: str
    """Its code, by which sheets name it."""

    history: list[PositionTerms]
    """Its assessments, in order of `effective_from`: all of them, or the one in force on the day that was asked for.
    Empty if it is not assessed: only an assessed one qualifies."""


class PositionExplained(Position):
    """A position with its assessments and their reasons."""

    reasons: dict[str, str] | None
    """Reason of each assessment that gives one, by its `reason_text_id`; for the organisation admin and the personnel
    agency, null for others."""


class Employee(Schema):
    """An employee with name and history."""

    employee_id: str
    """Id of the employee."""

    version: int
    """Version, from 1; the `ETag` for `If-Match`."""

    nip: str
    """NIP, 18 digits; `[dihapus]` once personal data are erased."""

    name: str
    """Name; `[dihapus]` once personal data are erased."""

    history: list[EmployeeTerms]
    """Terms, in order of `effective_from`: all of them, or those in force on the day that was asked for. Without
    commute and grade once personal data are erased."""


class NamedEmployee(Schema):
    """An employee by id and name."""

    employee_id: str
    """Id of the employee."""

    name: str
    """Name; `[dihapus]` once personal data are erased."""


class ActingAssignment(Schema):
    """A mandate to act for another, with its history."""

    acting_assignment_id: str
    """Id of the mandate."""

    code: str
    """Its code, by which sheets name it."""

    history: list[ActingTerms]
    """Its terms, in order of `effective_from`."""

    people: list[NamedEmployee]
    """Officials whom its terms name, by id."""


class Absence(Schema):
    """A leave or an official trip, with its history."""

    absence_id: str
    """Id of the absence."""

    code: str
    """Its code, by which sheets name it."""

    employee_id: str
    """Employee who is absent."""

    history: list[AbsenceTerms]
    """Its terms, in order of `effective_from`; terms that end before they begin have cancelled it."""


def coded(model: type[M], found: Document, codes: Mapping[str, str], on: date | None = None) -> M:
    """What people call by a code."""
    return model.model_validate({**_on(found, on), "code": codes.get(found["_id"], "")}, strict=False)


def mandate(found: Document, codes: Mapping[str, str], people: Mapping[str, Person]) -> ActingAssignment:
    """A mandate and who its officials are."""
    parties = sorted({terms[whose] for terms in found["history"] for whose in ("for_id", "acting_id")})
    return coded(ActingAssignment, {**found, "people": [named_employee(id_, people) for id_ in parties]}, codes)


def named_employee(employee_id: str, people: Mapping[str, Person]) -> NamedEmployee:
    """What an employee is called."""
    known = people.get(employee_id)
    return NamedEmployee(employee_id=employee_id, name=known.name if known else ERASED)


def named(found: Document, people: Mapping[str, Person], on: date | None = None) -> Employee:
    """An employee and who that is. Of somebody whose data were erased, nothing is shown that tells how they lived."""
    person = people.get(found["_id"], Person(ERASED, ERASED))
    if found["_id"] not in people:
        found = {**found, "history": [{k: v for k, v in t.items() if k not in PRIVATE} for t in found["history"]]}
    shown = {**_on(found, on), "version": found["n"], "nip": person.nip, "name": person.name}
    return Employee.model_validate(shown, strict=False)


def _on(found: Document, day: date | None) -> Document:
    """With the terms of one day alone, where one is asked for."""
    if day is None:
        return found
    in_force = [terms for terms in found["history"] if terms["effective_from"] <= str(day)]
    return {**found, "history": in_force[-1:]}
