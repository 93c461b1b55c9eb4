"""Results over months over HTTP: for everybody on record, and for strangers where an instance tells them."""

from fastapi import APIRouter, Request, Response

from services.performance.access import OPEN
from services.performance.series.queries import live_month, published_month
from services.performance.series.schemas import (
    OpenRow,
    ResultsSeries,
    open_rows,
    series_row,
    series_rows,
)
from shared.contracts.organisation import Role
from shared.people import published
from shared.people.accounts import must_read
from shared.people.context import Reader
from shared.people.openly import OPENLY, Columns, meanings_of, rows_of
from shared.people.reads import AS_ROWS, CSV, READ, Answer, Live, as_csv, one_answer, response, wants_csv
from shared.people.span import First, Last, months_between

router = APIRouter(prefix="/v1/results", tags=["performance"])
openly = APIRouter(prefix="/v1/open", tags=["open"])


@router.get("/series", response_model=ResultsSeries, responses=READ, dependencies=AS_ROWS, openapi_extra=OPEN)
async def show_results_series(request: Request, context: Reader, models: Live, first: First, last: Last) -> Response:
    """Show results of all units together, month by month.

    For every employee on record. The personnel agency reads current sums; others read sums of what was last published,
    nothing before a month is over. MKD and office apart, as JSON or CSV.

    Refused with 422 `month-order` if `to` comes before `from`, and `series-too-long`.
    """
    must_read(context.actor, None)
    months = []
    for month in months_between(first, last):
        if context.actor.has(Role.PERSONNEL_AGENCY):
            months.append(await live_month(models, month))
        else:
            reading = await published.read(context.db, month, context.actor.reader)
            months.append(published_month(month, reading))
    if wants_csv(request):
        return response(request, Answer(as_csv(series_row, series_rows(months)), CSV))
    return response(request, one_answer(ResultsSeries(months=months)))


@openly.get("/results", response_model=ResultsSeries, responses=READ, dependencies=OPENLY)
async def show_open_results(request: Request, first: First, last: Last) -> Response:
    """Show results of all units together, month by month, to anybody.

    For anybody, without a token, where the instance is set so (404 `not-found` elsewhere). Sums as they were last
    published and as everybody on record may read them. As JSON, or as CSV in the form of open data.

    Refused with 422 `month-order` if `to` comes before `from`, and `series-too-long`.
    """
    asked = months_between(first, last)
    told = await published.read_by_all(request.app.state.db, asked)
    months = [published_month(one, told.get(one)) for one in asked]
    if wants_csv(request):
        return response(request, rows_of(request, OpenRow, open_rows(months)))
    return response(request, one_answer(ResultsSeries(months=months)))


@openly.get("/results/columns", response_model=Columns, responses=READ, dependencies=OPENLY)
async def show_open_results_columns(request: Request) -> Response:
    """Show the data dictionary of the instance's open results.

    For anybody, without a token, where the instance is set so (404 `not-found` elsewhere). As JSON or CSV.
    """
    return response(request, meanings_of(request, OpenRow))
