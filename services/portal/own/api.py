"""The page that tells somebody what the system knows of them, and hands it over."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.own import queries
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.record.value import newest_first, state, terms_on

router = APIRouter()
Name = Annotated[Literal["outputs", "savings", "postings"], Path()]


@router.get("/me")
async def own(request: Request, who: AskedBy) -> Response:
    """What is on record of the reader, who sees it, how it is corrected, and how they get all of it."""
    reach: Reach = request.app.state.reach
    day, me = pages.today_of(request), await person(reach, who)
    its = await queries.own(reach, who, me, day)
    return pages.page(
        request,
        "own.html",
        links=links(me),
        me=me,
        own=its,
        terms=terms_on(its.known.record.history, day) if its.known else None,
        history=newest_first(its.known.record.history) if its.known else [],
        terms_on=terms_on,
        state=state,
        today=day,
    )


@router.get("/me/data.json")
async def data(request: Request, who: AskedBy) -> Response:
    """All of it, as the services answer it."""
    reach: Reach = request.app.state.reach
    day, me = pages.today_of(request), await person(reach, who)
    told = await queries.everything(reach, who, me, day)
    body = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return pages.file(request, f"mkd-{day}.json", body, "application/json")


@router.get("/me/{name}.csv")
async def rows(request: Request, who: AskedBy, name: Name) -> Response:
    """Rows of one's own."""
    reach: Reach = request.app.state.reach
    day, me = pages.today_of(request), await person(reach, who)
    told = await queries.rows(reach, who, me, name, day)
    return await pages.download(request, f"mkd-{name}-{day}", told)
