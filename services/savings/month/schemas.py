"""The shapes in which savings answers, and how documents become them. Pure."""

from datetime import date, datetime
from typing import Any

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


class Restatement(Tags):
    """Change of a unit-month since a moment, in one category for one beneficiary."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    rows: int | None
    """Number of rows in the ledger that make the change; for the personnel agency, null for others."""

    before: Amounts
    """Amounts saved as known at that moment."""

    difference: Amounts
    """From the least to the most by which a bound moved."""

    by_bound: Bounds
    """By how much each bound moved, exactly: `before` and this make `after`, bound by bound."""

    after: Amounts
    """Amounts saved as known now, or as published now."""


class Posting(Tags):
    """A row of the savings ledger."""

    posting_id: str
    """Id of the row."""

    day_id: str
    """The employee's or the unit's day to which it belongs, as `{id}:{day}`."""

    employee_id: str | None
    """The employee; null for a row of a unit's electricity."""

    day: date
    """The day."""

    kind: str
    """`posting`, or `reversal` of an earlier one."""

    unit_id: str
    """Unit to which it is counted."""

    days: int
    """Days that it counts; negative in a reversal."""

    amounts: Bounds
    """By unit, from the least to the most by which a bound moved."""

    by_bound: Bounds
    """By unit, by how much each bound moved, exactly: rows add up to totals, bound by bound."""

    at: datetime
    """Moment at which it was posted, in UTC."""


class FoldedEvent(Schema):
    """An event from which a day was computed."""

    type: str
    """CloudEvents type of the event."""

    subject: str
    """Request that the event is about."""

    n: int
    """Its number in the stream of that request."""

    id: str
    """CloudEvents id of the event."""

    at: datetime
    """Moment at which it happened, in UTC."""


class Entry(Tags):
    """Savings of a day in one category."""

    amounts: Amounts
    """Amounts saved."""

    inputs: dict[str, Any]
    """Figures that were put into the formula, by name; which there are depends on the category."""

    warnings: list[str]
    """Names of what was computed with old prices."""


class DayResponse(Schema):
    """One employee's day: realised with what it saved, or what it lacks to be realised."""

    employee_id: str
    """The employee."""

    day: date
    """The day."""

    realised: bool
    """True if the day is realised: approved and not taken back, a day of work, over, and its agreed share verified."""

    lacks: list[str]
    """Conditions that it lacks to be realised: `approval`; `revoked` or `withdrawn`; `day-off` or `absence`;
    `verification`; `date` while it is not over. For a realised day, data that a category needs."""

    unit_id: str | None
    """Unit to which it is counted; null if it is not realised."""

    factor_set_id: str | None
    """Factor set with which it was computed; null if it is not realised."""

    entries: list[Entry]
    """Savings, by category."""

    warnings: list[str]
    """Names of what was computed with old prices."""


class DayExplained(DayResponse):
    """One employee's day with everything behind its figures. What a meal allowance that is not paid comes to is part of
    the unit's day, and shown here too."""

    formulas: dict[str, str]
    """Formula of each category, by its name."""

    ranges: dict[str, str]
    """Explanation of each category's range, in the language of the answer."""

    factors: FactorSetPublished | None
    """Factor set with which it was computed; null if it is not realised."""

    events: list[FoldedEvent]
    """Events from which it was computed."""

    postings: list[Posting]
    """Its rows in the ledger."""


class UnitDay(Schema):
    """One unit's day with the electricity that its building did not draw."""

    unit_id: str
    """The unit."""

    day: date
    """The day."""

    building_id: str | None
    """Building in which the unit sat; null if none is on record."""

    heads: int
    """People who belonged to the unit."""

    away: int
    """Those of them who worked elsewhere, their day realised."""

    entries: list[Entry]
    """Savings of the day, by category."""

    lacks: dict[str, int]
    """Number of people's days by what a category lacks."""

    formulas: dict[str, str]
    """Formula of each category, by its name."""

    ranges: dict[str, str]
    """Explanation of each category's range, in the language of the answer."""


class Digest(Schema):
    """A hash over all net positions: equal wherever the same log was folded."""

    digest: str
    """The hash."""

    positions: int
    """Number of positions in it."""

    generation: str
    """Generation of read models that was hashed."""


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


def day_response(found: Document) -> DayResponse:
    position = found["position"]
    return DayResponse(
        employee_id=found["employee_id"],
        day=date.fromisoformat(found["day"]),
        realised=position is not None,
        lacks=found["lacks"],
        unit_id=position["unit_id"] if position else None,
        factor_set_id=position["factor_set_id"] if position else None,
        entries=entries(position),
        warnings=sorted({name for one in (position["entries"] if position else ()) for name in one["warnings"]}),
    )


OF_A_DAY = fields(DayResponse, "lacks", "entries", "warnings")
SEN_OF_A_DAY = tuple(f"{category}_sen_central" for category in ("fuel", "home_electricity", "co2e"))


@table(*OF_A_DAY, *SEN_OF_A_DAY, "lacks", "warnings")
def day_row(item: DayResponse) -> Document:
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
