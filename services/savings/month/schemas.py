"""The shapes in which savings answers, and how documents become them. Pure."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from services.savings.category.value import FORMULAS
from services.savings.ledger.model import Total
from services.savings.messages import WORDING
from services.savings.month.document import Amounts, Figures, Tags, amounts, figures, flat, tags
from shared.contracts.savings import FactorSetPublished
from shared.kit.base.messages import say
from shared.kit.decisions.decider import Document
from shared.people.reads import fields, table


class UnitMonth(Tags):
    """What one unit saved in a month, in one category for one beneficiary. Figures about fewer than five people are
    withheld, and others where these could be worked out from them."""

    unit_id: str
    unit_name: str
    month: str
    withheld: bool
    people: int | None
    days: int | None
    amounts: Amounts | None
    warnings: list[str]


class VehicleShare(BaseModel):
    """The part of a unit-month's fuel that one kind of vehicle makes."""

    vehicle: str
    days: int
    people: int
    spared_km: str
    microlitres_central: int
    sen_central: int


class UnitMonthExplained(BaseModel):
    """How a unit-month came about: figures with the formula of each category, and the factors. How many people were
    away, the parts by vehicle and the days are for the personnel agency, which reads what is so now; others read what
    was published at `as_of`."""

    unit_id: str
    unit_name: str
    month: str
    as_of: datetime | None
    people: int | None
    figures: list[Figures]
    formulas: dict[str, str]
    ranges: dict[str, str]
    factor_sets: list[FactorSetPublished]
    by_vehicle: list[VehicleShare] | None
    days: str | None


class InstanceMonth(BaseModel):
    """What the instance saved in a month, all units together; where units are left out of a figure, that is said. The
    personnel agency reads what is so now, others what was published at `as_of`: nothing before the month is over."""

    month: str
    as_of: datetime | None
    figures: list[Figures]
    left_out: dict[str, int]


class EmployeeMonth(BaseModel):
    """What one employee saved in a month while in one unit."""

    employee_id: str
    unit_id: str
    month: str
    figures: Figures


class Completeness(BaseModel):
    """What a unit-month lacks to be complete: days agreed and realised, and how many days lack what. `date` are days to
    come, `verification` outputs that nobody has verified, the others data that a category needs. As published, without
    what is about few."""

    unit_id: str
    unit_name: str
    month: str
    days_agreed: int
    days_realised: int
    lacks: dict[str, int]


class Digest(BaseModel):
    """A hash over all net positions: equal wherever the same log was folded."""

    digest: str
    positions: int
    generation: str


LACKED = (
    *("approval", "date", "verification", "employee", "unit", "factor-set"),
    *("commute", "price", "tariff", "seat", "building", "zone", "grade", "meal-allowance", "charging"),
)
"""What may be lacking, in the order in which it is given."""


def ranges(language: str) -> dict[str, str]:
    """How the range of each category's figures is made, for people to read."""
    return {category: say(WORDING, language, f"range-{category.replace('_', '-')}", {}) for category in FORMULAS}


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


def completeness(found: Document, names: dict[str, str]) -> Completeness:
    return Completeness(
        unit_id=found["unit_id"],
        unit_name=names.get(found["unit_id"], found["unit_id"]),
        month=found["month"],
        days_agreed=found.get("days_agreed", 0),
        days_realised=found.get("days_realised", 0),
        lacks={name: days for name, days in found.get("lacks", {}).items() if days},
    )
