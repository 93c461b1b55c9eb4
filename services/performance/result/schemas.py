"""The shapes in which results are answered, and how totals become them."""

from collections.abc import Mapping
from datetime import date

from pydantic import TypeAdapter

from services.performance.plan.value import Sums
from shared.contracts.performance import WorkMode
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import Table, fields


class Results(Schema):
    """Results of agreed outputs whose day has passed where the unit is.

    Outputs of days that were taken back are `cancelled`. Outputs of other days that turned out to be off, of leave or a
    trip, or of somebody who had left, are `excused`. The figures after `cancelled`, and the means, leave both out. Sums
    add up over days, people and units; means do not (PermenPANRB 6/2022: quantity and time).
    """

    outputs: int
    """Outputs of days that were worked as agreed, or should have been."""

    excused: int
    """Outputs of days that turned out not to be worked."""

    cancelled: int
    """Outputs of days that were taken back."""

    logged: int
    """Outputs that were reported at all."""

    on_time: int
    """Outputs whose latest report was made on their day."""

    returned: int
    """Outputs that are returned now."""

    verified: int
    """Outputs that are verified now."""

    attained_ppm: int
    """Sum over outputs of min(quantity / target, 1) for the verified and 0 for the others, in parts per million."""

    attainment_ppm: int | None
    """Mean attainment, `attained_ppm` by `outputs`; null if `outputs` is 0."""

    timeliness_ppm: int | None
    """Mean timeliness, `on_time` by `outputs` in parts per million; null if `outputs` is 0."""


class DayResult(Schema):
    """Results of one employee's outputs of one day, while in one unit."""

    employee_id: str
    """The employee."""

    day: date
    """The day."""

    mode: WorkMode
    """Mode of work on the day."""

    unit_id: str
    """Unit of the employee on that day."""

    results: Results
    """Results of the outputs."""


class EmployeeMonthResult(Schema):
    """Results of one employee's outputs of a month, while in one unit."""

    employee_id: str
    """The employee."""

    unit_id: str
    """Unit of the employee on these days."""

    month: str
    """The month, as `YYYY-MM`."""

    mode: WorkMode
    """Mode of work on the days."""

    results: Results
    """Results of the outputs."""


class UnitMonthResult(Schema):
    """Results of a month's outputs in a unit, of those who were in it on the outputs' days."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    mode: WorkMode
    """Mode of work on the days."""

    withheld: bool
    """True if the results are withheld: those of fewer than five people, and others from which these could be worked
    out."""

    people: int | None
    """Number of people; null if withheld."""

    results: Results | None
    """Results of the outputs; null if withheld."""


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
