"""The form for a request, and what becomes of it."""

import asyncio
import secrets

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Broken, Reach
from services.portal.request import queries, value
from services.portal.request.commands import body_of, typed
from services.portal.request.model import MEASURES, PLACES, Problem, Problems, Typed

FIXED = ("days", "place", "km", "starts", "reason")
JUDGED = (400, 403, 404, 409, 422)
router = APIRouter()


@router.get("/requests/new")
async def new_request(request: Request, who: AskedBy) -> Response:
    """An empty form."""
    return await _form(request, who, Typed(), Problems(), secrets.token_urlsafe(24))


@router.post("/requests/new")
async def submit(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Send a request. What is wrong is shown beside its field, and nothing that was typed is lost."""
    reach: Reach = request.app.state.reach
    asked, key = typed(sent), sent.one("key") or secrets.token_urlsafe(24)
    words = pages.Words(request)
    wrong = []
    if not asked.asked:
        wrong.append(Problem("days", words.text("choose-a-day")))
    wrong += [Problem(f"title-{line.day}", words.text("name-an-output")) for line in asked.asked if not line.title]
    if not asked.reason:
        wrong.append(Problem("reason", words.text("give-a-reason")))
    if wrong:
        return await _form(request, who, asked, value.problems(wrong), key, 422)
    try:
        await queries.submit(reach, who, body_of(asked), key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        said = [Problem(value.field_of(one.pointer, asked), one.detail, one.source) for one in refused.said.errors]
        said = said or [Problem("", refused.said.detail or words.text(f"status-{refused.status}"))]
        # A call that was refused has used its key up for no other body.
        return await _form(request, who, asked, value.problems(said), secrets.token_urlsafe(24), 422)
    except Away:
        return await _form(request, who, asked, value.problems([Problem("", words.text("away-typed"))]), key, 503)
    return pages.to("/today?sent=1")


async def _form(request: Request, who: Asker, asked: Typed, wrong: Problems, key: str, status: int = 200) -> Response:
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    me, weeks = await asyncio.gather(person(reach, who), queries.weeks(reach, who, value.weeks(day)))
    offered = [value.choices(week, day) for week in weeks]
    every = [choice for week in offered for choice in week]
    elsewhere = [one for one in wrong.all if not value.is_shown(one.field, every, FIXED)]
    return pages.page(
        request,
        "request.html",
        status,
        links=links(me),
        me=me,
        weeks=[week for week in offered if week],
        typed=asked,
        wrong=wrong,
        elsewhere=elsewhere,
        key=key,
        measures=MEASURES,
        places=PLACES,
    )
