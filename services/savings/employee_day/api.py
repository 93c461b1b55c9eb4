"""Explanations of figures over HTTP: days, events, rows of the ledger, formulas and factors."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.savings.access import factor_sets_of, is_agency, whose
from services.savings.category.value import FORMULAS
from services.savings.employee_day.document import day_in, day_of
from services.savings.employee_day.schemas import (
    DayExplained,
    DayResponse,
    Posting,
    day_response,
    day_row,
    folded_event,
    posting,
    posting_row,
)
from services.savings.employee_month.document import day_documents, month_of
from services.savings.ledger.model import DayKey
from services.savings.ledger.queries import of_day, rows_page
from services.savings.month.schemas import ranges
from shared.contracts.organisation import Role
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, Day, PageSize
from shared.kit.web.pages import Page, find_within
from shared.people.context import Reader
from shared.people.parameters import EmployeePath, MonthQuery
from shared.people.reads import AS_ROWS, READ, READ_ONE, Live, one_answer, page_response, response

router = APIRouter(prefix="/v1", tags=["explain"])
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only this employee, by id; yourself if omitted.")]
OfUnit = Annotated[
    str | None, Query(max_length=60, description="Only realised days in this unit, by id; for the personnel agency.")
]
DayPath = Annotated[Day, Path(description="The day, as `YYYY-MM-DD`.")]


@router.get("/days", response_model=Page[DayResponse], responses=READ, dependencies=AS_ROWS)
async def list_days(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    employee_id: OfEmployee = None,
    unit_id: OfUnit = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List days with their savings.

    For every employee on record: your own; anybody's for the personnel agency. Days that are realised, and days that
    lack something to be. In pages, as JSON or CSV.

    Refused with 404 `not-found` for another employee.
    """
    where: Document = {"month": month, **whose(context, employee_id)}
    if unit_id:
        context.must_have(Role.PERSONNEL_AGENCY)
        where["units"] = unit_id

    def shown(months: list[Document]) -> list[Document]:
        days = [day for one in months for day in day_documents(month_of(one))]
        return [day for day in days if unit_id is None or (day["position"] or {}).get("unit_id") == unit_id]

    found, following = await find_within(models["employee_months"], where, "employee_id", shown, cursor, limit)
    page = Page[DayResponse](items=[day_response(day_of(one)) for one in found], next_cursor=following)
    return page_response(request, page, day_row)


@router.get("/days/{employee_id}/{day}", response_model=DayExplained, responses=READ_ONE)
async def explain_day(
    request: Request, context: Reader, models: Live, employee_id: EmployeePath, day: DayPath
) -> Response:
    """Explain how a day's figures came about.

    For the employee and the personnel agency; for others it does not exist (404 `not-found`). Formulas, figures put in,
    factors, events, and rows of the ledger.
    """
    if employee_id != context.actor.employee_id and not is_agency(context):
        raise missing("not-found")
    key = DayKey(employee_id, str(day))
    found = await models["employee_months"].find_one({"_id": key.month_id})
    known = day_in(month_of(found), key) if found else None
    if known is None:
        raise missing("not-found")
    sets = await factor_sets_of(context, {known.position.factor_set_id} if known.position else set())
    events, rows = await of_day(models, key)
    explained = DayExplained(
        **day_response(known).model_dump(),
        formulas=FORMULAS,
        ranges=ranges(request.state.language),
        factors=sets[0] if sets else None,
        events=[folded_event(told) for told in events],
        postings=[posting(row) for row in rows],
    )
    return response(request, one_answer(explained))


@router.get("/postings", response_model=Page[Posting], responses=READ, dependencies=AS_ROWS)
async def list_postings(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    employee_id: OfEmployee = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List rows of the savings ledger.

    For every employee on record: your own; anybody's, and those of units, for the personnel agency. For days of the
    month, in pages, as JSON or CSV.

    Refused with 404 `not-found` for another employee.
    """
    of = whose(context, employee_id).get("employee_id")
    found, following = await rows_page(models, {"month": month}, of, cursor, limit)
    page = Page[Posting](items=[posting(row) for row in found], next_cursor=following)
    return page_response(request, page, posting_row)
