"""The shapes in which savings answers, and how documents become them. Pure."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.savings.category.value import FORMULAS
from services.savings.month.document import (
    Amounts,
    Bounds,
    Figures,
    Tags,
    amounts,
    by_bound,
    figures,
    flat,
    moved,
    ordered,
    tags,
    warnings,
)
from shared.contracts.savings import Category, FactorSetPublished
from shared.kit.base.catalogue import read
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


class Restatement(Tags):
    """How a unit-month changed since a moment. `difference` goes from the least to the most by which a bound moved;
    `by_bound` is exact: before + by_bound = after, bound by bound. In how many rows is for the personnel agency; others
    read the difference between what was published then and what is now."""

    unit_id: str
    unit_name: str
    month: str
    rows: int | None
    before: Amounts
    difference: Amounts
    by_bound: Bounds
    after: Amounts


class Posting(Tags):
    """A row of the savings log: what was posted, or a reversal of it. `day_id` is the employee's or the unit's day that
    it belongs to; a row of a unit's electricity is about no single employee. `amounts` goes from the least to the most
    by which a bound moved; `by_bound` is exact: rows add up to totals, bound by bound."""

    posting_id: str
    day_id: str
    employee_id: str | None
    day: date
    kind: str
    unit_id: str
    days: int
    amounts: Bounds
    by_bound: Bounds
    at: datetime


class Told(BaseModel):
    """An event that a day was folded from."""

    type: str
    subject: str
    n: int
    id: str
    at: datetime


class Entry(Tags):
    """What a day is worth in one category, the figures that were put in, and what there is to warn of."""

    amounts: Amounts
    inputs: dict[str, Any]
    warnings: list[str]


class DayShown(BaseModel):
    """One employee's day: realised with what it saved, or what it lacks to be: `approval`, or that it was `revoked` or
    `withdrawn`; `day-off` or `absence`, on which nobody is expected to work; `verification`; `date`, while it is not
    over. A realised day may lack what a category needs. `warnings` name what was computed with old prices."""

    employee_id: str
    day: date
    realised: bool
    lacks: list[str]
    unit_id: str | None
    factor_set_id: str | None
    entries: list[Entry]
    warnings: list[str]


class DayExplained(DayShown):
    """The same with its formulas, the events it was folded from, and its rows in the log. What the employee goes
    without or the budget keeps for meals is part of the unit's day, and shown here."""

    formulas: dict[str, str]
    ranges: dict[str, str]
    factors: FactorSetPublished | None
    events: list[Told]
    postings: list[Posting]


class UnitDay(BaseModel):
    """One unit's day: who belongs there, who was away, and the electricity that its building did not draw."""

    unit_id: str
    day: date
    building_id: str | None
    heads: int
    away: int
    entries: list[Entry]
    lacks: dict[str, int]
    formulas: dict[str, str]
    ranges: dict[str, str]


class Digest(BaseModel):
    """A hash over all net positions: equal wherever the same log was folded."""

    digest: str
    positions: int
    generation: str


MESSAGES = read("services.savings")
SIDES = ("before", "difference", "after")
OF_UNITS = (Category.OFFICE_ELECTRICITY, Category.CO2E)
"""The categories of a unit's own day."""

LACKED = (
    *("approval", "date", "verification", "employee", "unit", "factor-set"),
    *("commute", "price", "tariff", "seat", "building", "zone", "grade", "meal-allowance", "charging"),
)
"""What may be lacking, in the order in which it is given."""


def ranges(language: str) -> dict[str, str]:
    """How the range of each category's figures is made, for people to read."""
    return {category: MESSAGES.text(language, f"range-{category.replace('_', '-')}") for category in FORMULAS}


def unit_month(total: Document, names: dict[str, str], people: int | None, *, withheld: bool = False) -> UnitMonth:
    return UnitMonth(
        **tags(total),
        unit_id=total["unit_id"],
        unit_name=names.get(total["unit_id"], total["unit_id"]),
        month=total["month"],
        withheld=withheld,
        people=None if withheld else people,
        days=None if withheld else total["days"],
        amounts=None if withheld else amounts(total["amounts"]),
        warnings=[] if withheld else warnings(total),
    )


@table(*fields(UnitMonth, "amounts"), *flat(None))
def unit_month_row(item: UnitMonth) -> Document:
    cells = item.model_dump(exclude={"amounts", "warnings"}, mode="json") | flat(item.amounts)
    return cells | {"warnings": " ".join(item.warnings)}


def employee_month(total: Document) -> EmployeeMonth:
    named = {name: total[name] for name in ("employee_id", "unit_id", "month")}
    return EmployeeMonth(**named, figures=figures(total))


@table(*fields(EmployeeMonth, "figures"), *fields(Figures, "amounts"), *flat(None))
def employee_month_row(item: EmployeeMonth) -> Document:
    cells = item.model_dump(exclude={"figures"}) | item.figures.model_dump(exclude={"amounts", "warnings"}, mode="json")
    return cells | flat(item.figures.amounts) | {"warnings": " ".join(item.figures.warnings)}


