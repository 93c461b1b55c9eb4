"""The shapes in which employees' days and their rows in the ledger are answered. Pure."""

from datetime import date, datetime

from services.savings.category.value import OF_EMPLOYEES
from services.savings.employee_day.model import EmployeeDay
from services.savings.ledger.model import Told
from services.savings.month.document import Bounds, Entry, Tags, by_bound, entries, flat, ordered
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import fields, table


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


def day_response(day: EmployeeDay) -> DayResponse:
    position = day.position
    held = position.entries if position else ()
    return DayResponse(
        employee_id=day.employee_id,
        day=date.fromisoformat(day.day),
        realised=position is not None,
        lacks=list(day.lacks),
        unit_id=position.unit_id if position else None,
        factor_set_id=position.factor_set_id if position else None,
        entries=entries(held),
        warnings=sorted({name for one in held for name in one.warnings}),
    )


OF_A_DAY = fields(DayResponse, "lacks", "entries", "warnings")


SEN_OF_A_DAY = tuple(f"{category}_sen_central" for category in (one.of.category for one in OF_EMPLOYEES))


@table(*OF_A_DAY, *SEN_OF_A_DAY, "lacks", "warnings")
def day_row(item: DayResponse) -> Document:
    cells = item.model_dump(include=set(OF_A_DAY))
    sums = {f"{one.category.value}_sen_central": one.amounts.sen.central for one in item.entries}
    said = {"lacks": " ".join(item.lacks), "warnings": " ".join(item.warnings)}
    return cells | {name: sums.get(name) for name in SEN_OF_A_DAY} | said


def folded_event(told: Told) -> FoldedEvent:
    return FoldedEvent(type=told.type, subject=told.subject, n=told.n, id=told.id, at=told.at)


def posting(row: Document) -> Posting:
    exact = by_bound(row["amounts"])
    return Posting.model_validate({**row, "posting_id": row["_id"], "amounts": ordered(exact), "by_bound": exact})


@table(*fields(Posting, "amounts", "by_bound"), *flat(None))
def posting_row(item: Posting) -> Document:
    cells = item.model_dump(exclude={"amounts", "by_bound"}, mode="json")
    found = {f"{unit}_{bound}": n for unit, of in item.by_bound.items() for bound, n in of.items()}
    return cells | {name: found.get(name) for name in flat(None)}
