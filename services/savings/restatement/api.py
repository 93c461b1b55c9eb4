"""Restatements over HTTP: figures that have changed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.access import is_agency
from services.savings.month import queries
from services.savings.restatement import queries as restated
from services.savings.restatement.schemas import Restatement, restatement, restatement_row
from shared.contracts.organisation import Role
from shared.kit.web.fields import Cursor, Moment, PageSize
from shared.kit.web.pages import Page, cursor_of, place_of
from shared.people.context import Reader
from shared.people.parameters import MonthQuery
from shared.people.reads import AS_ROWS, READ, Live, page_response

router = APIRouter(prefix="/v1", tags=["savings"])


@router.get("/restatements", response_model=Page[Restatement], responses=READ, dependencies=AS_ROWS)
async def list_restatements(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    since: Annotated[Moment, Query(description="Moment to compare with, RFC 3339 with an offset.")],
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List how unit-months have changed since a moment.

    For analysts and the personnel agency. Figures change through late events, corrections of reference data, or new
    factors. The agency compares with current figures; analysts compare what was published at that moment, or first,
    with what is published now. In pages, as JSON or CSV.
    """
    context.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if is_agency(context):
        found = await restated.restated(models, month, since)
    else:
        found = await restated.published(context, month, since)
    found.sort(key=lambda one: one.place)
    if place := place_of(cursor):
        found = [one for one in found if one.place > place[0]]
    following = cursor_of(found[limit - 1].place) if len(found) > limit else None
    names = await queries.unit_names(models, {one.of.unit_id for one in found[:limit]}, month)
    page = Page[Restatement](items=[restatement(one, names, month) for one in found[:limit]], next_cursor=following)
    return page_response(request, page, restatement_row)
