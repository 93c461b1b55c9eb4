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

PRIVATE = ("commute", "grade")
M = TypeVar("M", bound=BaseModel)


class Unit(BaseModel):
    """A unit with its whole history, or as it stands on the day that was asked for."""

    unit_id: str
    code: str
    history: list[UnitTerms]


class Building(BaseModel):
    """A building with its whole history of surveys."""

    building_id: str
    code: str
    history: list[BuildingTerms]


class Position(BaseModel):
    """A position with its whole history of assessments, or the one in force on the day that was asked for; without any
    it is not assessed, and does not qualify."""

    position_id: str
    code: str
    history: list[PositionTerms]


class Employee(BaseModel):
    """An employee with their name, for those who may know it. `version` is what `If-Match` names. Once their personal
    data are erased, `[dihapus]` stands in place of NIP and name, and commute and grade are not shown."""

    employee_id: str
    version: int
    nip: str
    name: str
    history: list[EmployeeTerms]


class ActingAssignment(BaseModel):
    """A mandate to act for somebody, with its whole history."""

    acting_assignment_id: str
    code: str
    history: list[ActingTerms]


class Absence(BaseModel):
    """Somebody's leave or official trip, with its whole history: terms that end before they begin have cancelled it."""

    absence_id: str
    code: str
    employee_id: str
    history: list[AbsenceTerms]


def coded(model: type[M], found: Document, codes: Mapping[str, str], on: date | None = None) -> M:
    """What people call by a code."""
    return model.model_validate({**_on(found, on), "code": codes.get(found["_id"], "")}, strict=False)


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
