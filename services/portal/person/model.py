"""Somebody as the services know them."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

ANALYST, AGENCY, ADMINISTRATOR = "analyst", "personnel_agency", "organisation_admin"
SOFTWARE = "sys-"
"""What ids begin with that are no employee's."""


class Answered(BaseModel):
    """Part of what a service answers. What a page does not need is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class NamedEmployee(Answered):
    """An employee by id and name."""

    employee_id: str
    name: str


class NamedUnit(Answered):
    """A unit by id and name."""

    unit_id: str
    name: str


class Profile(Answered):
    """The caller, at organisation's `GET /v1/profile`."""

    employee_id: str
    name: str | None
    unit: NamedUnit | None
    superior: NamedEmployee | None
    roles: list[str]
    leads: bool


class Employee(Answered):
    """An employee, at organisation's `GET /v1/employees`."""

    employee_id: str
    name: str


class Employees(Answered):
    """A page of employees."""

    items: list[Employee]


@dataclass(frozen=True)
class Person:
    """Whom a page is for."""

    employee_id: str
    name: str
    unit_id: str
    superior: NamedEmployee | None
    roles: frozenset[str]
    leads: bool
    operates: bool = False

    @property
    def is_on_record(self) -> bool:
        """Whether they are an employee: whom the settings name to load the first sheets is none, and nothing but the
        reference data is theirs."""
        return not self.employee_id.startswith(SOFTWARE)

    @property
    def is_agency(self) -> bool:
        """Whether they are of the personnel agency, which sees everybody."""
        return AGENCY in self.roles

    @property
    def loads_sheets(self) -> bool:
        """Whether they may load reference data."""
        return bool(self.roles & {AGENCY, ADMINISTRATOR})

    @property
    def reads_units(self) -> bool:
        """Whether they may read the figures of all units."""
        return bool(self.roles & {ANALYST, AGENCY})
