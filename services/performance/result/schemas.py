"""The shapes in which results are answered, and how totals become them."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, TypeAdapter

from services.performance.plan.value import Sums
from shared.contracts.performance import WorkMode
from shared.kit.decisions.decider import Document
from shared.people.reads import Table, fields


class Results(BaseModel):
    """What agreed outputs came to whose day has passed where the unit is.

    `outputs` are those of days that were worked as agreed or should have been. Those of days that were taken back are
    `cancelled`. Those of other days that turned out to be off, of leave or a trip, or of somebody who had left, are
    `excused`. Neither is in the figures that follow, nor in the means, which are empty where `outputs` is 0.
    `logged` were reported at all, `on_time` by a latest report made on their day; `returned` are sent back now and
    `verified` verified now. `attained_ppm` adds up each output's min(quantity / target, 1) if it is verified, else 0,
    in parts per million. By the number of `outputs`, that is `attainment_ppm`, and `on_time` is `timeliness_ppm`
    (PermenPANRB 6/2022: quantity and time). Sums add up over days, people and units; means do not.
    """

    outputs: int
    excused: int
    cancelled: int
    logged: int
    on_time: int
    returned: int
    verified: int
    attained_ppm: int
    attainment_ppm: int | None
    timeliness_ppm: int | None


class DayResult(BaseModel):
    """What one employee's outputs of one day came to, while in one unit."""

    employee_id: str
    day: date
    mode: WorkMode
    unit_id: str
    results: Results


class EmployeeMonthResult(BaseModel):
    """What one employee's outputs of a month came to, while in one unit."""

    employee_id: str
    unit_id: str
    month: str
    mode: WorkMode
    results: Results


class UnitMonthResult(BaseModel):
    """What a month's outputs came to in a unit, of those who were in it on the outputs' days. Results of fewer than
    five people are withheld, and others where these could be worked out from them."""

    unit_id: str
    unit_name: str
    month: str
    mode: WorkMode
    withheld: bool
    people: int | None
    results: Results | None


SUMS = TypeAdapter(Sums)


def results(total: Document) -> Results:
    """A running total, as it is shown."""
    sums = SUMS.validate_python(total)
    return Results.model_validate(sums, from_attributes=True)


def day_result(total: Document) -> DayResult:
    return DayResult.model_validate({**total, "results": results(total)}, strict=False)


def employee_month(total: Document) -> EmployeeMonthResult:
    return EmployeeMonthResult.model_validate({**total, "results": results(total)}, strict=False)


def unit_month(
    total: Document, names: Mapping[str, str], people: int | None, *, withheld: bool = False
) -> UnitMonthResult:
    return UnitMonthResult(
        unit_id=total["unit_id"],
        unit_name=names.get(total["unit_id"], total["unit_id"]),
        month=total["month"],
        mode=total["mode"],
        withheld=withheld,
        people=None if withheld else people,
        results=None if withheld else results(total),
    )


def _cells(item: DayResult | EmployeeMonthResult | UnitMonthResult) -> Document:
    """Empty cells where results are withheld."""
    cells = item.results.model_dump() if item.results else dict.fromkeys(Results.model_fields)
    return item.model_dump(mode="json", exclude={"results"}) | cells


COUNTS = fields(Results)
DAY_ROW = Table[DayResult]((*fields(DayResult, "results"), *COUNTS), _cells)
EMPLOYEE_MONTH_ROW = Table[EmployeeMonthResult]((*fields(EmployeeMonthResult, "results"), *COUNTS), _cells)
UNIT_MONTH_ROW = Table[UnitMonthResult]((*fields(UnitMonthResult, "results"), *COUNTS), _cells)
