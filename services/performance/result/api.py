"""What performance answers over HTTP of results: what agreed outputs came to, by day and by month."""

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
from shared.kit.web.fields import Cursor, Month, PageSize
from shared.kit.web.pages import Page, PublishedPage, cursor_of, place_of
from shared.people import published
from shared.people.context import Call, Reader
from shared.people.reads import READ, Live, answer_page

router = APIRouter(prefix="/v1/results", tags=["performance"])
Id = Annotated[str | None, Query(max_length=60)]


async def asked(
    month: Annotated[Month, Query(description="YYYY-MM")],
    mode: WorkMode | None = None,
    unit_id: Id = None,
    cursor: Cursor | None = None,
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
    request: Request, call: Reader, models: Live, where: Asked, employee_id: Id = None, limit: PageSize = 100
) -> Response:
    """Days of a month that have passed, MKD and office apart: your own and those of the people you lead today;
    anybody's for the personnel agency."""
    found, following = await _page(models, "result_days", where | await whom(call, employee_id), limit)
    page = Page[DayResult](items=[day_result(one) for one in found], next_cursor=following)
    return answer_page(request, page, DAY_ROW)


@router.get("/employee-months", response_model=Page[EmployeeMonthResult], responses=READ)
async def list_employee_months(
    request: Request, call: Reader, models: Live, where: Asked, employee_id: Id = None, limit: PageSize = 100
) -> Response:
    """Employees' months, MKD and office apart, and apart by unit for those who moved: your own and those of the people
    you lead today; anybody's for the personnel agency."""
    found, following = await _page(models, "employee_months", where | await whom(call, employee_id), limit)
    page = Page[EmployeeMonthResult](items=[employee_month(one) for one in found], next_cursor=following)
    return answer_page(request, page, EMPLOYEE_MONTH_ROW)


@router.get("/unit-months", response_model=PublishedPage[UnitMonthResult], responses=READ)
async def list_unit_months(
    request: Request, call: Reader, models: Live, where: Asked, limit: PageSize = 100
) -> Response:
    """Units' months, MKD and office apart, for analysts and the personnel agency. The agency reads what is so now;
    analysts read the month as it was last published, when it is over, without figures of few."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if not call.actor.has(Role.PERSONNEL_AGENCY):
        return await _published(request, call, where, limit)
    found, following = await _page(models, "unit_months", where, limit)
    people = await queries.people(models, where["month"])
    names = await queries.unit_names(call.db, {one["unit_id"] for one in found}, where["month"])
    items = [unit_month(one, names, people.get((one["mode"], one["unit_id"]), 0)) for one in found]
    return answer_page(request, PublishedPage[UnitMonthResult](items=items, next_cursor=following), UNIT_MONTH_ROW)


async def _published(request: Request, call: Call, where: Document, limit: int) -> Response:
    published_ = await published.read(call.db, where["month"], call.actor.employee_id)
    if published_ is None:
        return answer_page(request, PublishedPage[UnitMonthResult](items=[]), UNIT_MONTH_ROW)
    asked_for: Document = {name: where[name] for name in ("mode", "unit_id") if name in where}
    after = where["_id"]["$gt"] if "_id" in where else ""
    found, following = await published.rows(call.db, published_, asked_for, after, limit)
    names = await queries.unit_names(call.db, {one["unit_id"] for one in found}, where["month"])
    items = [unit_month(one, names, one.get("people"), withheld=not published_.sees(one)) for one in found]
    page = PublishedPage[UnitMonthResult](items=items, next_cursor=following, as_of=published_.as_of)
    return answer_page(request, page, UNIT_MONTH_ROW)


async def _page(models: Models, collection: str, where: Document, limit: int) -> tuple[list[Document], str | None]:
    """Some totals, and the cursor that asks for those after them."""
    found = await models[collection].find(where).sort("_id", 1).limit(limit).to_list()
    return found, cursor_of(found[-1]["_id"]) if len(found) == limit else None
