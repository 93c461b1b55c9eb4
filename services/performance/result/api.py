"""Results over HTTP: attainment and timeliness of agreed outputs, by day and by month."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.performance.access import whom
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
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, PublishedPage, cursor_of, place_of
from shared.people import published
from shared.people.context import Call, Reader
from shared.people.parameters import MonthQuery, UnitQuery
from shared.people.reads import READ, Live, page_response

router = APIRouter(prefix="/v1/results", tags=["performance"])
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only results of this employee, by id.")]
Mode = Annotated[WorkMode | None, Query(description="Only days worked in this mode.")]


async def asked(
    month: MonthQuery,
    mode: Mode = None,
    unit_id: UnitQuery = None,
    cursor: Cursor = None,
) -> Document:
    """A filter of totals: a month's, after the cursor, that are of any output. Emptied ones are not there."""
    where: Document = {"month": month, "agreed": {"$gt": 0}}
    if mode:
        where["mode"] = mode.value
    if unit_id:
        where["unit_id"] = unit_id
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    return where


Asked = Annotated[Document, Depends(asked)]


@router.get("/days", response_model=Page[DayResult], responses=READ)
async def list_days(
    request: Request, call: Reader, models: Live, where: Asked, employee_id: OfEmployee = None, limit: PageSize = 100
) -> Response:
    """List results by day.

    For every employee on record: your own and those of the people you lead today; anybody's for the personnel agency.
    Days that have passed, MKD and office apart, in pages, as JSON or CSV.

    Refused with 404 `not-found` for an employee whom you may not see.
    """
    found, following = await _page(models, "result_days", where | await whom(call, employee_id), limit)
    page = Page[DayResult](items=[day_result(one) for one in found], next_cursor=following)
    return page_response(request, page, DAY_ROW)


@router.get("/employee-months", response_model=Page[EmployeeMonthResult], responses=READ)
async def list_employee_months(
    request: Request, call: Reader, models: Live, where: Asked, employee_id: OfEmployee = None, limit: PageSize = 100
) -> Response:
    """List results by employee and month.

    For every employee on record: your own and those of the people you lead today; anybody's for the personnel agency.
    MKD and office apart, and apart by unit for those who moved, in pages, as JSON or CSV.

    Refused with 404 `not-found` for an employee whom you may not see.
    """
    found, following = await _page(models, "employee_months", where | await whom(call, employee_id), limit)
    page = Page[EmployeeMonthResult](items=[employee_month(one) for one in found], next_cursor=following)
    return page_response(request, page, EMPLOYEE_MONTH_ROW)


@router.get("/unit-months", response_model=PublishedPage[UnitMonthResult], responses=READ)
async def list_unit_months(
    request: Request, call: Reader, models: Live, where: Asked, limit: PageSize = 100
) -> Response:
    """List results by unit and month.

    For analysts and the personnel agency. The agency reads current figures; analysts read the month as it was last
    published, once it is over, without figures of fewer than five people. MKD and office apart, in pages, as JSON or
    CSV.
    """
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if not call.actor.has(Role.PERSONNEL_AGENCY):
        return await _published(request, call, where, limit)
    found, following = await _page(models, "unit_months", where, limit)
    people = await queries.people(models, where["month"])
    names = await queries.unit_names(call.db, {one["unit_id"] for one in found}, where["month"])
    items = [unit_month(one, names, people.get((one["mode"], one["unit_id"]), 0)) for one in found]
    return page_response(request, PublishedPage[UnitMonthResult](items=items, next_cursor=following), UNIT_MONTH_ROW)


async def _published(request: Request, call: Call, where: Document, limit: int) -> Response:
    published_ = await published.read(call.db, where["month"], call.actor.employee_id)
    if published_ is None:
        return page_response(request, PublishedPage[UnitMonthResult](items=[]), UNIT_MONTH_ROW)
    asked_for: Document = {name: where[name] for name in ("mode", "unit_id") if name in where}
    after = where["_id"]["$gt"] if "_id" in where else ""
    found, following = await published.rows(call.db, published_, asked_for, after, limit)
    names = await queries.unit_names(call.db, {one["unit_id"] for one in found}, where["month"])
    items = [unit_month(one, names, one.get("people"), withheld=not published_.sees(one)) for one in found]
    page = PublishedPage[UnitMonthResult](items=items, next_cursor=following, as_of=published_.as_of)
    return page_response(request, page, UNIT_MONTH_ROW)


async def _page(models: Models, collection: str, where: Document, limit: int) -> tuple[list[Document], str | None]:
    """Some totals, and the cursor that asks for those after them."""
    found = await models[collection].find(where).sort("_id", 1).limit(limit).to_list()
    return found, cursor_of(found[-1]["_id"]) if len(found) == limit else None