def entries(position: Document | None) -> list[Entry]:
    found = position["entries"] if position else []
    return [
        Entry(**tags(one), amounts=amounts(one["amounts"]), inputs=one["inputs"], warnings=one["warnings"])
        for one in found
    ]


def day_shown(found: Document) -> DayShown:
    position = found["position"]
    return DayShown(
        employee_id=found["employee_id"],
        day=date.fromisoformat(found["day"]),
        realised=position is not None,
        lacks=found["lacks"],
        unit_id=position["unit_id"] if position else None,
        factor_set_id=position["factor_set_id"] if position else None,
        entries=entries(position),
        warnings=sorted({name for one in (position["entries"] if position else ()) for name in one["warnings"]}),
    )


OF_A_DAY = fields(DayShown, "lacks", "entries", "warnings")
SEN_OF_A_DAY = tuple(f"{category}_sen_central" for category in ("fuel", "home_electricity", "co2e"))


@table(*OF_A_DAY, *SEN_OF_A_DAY, "lacks", "warnings")
def day_row(item: DayShown) -> Document:
    cells = item.model_dump(include=set(OF_A_DAY))
    sums = {f"{one.category.value}_sen_central": one.amounts.sen.central for one in item.entries}
    said = {"lacks": " ".join(item.lacks), "warnings": " ".join(item.warnings)}
    return cells | {name: sums.get(name) for name in SEN_OF_A_DAY} | said


def unit_day(found: Document, language: str) -> UnitDay:
    position = found["position"] or {"heads": 0, "away": 0, "entries": []}
    named = {name: found[name] for name in ("unit_id", "day", "building_id", "lacks")}
    about = {**position, "entries": [one for one in position["entries"] if "employee_id" not in one]}
    return UnitDay(
        **named,
        heads=position["heads"],
        away=position["away"],
        entries=entries(about),
        formulas={name: FORMULAS[name] for name in ("office_electricity", "co2e")},
        ranges={name: ranges(language)[name] for name in ("office_electricity", "co2e")},
    )


OF_A_UNIT_DAY = fields(UnitDay, "entries", "lacks", "formulas", "ranges")


@table(*OF_A_UNIT_DAY, *(f"{category}_{name}" for category in OF_UNITS for name in flat(None)), "lacks")
def unit_day_row(item: UnitDay) -> Document:
    """With what the building did not draw, and the greenhouse gas of it."""
    found = {one.category: flat(one.amounts) for one in item.entries}
    amounts = {f"{of}_{name}": found.get(of, flat(None))[name] for of in OF_UNITS for name in flat(None)}
    return item.model_dump(include=set(OF_A_UNIT_DAY)) | amounts | {"lacks": " ".join(item.lacks)}


@table(*fields(Completeness, "lacks"), *(f"lacks_{name}" for name in LACKED), "lacks_other")
def completeness_row(item: Completeness) -> Document:
    """What is lacked in columns of its own; what has none here is counted together."""
    lacks = {f"lacks_{name}": item.lacks.get(name, 0) for name in LACKED}
    other = sum(days for name, days in item.lacks.items() if name not in LACKED)
    return item.model_dump(exclude={"lacks"}) | lacks | {"lacks_other": other}


@table(*fields(Restatement, *SIDES, "by_bound"), *(f"{side}_{name}" for side in SIDES for name in flat(None)))
def restatement_row(item: Restatement) -> Document:
    sides = {f"{side}_{name}": cell for side in SIDES for name, cell in flat(getattr(item, side)).items()}
    return item.model_dump(exclude={*SIDES, "by_bound"}, mode="json") | sides


def completeness(found: Document, names: dict[str, str]) -> Completeness:
    return Completeness(
        unit_id=found["unit_id"],
        unit_name=names.get(found["unit_id"], found["unit_id"]),
        month=found["month"],
        days_agreed=found.get("days_agreed", 0),
        days_realised=found.get("days_realised", 0),
        lacks={name: days for name, days in found.get("lacks", {}).items() if days},
    )


def posting(row: Document) -> Posting:
    exact = by_bound(row["amounts"])
    return Posting.model_validate({**row, "posting_id": row["_id"], "amounts": ordered(exact), "by_bound": exact})


def restatement(found: Document, names: dict[str, str], month: str) -> Restatement:
    unit_id = found["unit_id"]
    return Restatement(
        **tags(found),
        unit_id=unit_id,
        unit_name=names.get(unit_id, unit_id),
        month=month,
        rows=found["rows"],
        before=amounts(found["before"]),
        difference=moved(found["difference"]),
        by_bound=by_bound(found["difference"]),
        after=amounts(found["after"]),
    )


@table(*fields(Posting, "amounts", "by_bound"), *flat(None))
def posting_row(item: Posting) -> Document:
    cells = item.model_dump(exclude={"amounts", "by_bound"}, mode="json")
    found = {f"{unit}_{bound}": n for unit, of in item.by_bound.items() for bound, n in of.items()}
    return cells | {name: found.get(name) for name in flat(None)}
