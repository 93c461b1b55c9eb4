"""How savings explains a figure over HTTP: unit-month, day, row, event, formula and factors."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.access import factor_sets_of, is_agency, whose
from services.savings.category.value import FORMULAS
from services.savings.employee_day.document import day_of
from services.savings.employee_day.schemas import (
    DayExplained,
    DayShown,
    Posting,
    Told,
    day_row,
    day_shown,
    posting,
    posting_row,
)
from services.savings.ledger.model import DayKey
from services.savings.month.schemas import ranges
from shared.contracts.organisation import Role
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, Day, Month, PageSize
from shared.kit.web.pages import Page, find_page
from shared.people.context import Reader
from shared.people.reads import READ, READ_ONE, Live, answer, answer_page

router = APIRouter(prefix="/v1", tags=["explain"])
Period = Annotated[Month, Query(description="YYYY-MM")]
EmployeeId = Annotated[str | None, Query(max_length=60)]


@router.get("/days", response_model=Page[DayShown], responses=READ)
async def list_days(
    request: Request,
    call: Reader,
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
    found, following = await find_page(models["days"], where, cursor, limit)
    page = Page[DayShown](items=[day_shown(day_of(one)) for one in found], next_cursor=following)
    return answer_page(request, page, day_row)


@router.get("/days/{employee_id}/{day}", response_model=DayExplained, responses=READ_ONE)
async def explain_day(request: Request, call: Reader, models: Live, employee_id: str, day: Day) -> Response:
    """How a day's figures came about: formulas, figures put in, factors, events, rows. Your own, or for the personnel
    agency."""
    if employee_id != call.actor.employee_id and not is_agency(call):
        raise missing("not-found")
    found = await models["days"].find_one({"_id": str(DayKey(employee_id, str(day)))})
    if not found:
        raise missing("not-found")
    known = day_of(found)
    sets = await factor_sets_of(call, {known.position.factor_set_id} if known.position else set())
    rows = await models["postings"].find({"employee_id": employee_id, "day": known.day}).sort("_id", 1).to_list()
    explained = DayExplained(
        **day_shown(known).model_dump(),
        formulas=FORMULAS,
        ranges=ranges(request.state.language),
        factors=sets[0] if sets else None,
        events=[Told(**asdict(told)) for told in known.events],
        postings=[posting(row) for row in rows],
    )
    return answer(request, explained.model_dump_json().encode(), "application/json")


@router.get("/postings", response_model=Page[Posting], responses=READ)
async def list_postings(
    request: Request,
    call: Reader,
    models: Live,
    month: Period,
    employee_id: EmployeeId = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Rows of the savings log for days of a month: your own; anybody's, and those of units, for the personnel
    agency."""
    where: Document = {"month": month, **whose(call, employee_id)}
    found, following = await find_page(models["postings"], where, cursor, limit)
    page = Page[Posting](items=[posting(row) for row in found], next_cursor=following)
    return answer_page(request, page, posting_row)
