"""Results over HTTP: attainment and timeliness of agreed outputs, by day and by month."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pymongo.asynchronous.collection import AsyncCollection

from services.performance.access import OPEN, whom
from services.performance.result import queries
from services.performance.result.schemas import (
    DAY_ROW,
    EMPLOYEE_MONTH_ROW,
    UNIT_MONTH_ROW,
    DayResult,
    EmployeeMonthResult,
    UnitMonthResult,
    day_result,
    employee_month,
    unit_month,
)
from shared.contracts.organisation import Role
from shared.contracts.performance import WorkMode
from shared.kit.decisions.decider import Document
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Found, Page, PublishedPage, find_page, place_of
from shared.people import published
from shared.people.accounts import must_read, units_of
from shared.people.again import Versioned
from shared.people.context import Reader, RequestContext
from shared.people.parameters import MonthQuery, UnitQuery
from shared.people.published import Reading
from shared.people.reads import (
    AS_ROWS,
    READ,
    Answer,
    Live,
    Version,
    of_publication,
    of_version,
    page_answer,
    page_response,
)

router = APIRouter(prefix="/v1/results", tags=["performance"], route_class=Versioned)
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only results of this employee, by id.")]
Mode = Annotated[WorkMode | None, Query(description="Only days worked in this mode.")]


async def asked(
    month: MonthQuery,
    mode: Mode = None,
    unit_id: UnitQuery = None,
    cursor: Cursor = None,
) -> "Totals":
    return Totals(month, mode, unit_id, cursor)


@dataclass(frozen=True, slots=True)
class Totals:
    """Which totals are asked for: a month's, after the cursor."""

    month: str
    mode: WorkMode | None
    unit_id: str | None
    cursor: str | None

    @property
    def narrowed(self) -> Document:
        """A filter of mode and unit."""
        said = {"mode": self.mode and self.mode.value, "unit_id": self.unit_id}
        return {name: value for name, value in said.items() if value}

    async def page(self, collection: AsyncCollection[Document], of: Document, limit: int) -> Found:
        """Those that are of any output; emptied ones are not there."""
        where = {"month": self.month, "agreed": {"$gt": 0}, **self.narrowed, **of}
        return await find_page(collection, where, self.cursor, limit)


Asked = Annotated[Totals, Depends(asked)]


@router.get("/days", response_model=Page[DayResult], responses=READ, dependencies=AS_ROWS)
async def list_days(
    request: Request,
    context: Reader,
    models: Live,
    totals: Asked,
    employee_id: OfEmployee = None,
    limit: PageSize = 100,
) -> Response:
    """List results by day.

    For every employee on record: your own and those of the people you lead today; anybody's for the personnel agency.
    Days that have passed, MKD and office apart, in pages, as JSON or CSV.

    Refused with 404 `not-found` for an employee whom you may not see.
    """
    found, following = await totals.page(models["result_days"], await whom(context, employee_id), limit)
    page = Page[DayResult](items=[day_result(one) for one in found], next_cursor=following)
    return page_response(request, page, DAY_ROW)


@router.get("/employee-months", response_model=Page[EmployeeMonthResult], responses=READ, dependencies=AS_ROWS)
async def list_employee_months(
    request: Request,
    context: Reader,
    models: Live,
    totals: Asked,
    employee_id: OfEmployee = None,
    limit: PageSize = 100,
) -> Response:
    """List results by employee and month.

    For every employee on record: your own and those of the people you lead today; anybody's for the personnel agency.
    MKD and office apart, and apart by unit for those who moved, in pages, as JSON or CSV.

    Refused with 404 `not-found` for an employee whom you may not see.
    """
    found, following = await totals.page(models["employee_months"], await whom(context, employee_id), limit)
    page = Page[EmployeeMonthResult](items=[employee_month(one) for one in found], next_cursor=following)
    return page_response(request, page, EMPLOYEE_MONTH_ROW)


@router.get(
    "/unit-months",
    response_model=PublishedPage[UnitMonthResult],
    responses=READ,
    dependencies=AS_ROWS,
    openapi_extra=OPEN,
)
async def list_unit_months(
    request: Request, context: Reader, models: Live, totals: Asked, limit: PageSize = 100
) -> Response:
    """List results by unit and month.

    For analysts and the personnel agency. The agency reads current figures; analysts read the month as it was last
    published, once it is over, without figures of fewer than five people. MKD and office apart, in pages, as JSON or
    CSV.
    """
    context.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if totals.unit_id:
        must_read(context.actor, totals.unit_id)
    if not context.actor.has(Role.PERSONNEL_AGENCY):
        as_published = partial(_published, request, context, totals, limit)
        return await of_publication(request, context, models, totals.month, as_published)

    async def build(version: Version) -> Answer:
        found, following = await totals.page(models["unit_months"], {}, limit)
        people = await version.once("people", lambda: queries.people(models, totals.month))
        names = await queries.unit_names(context.directory, {one["unit_id"] for one in found}, totals.month)
        items = [unit_month(one, names, people.get((one["mode"], one["unit_id"]), 0)) for one in found]
        return page_answer(request, PublishedPage[UnitMonthResult](items=items, next_cursor=following), UNIT_MONTH_ROW)

    return await of_version(request, context, models, totals.month, build)


async def _published(
    request: Request, context: RequestContext, totals: Totals, limit: int, reading: Reading | None
) -> Answer:
    if reading is None:
        return page_answer(request, PublishedPage[UnitMonthResult](items=[]), UNIT_MONTH_ROW)
    after = (place_of(totals.cursor) or [""])[0]
    found, following = await published.rows(
        context.db, reading, units_of(context.actor) | totals.narrowed, after, limit
    )
    names = await queries.unit_names(context.directory, {one["unit_id"] for one in found}, totals.month)
    items = [unit_month(one, names, one.get("people"), withheld=not reading.sees(one)) for one in found]
    page = PublishedPage[UnitMonthResult](items=items, next_cursor=following, as_of=reading.as_of)
    return page_answer(request, page, UNIT_MONTH_ROW)
