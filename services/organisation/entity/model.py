"""What reference data there is, and what people are called. Pure."""

from dataclasses import dataclass

from shared.contracts.organisation import (
    AbsenceRecorded,
    AbsenceTerms,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    BuildingTerms,
    EmployeeRecorded,
    EmployeeTerms,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
)

Terms = UnitTerms | BuildingTerms | PositionTerms | EmployeeTerms | ActingTerms | AbsenceTerms
Recorded = UnitRecorded | BuildingRecorded | PositionRecorded | EmployeeRecorded | ActingRecorded | AbsenceRecorded


@dataclass(frozen=True, slots=True)
class Person:
    """What an employee is called, which nothing but this service knows."""

    nip: str
    name: str


def code_of(key: str) -> str:
    """What people call something by, in the key by which it is looked up (such as `unit:dinkes`)."""
    return key.partition(":")[2]
