"""The shapes in which savings answers, and how documents become them. Pure."""

from collections.abc import Mapping
from datetime import datetime

from services.savings.category.value import FORMULAS
from services.savings.ledger.model import Total
from services.savings.month.document import Amounts, Figures, Tags, amounts, figures, flat, tags
from services.savings.month.model import VehicleTotal
from shared.contracts.savings import FactorSetPublished
from shared.kit.base.catalogue import read
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import fields, table


class UnitMonth(Tags):
    """Savings of one unit in a month, in one category for one beneficiary."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    withheld: bool
    """True if the figures are withheld: those about fewer than five people, and others from which these could be worked
    out."""

    people: int | None
    """Number of people; null if withheld or not published."""

    days: int | None
    """Number of days; null if withheld."""

    amounts: Amounts | None
    """Amounts saved; null if withheld."""

    warnings: list[str]
    """Names of what was computed with old prices."""


class VehicleShare(Schema):
    """The part of a unit-month's fuel that one kind of vehicle makes."""

    vehicle: str
    """The kind of vehicle."""

    days: int
    """Days on which it was spared."""

    people: int
    """Number of people."""

    spared_km: str
    """Kilometres of commute that were spared, as a decimal."""

    microlitres_central: int
    """Fuel saved in microlitres, by the stated defaults."""

    sen_central: int
    """Money saved in sen, by the stated defaults."""


class UnitMonthExplained(Schema):
    """Explanation of a unit's figures of a month."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC; null for the personnel agency, which reads current figures."""

    people: int | None
    """Number of people with realised days; for the personnel agency, null for others."""

    figures: list[Figures]
    """The figures, by category, beneficiary and factor set."""

    formulas: dict[str, str]
    """Formula of each category, by its name."""

    ranges: dict[str, str]
    """Explanation of each category's range, in the language of the answer."""

    factor_sets: list[FactorSetPublished]
    """Factor sets with which the figures were computed."""

    by_vehicle: list[VehicleShare] | None
    """Fuel by kind of vehicle; for the personnel agency, null for others."""

    days: str | None
    """Path of the days behind the figures; for the personnel agency, null for others."""


class InstanceMonth(Schema):
    """Savings of the instance in a month, all units together."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC. Null for the personnel agency, which reads current figures, and while nothing of
    the month is published."""

    figures: list[Figures]
    """The figures, by category, beneficiary and factor set."""

    left_out: dict[str, int]
    """Number of units that are left out because a figure is withheld, by category."""


class EmployeeMonth(Schema):
    """Savings of one employee in a month while in one unit, in one category for one beneficiary."""

    employee_id: str
    """The employee."""

    unit_id: str
    """Unit of the employee on these days."""

    month: str
    """The month, as `YYYY-MM`."""

    figures: Figures
    """Amounts saved."""


class Completeness(Schema):
    """Gaps in a unit-month. As published, without those about fewer than five people."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    days_agreed: int
    """Days of people that were agreed."""

    days_realised: int
    """Days of people that were realised."""

    lacks: dict[str, int]
    """Number of days by what they lack: `date`, days to come; `verification`, outputs that are not verified; the others
    are data that a category needs."""


class Digest(Schema):
    """A hash over all net positions: equal wherever the same log was folded."""

    digest: str
    """The hash."""

    positions: int
    """Number of positions in it."""

    generation: str
    """Generation of read models that was hashed."""


MESSAGES = read("services.savings")

LACKED = (
    *("approval", "date", "verification", "employee", "unit", "factor-set"),
    *("commute", "price", "tariff", "seat", "building", "zone", "grade", "meal-allowance", "charging"),
)
"""What may be lacking, in the order in which it is given."""


def ranges(language: str) -> dict[str, str]:
    """How the range of each category's figures is made, for people to read."""
    return {category: MESSAGES.text(language, f"range-{category.replace('_', '-')}") for category in FORMULAS}


def unit_month(total: Total, names: Mapping[str, str], people: int | None, *, withheld: bool = False) -> UnitMonth:
    return UnitMonth.model_validate(
        {
            **tags(total),
            "unit_id": total.unit_id,
            "unit_name": names.get(total.unit_id, total.unit_id),
            "month": total.month,
            "withheld": withheld,
            "people": None if withheld else people,
            "days": None if withheld else total.days,
            "amounts": None if withheld else amounts(total.amounts),
            "warnings": [] if withheld else total.warned,
        }
    )


@table(*fields(UnitMonth, "amounts"), *flat(None))
def unit_month_row(item: UnitMonth) -> Document:
    cells = item.model_dump(exclude={"amounts", "warnings"}, mode="json") | flat(item.amounts)
    return cells | {"warnings": " ".join(item.warnings)}


def employee_month(total: Total) -> EmployeeMonth:
    return EmployeeMonth(
        employee_id=total.employee_id, unit_id=total.unit_id, month=total.month, figures=figures(total)
    )


@table(*fields(EmployeeMonth, "figures"), *fields(Figures, "amounts"), *flat(None))
def employee_month_row(item: EmployeeMonth) -> Document:
    cells = item.model_dump(exclude={"figures"}) | item.figures.model_dump(exclude={"amounts", "warnings"}, mode="json")
    return cells | flat(item.figures.amounts) | {"warnings": " ".join(item.figures.warnings)}


@table(*fields(Completeness, "lacks"), *(f"lacks_{name}" for name in LACKED), "lacks_other")
def completeness_row(item: Completeness) -> Document:
    """What is lacked in columns of its own; what has none here is counted together."""
    lacks = {f"lacks_{name}": item.lacks.get(name, 0) for name in LACKED}
    other = sum(days for name, days in item.lacks.items() if name not in LACKED)
    return item.model_dump(exclude={"lacks"}) | lacks | {"lacks_other": other}


def vehicle_share(total: VehicleTotal) -> VehicleShare:
    return VehicleShare(
        vehicle=total.vehicle,
        days=total.days,
        people=len(total.whose),
        spared_km=str(total.spared_km),
        microlitres_central=total.microlitres_central,
        sen_central=total.sen_central,
    )


def completeness(found: Document, names: dict[str, str]) -> Completeness:
    return Completeness(
        unit_id=found["unit_id"],
        unit_name=names.get(found["unit_id"], found["unit_id"]),
        month=found["month"],
        days_agreed=found.get("days_agreed", 0),
        days_realised=found.get("days_realised", 0),
        lacks={name: days for name, days in found.get("lacks", {}).items() if days},
    )
