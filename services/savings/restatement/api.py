"""What savings answers over HTTP of figures that have changed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.access import is_agency
from services.savings.month import queries
from services.savings.restatement import queries as restated
from services.savings.restatement.schemas import Restatement, restatement, restatement_row
from shared.contracts.organisation import Role
from shared.kit.web.fields import Cursor, Moment, Month, PageSize
from shared.kit.web.pages import Page, cursor_of, place_of
from shared.people.context import Reader
from shared.people.reads import READ, Live, answer_page

router = APIRouter(prefix="/v1", tags=["savings"])
Period = Annotated[Month, Query(description="YYYY-MM")]


@router.get("/restatements", response_model=Page[Restatement], responses=READ)
async def list_restatements(
    request: Request,
    call: Reader,
    models: Live,
    month: Period,
    since: Annotated[Moment, Query(description="The moment that the figures are compared with (RFC 3339)")],
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """How the unit-months of a month have changed since a moment, through late events, corrections of the reference
    data or new factors. For the personnel agency, up to now; for analysts, between what was published at that moment,
    or first, and what is published now."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if is_agency(call):
        found = await restated.restated(models, month, since)
    else:
        found = await restated.published(call, month, since)
    found.sort(key=lambda one: one.place)
    if place := place_of(cursor):
        found = [one for one in found if one.place > place[0]]
    following = cursor_of(found[limit - 1].place) if len(found) > limit else None
    names = await queries.unit_names(models, {one.of.unit_id for one in found[:limit]}, month)
    page = Page[Restatement](items=[restatement(one, names, month) for one in found[:limit]], next_cursor=following)
    return answer_page(request, page, restatement_row)
