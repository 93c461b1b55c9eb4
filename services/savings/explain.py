"""How savings explains a figure over HTTP: unit-month, day, row, event, formula and factors."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings import publications, queries
from services.savings.answers import (
    FORMULAS,
    DayExplained,
    DayShown,
    Posting,
    Told,
    UnitDay,
    UnitMonthExplained,
    VehicleShare,
    day_row,
    day_shown,
    posting,
    posting_row,
    ranges,
    unit_day,
    unit_day_row,
)
from services.savings.figures import figures
from services.savings.reading import factor_sets_of, is_agency, sees_all, unit_allowed, whose
from shared.contracts.organisation import Role
from shared.kit.calls import Caller
from shared.kit.decider import Document, missing
from shared.kit.fields import Cursor, Day, Month, PageSize
from shared.kit.pages import Page, cursor_of, place_of
from shared.kit.reads import READ, READ_ONE, Live, answer, answer_page

router = APIRouter(prefix="/v1", tags=["explain"])
Period = Annotated[Month, Query(description="YYYY-MM")]
EmployeeId = Annotated[str | None, Query(max_length=60)]


@router.get("/unit-months/{unit_id}/{month}", response_model=UnitMonthExplained, responses=READ_ONE)
async def explain_unit_month(request: Request, call: Caller, models: Live, unit_id: str, month: Month) -> Response:
    """How a unit's figures of a month came about: formulas, factors, and for the personnel agency the days. The agency
    reads what is so now, others what was last published."""
    if not sees_all(call):
        unit_allowed(call, unit_id)
    agency, as_of = is_agency(call), None
    if agency:
        where = {"unit_id": unit_id, "month": month, "days": {"$gt": 0}}
        totals = await models["unit_months"].find(where).sort("_id", 1).to_list()
    else:
        found = await publications.figures(call, month, {"unit_id": unit_id})
        totals, as_of = [one for one in found.rows if found.sees(one)], found.as_of
    if not totals:
        raise missing("not-found")
    people = (await queries.people(models, month)).realised.get(unit_id, 0) if agency else None
    parts = await queries.by_vehicle(models, unit_id, month) if agency else []
    explained = UnitMonthExplained(
        unit_id=unit_id,
        unit_name=(await queries.unit_names(models, {unit_id}, month)).get(unit_id, unit_id),
        month=month,
        as_of=as_of,
        people=people,
        figures=[figures(total) for total in totals],
        formulas={total["category"]: FORMULAS[total["category"]] for total in totals},
        ranges={total["category"]: ranges(request.state.language)[total["category"]] for total in totals},
        factor_sets=await factor_sets_of(call, {total["factor_set_id"] for total in totals}),
        by_vehicle=[VehicleShare(**part) for part in parts] if agency else None,
        days=f"/v1/days?month={month}&unit_id={unit_id}" if agency else None,
    )
    return answer(request, explained.model_dump_json().encode(), "application/json")


@router.get("/unit-days", response_model=Page[UnitDay], responses=READ)
async def list_unit_days(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    unit_id: Annotated[str | None, Query(max_length=60)] = None,
    building_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Units' days with their buildings' electricity: who belongs there, who was away, which zones were closed. For the
    personnel agency, since a day may be about few people."""
    call.must_have(Role.PERSONNEL_AGENCY)
    where: Document = {"day": {"$regex": f"^{month}-"}}
    where |= {"unit_id": unit_id} if unit_id else {}
    where |= {"building_id": building_id} if building_id else {}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["unit_days"].find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[UnitDay](items=[unit_day(one, request.state.language) for one in found], next_cursor=next_cursor)
    return answer_page(request, page, unit_day_row)


@router.get("/days", response_model=Page[DayShown], responses=READ)
async def list_days(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    employee_id: EmployeeId = None,
    unit_id: Annotated[str | None, Query(max_length=60, description="For the personnel agency")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Your own days of a month, realised or lacking something; anybody's for the personnel agency."""
    where: Document = {"day": {"$regex": f"^{month}-"}, **whose(call, employee_id)}
    if unit_id:
        call.must_have(Role.PERSONNEL_AGENCY)
        where["position.unit_id"] = unit_id
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["days"].find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[DayShown](items=[day_shown(one) for one in found], next_cursor=next_cursor)
    return answer_page(request, page, day_row)


@router.get("/days/{employee_id}/{day}", response_model=DayExplained, responses=READ_ONE)
async def explain_day(request: Request, call: Caller, models: Live, employee_id: str, day: Day) -> Response:
    """How a day's figures came about: formulas, figures put in, factors, events, rows. Your own, or for the personnel
    agency."""
    if employee_id != call.actor.employee_id and not is_agency(call):
        raise missing("not-found")
    found = await models["days"].find_one({"_id": f"{employee_id}:{day}"})
    if not found:
        raise missing("not-found")
    position = found["position"]
    sets = await factor_sets_of(call, {position["factor_set_id"]} if position else set())
    rows = await models["postings"].find({"employee_id": employee_id, "day": found["day"]}).sort("_id", 1).to_list()
    explained = DayExplained(
        **day_shown(found).model_dump(),
        formulas=FORMULAS,
        ranges=ranges(request.state.language),
        factors=sets[0] if sets else None,
        events=[Told(**told) for told in found["events"]],
        postings=[posting(row) for row in rows],
    )
    return answer(request, explained.model_dump_json().encode(), "application/json")


@router.get("/postings", response_model=Page[Posting], responses=READ)
async def list_postings(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    employee_id: EmployeeId = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Rows of the savings log for days of a month: your own; anybody's, and those of units, for the personnel
    agency."""
    where: Document = {"month": month, **whose(call, employee_id)}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["postings"].find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[Posting](items=[posting(row) for row in found], next_cursor=next_cursor)
    return answer_page(request, page, posting_row)
