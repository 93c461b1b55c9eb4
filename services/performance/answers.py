"""The shapes in which performance answers, and how documents become them."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.performance.attainment import attainment_ppm, timeliness_ppm
from services.performance.projection import show_plan
from services.performance.state import Plan, Progress
from shared.contracts.performance import WorkMode
from shared.contracts.values import Quantity
from shared.kit import texts
from shared.kit.calls import Step
from shared.kit.decider import Document
from shared.kit.log import Committed
from shared.kit.mongo import Database
from shared.kit.reads import Table, fields


class OutputShown(BaseModel):
    """An agreed output and what was achieved. The title of an MKD day's output is kept by `requests`."""

    output_id: str
    day: date
    title: str | None
    target_quantity: Quantity
    measure: str
    progress: Progress
    quantity: Quantity | None
    days_late: int | None
    evidence: str | None
    reason: str | None


class PlanShown(BaseModel):
    """The outputs agreed for one request, or for days at the office. `days_taken_back` are those of its days that were
    withdrawn or revoked, or given up for MKD."""

    request_id: str
    version: int
    employee_id: str
    mode: WorkMode = WorkMode.MKD
    time_zone: str
    closed: bool
    days: list[date]
    days_taken_back: list[date] = []
    outputs: list[OutputShown]


class PlanWithHistory(PlanShown):
    """A plan with everything that happened to it."""

    history: list[Step]


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


def text_ids(found: Document) -> list[str]:
    """The free text that a plan names and this service keeps."""
    names = ["evidence_text_id", "reason_text_id", *(["title_text_id"] if _of_the_office(found) else [])]
    return [output[name] for output in found["outputs"] for name in names if output[name]]


def plan_shown(found: Document, prose: Mapping[str, str]) -> PlanShown:
    """A plan with its texts."""
    titled = _of_the_office(found)
    outputs = [
        {
            **output,
            "title": prose[output["title_text_id"]] if titled else None,
            "evidence": prose[output["evidence_text_id"]] if output["evidence_text_id"] else None,
            "reason": prose[output["reason_text_id"]] if output["reason_text_id"] else None,
        }
        for output in found["outputs"]
    ]
    return PlanShown.model_validate(
        {**found, "request_id": found["_id"], "version": found["n"], "outputs": outputs}, strict=False
    )


async def told(db: Database, committed: Committed[Plan], output_id: str | None = None) -> PlanShown:
    """A plan as a command left it; with one of its outputs only, if that is named."""
    found = show_plan(committed.state) | {"_id": committed.aggregate, "n": committed.n}
    found["outputs"] = [one for one in found["outputs"] if output_id in (None, one["output_id"])]
    return plan_shown(found, await texts.read(db, text_ids(found)))


def _of_the_office(found: Document) -> bool:
    """A plan that was opened before there were any others is an MKD plan and does not say so."""
    return bool(found.get("mode") == WorkMode.OFFICE)


def results(total: Document) -> Results:
    """A running total, as it is shown."""
    means = {"attainment_ppm": attainment_ppm(total), "timeliness_ppm": timeliness_ppm(total)}
    return Results.model_validate({**total, **means})


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
