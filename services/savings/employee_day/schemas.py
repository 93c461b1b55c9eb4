"""The shapes in which employees' days and their rows in the ledger are answered. Pure."""

from datetime import date, datetime

from pydantic import BaseModel

from services.savings.category.value import OF_EMPLOYEES
from services.savings.employee_day.model import EmployeeDay
from services.savings.month.document import Bounds, Entry, Tags, by_bound, entries, flat, ordered
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document
from shared.people.reads import fields, table


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


def day_shown(day: EmployeeDay) -> DayShown:
    position = day.position
    held = position.entries if position else ()
    return DayShown(
        employee_id=day.employee_id,
        day=date.fromisoformat(day.day),
        realised=position is not None,
        lacks=list(day.lacks),
        unit_id=position.unit_id if position else None,
        factor_set_id=position.factor_set_id if position else None,
        entries=entries(held),
        warnings=sorted({name for one in held for name in one.warnings}),
    )


OF_A_DAY = fields(DayShown, "lacks", "entries", "warnings")


SEN_OF_A_DAY = tuple(f"{category}_sen_central" for category in (one.of.category for one in OF_EMPLOYEES))


@table(*OF_A_DAY, *SEN_OF_A_DAY, "lacks", "warnings")
def day_row(item: DayShown) -> Document:
    cells = item.model_dump(include=set(OF_A_DAY))
    sums = {f"{one.category.value}_sen_central": one.amounts.sen.central for one in item.entries}
    said = {"lacks": " ".join(item.lacks), "warnings": " ".join(item.warnings)}
    return cells | {name: sums.get(name) for name in SEN_OF_A_DAY} | said


def posting(row: Document) -> Posting:
    exact = by_bound(row["amounts"])
    return Posting.model_validate({**row, "posting_id": row["_id"], "amounts": ordered(exact), "by_bound": exact})


@table(*fields(Posting, "amounts", "by_bound"), *flat(None))
def posting_row(item: Posting) -> Document:
    cells = item.model_dump(exclude={"amounts", "by_bound"}, mode="json")
    found = {f"{unit}_{bound}": n for unit, of in item.by_bound.items() for bound, n in of.items()}
    return cells | {name: found.get(name) for name in flat(None)}
