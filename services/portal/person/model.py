"""Somebody as the services know them."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

ANALYST, AGENCY = "analyst", "personnel_agency"


class Answered(BaseModel):
    """Part of what a service answers. What a page does not need is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Me(Answered):
    """The caller, at organisation's `GET /v1/me`."""

    employee_id: str
    unit_id: str
    superior_id: str | None
    roles: list[str]


class Employee(Answered):
    """An employee, at organisation's `GET /v1/employees`."""

    employee_id: str
    name: str


class Employees(Answered):
    """A page of employees."""

    items: list[Employee]


class Summary(Answered):
    """How many cases an inbox has, at approvals' `GET /v1/cases:summary`."""

    counts: dict[str, int]


@dataclass(frozen=True)
class Person:
    """Whom a page is for. `waiting` is how many requests wait for their decision."""

    employee_id: str
    name: str
    unit_id: str
    roles: frozenset[str]
    leads: bool
    waiting: int

    @property
    def reads_units(self) -> bool:
        """Whether they may read the figures of all units."""
        return bool(self.roles & {ANALYST, AGENCY})
