"""Savings for strangers over HTTP, where an instance tells them."""

from fastapi import APIRouter, Request, Response

from services.savings.month.api import instance_month
from services.savings.month.schemas import ranges
from services.savings.open_month.schemas import OpenRow, OpenSavings, open_rows
from services.savings.series.schemas import words
from shared.people import published
from shared.people.openly import OPENLY, Columns, meanings_of, rows_of
from shared.people.reads import READ, one_answer, response, wants_csv
from shared.people.span import First, Last, months_between

router = APIRouter(prefix="/v1/open", tags=["open"])


@router.get("/savings", response_model=OpenSavings, responses=READ, dependencies=OPENLY)
async def show_open_savings(request: Request, first: First, last: Last) -> Response:
    """Show what the instance saved, month by month, to anybody.

    For anybody, without a token, where the instance is set so (404 `not-found` elsewhere). Sums of all units as they
    were last published and as everybody on record may read them. As JSON, or as CSV in the form of open data.

    Refused with 422 `month-order` if `to` comes before `from`, and `series-too-long`.
    """
    asked = months_between(first, last)
    told = await published.read_by_all(request.app.state.db, asked)
    months = [instance_month(one, told.get(one)) for one in asked]
    if wants_csv(request):
        return response(request, rows_of(request, OpenRow, open_rows(months)))
    language = request.state.language
    return response(request, one_answer(OpenSavings(months=months, words=words(language, ranges(language)))))


@router.get("/savings/columns", response_model=Columns, responses=READ, dependencies=OPENLY)
async def show_open_savings_columns(request: Request) -> Response:
    """Show the data dictionary of the instance's open savings.

    For anybody, without a token, where the instance is set so (404 `not-found` elsewhere). As JSON or CSV.
    """
    return response(request, meanings_of(request, OpenRow))
