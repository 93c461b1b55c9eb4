"""The form for a request: judged while it is typed, sent, and sent again to change what was asked."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Form, Sent
from services.portal.course import queries as course
from services.portal.course.api import CHANGED, JUDGED, seen
from services.portal.course.value import since
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Broken, Item, Reach
from services.portal.request import queries, value
from services.portal.request.commands import body_of, typed
from services.portal.request.model import MEASURES, PLACES, Aim, Choice, Judged, Problem, Problems, Typed, Violation

FIXED = ("days", "place", "km", "starts", "reason")
CHECK = "check"
Days = Annotated[list[Annotated[str, Query(max_length=20)]], Query(alias="day", max_length=31)]
Like = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,60}$")]
router = APIRouter()


@router.get("/requests/new")
async def new_request(request: Request, who: AskedBy, days: Days = [], like: Like = "") -> Response:  # noqa: B006
    """A form, empty but for the days that are named, or filled like an earlier request."""
    asked = value.with_days(days)
    if like:
        before = await course.request(request.app.state.reach, who, like)
        offered = await _offered(request, who, asked, Aim())
        asked = value.like(before, [choice for week in offered for choice in week])
    return await _form(request, who, Aim(), asked)


@router.get("/requests/{request_id}/change")
async def change_request(request: Request, who: AskedBy, request_id: pages.Id) -> Response:
    """The form of a request as it was asked for."""
    before = await course.request(request.app.state.reach, who, request_id)
    return await _form(request, who, Aim(request_id, before.version), value.of_request(before))


@router.post("/requests/new")
async def submit(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Send a request, or have it judged."""
    return await _sent(request, who, sent, Aim())


@router.post("/requests/{request_id}/change")
async def send_change(request: Request, who: AskedBy, request_id: pages.Id, sent: Sent) -> Response:
    """Put another request in the place of one, or have that judged."""
    return await _sent(request, who, sent, Aim(request_id, seen(sent)))


@router.post("/requests:check")
async def judge(request: Request, who: AskedBy, sent: Sent) -> Response:
    """What a form breaks that is still being typed, for the places beside its fields. What is missing is not told."""
    asked, reach = typed(sent), request.app.state.reach
    aim = Aim(sent.one("changes"), seen(sent))
    wrong, judged = await _judged(request, reach, who, asked, aim)
    told = [one for one in wrong.all if one.rule != value.MISSING or value.is_typed(one.field, asked)]
    fields = [*FIXED, *(f"day-{day}" for day in dict.fromkeys(line.day for line in asked.lines))]
    fields += [f"{what}-{line.name}" for line in asked.lines for what in ("title", "quantity")]
    shown = value.problems(told)
    return pages.page(
        request,
        "judged.html",
        wrong=shown,
        elsewhere=[one for one in shown.all if one.field not in fields],
        fields=[field for field in fields if shown.of(field)],
        empty=[field for field in fields if not shown.of(field)],
        judged=judged,
    )


async def _sent(request: Request, who: Asker, sent: Form, aim: Aim) -> Response:
    """What is wrong is shown beside its field, and nothing that was typed is lost."""
    reach: Reach = request.app.state.reach
    asked, key = typed(sent), sent.key
    if sent.one("do") == CHECK:
        wrong, judged = await _judged(request, reach, who, asked, aim)
        return await _form(request, who, aim, asked, wrong, judged, key)
    if lacks := _lacks(request, asked):
        return await _form(request, who, aim, asked, lacks, key=key, status=422)
    words = pages.Words(request)
    try:
        done = await queries.send(reach, who, body_of(asked), aim, key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        wrong = value.problems(_said(refused.said.errors, asked) or [_whole(request, refused)])
        if refused.status == CHANGED:
            return await _changed(request, who, aim, asked, wrong)
        # A call that was refused has used its key up for no other body.
        return await _form(request, who, aim, asked, wrong, status=422)
    except Away:
        away = value.problems([Problem("", words.text("away-typed"))])
        return await _form(request, who, aim, asked, away, key=key, status=503)
    return pages.to(f"/requests/{done.request_id}?done=sent" if aim.changes else "/today?sent=1")


async def _changed(request: Request, who: Asker, aim: Aim, asked: Typed, wrong: Problems) -> Response:
    """The form again, with what has happened to the request meanwhile; sent again, it is on what was shown."""
    now = await course.request(request.app.state.reach, who, aim.changes)
    judged = Judged(since=since(now.history, aim.seen))
    return await _form(request, who, Aim(aim.changes, now.version), asked, wrong, judged, status=CHANGED)


def _lacks(request: Request, asked: Typed) -> Problems | None:
    words = pages.Words(request)
    wrong = []
    if not asked.days:
        wrong.append(Problem("days", words.text("choose-a-day")))
    wrong += [Problem(f"title-{line.name}", words.text("name-an-output")) for line in asked.asked if not line.title]
    if not asked.reason:
        wrong.append(Problem("reason", words.text("give-a-reason")))
    return value.problems(wrong) if wrong else None


async def _judged(request: Request, reach: Reach, who: Asker, asked: Typed, aim: Aim) -> tuple[Problems, Judged]:
    """Every rule that a form breaks, and the quota of its weeks."""
    try:
        checked = await queries.check(reach, who, body_of(asked), aim)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        return value.problems(_said(refused.said.errors, asked) or [_whole(request, refused)]), Judged(checked=True)
    except Away:
        return value.problems([Problem("", pages.Words(request).text("check-away"))]), Judged()
    found = value.problems(_said(checked.violations, asked))
    return found, Judged(checked=True, uses=value.uses(checked.weeks, asked))


def _said(items: Sequence[Item | Violation], asked: Typed) -> list[Problem]:
    return [Problem(value.field_of(one.pointer, asked), one.detail, one.source, one.rule) for one in items]


def _whole(request: Request, refused: Broken) -> Problem:
    return Problem("", refused.said.detail or pages.Words(request).text(f"status-{refused.status}"))


async def _offered(request: Request, who: Asker, asked: Typed, aim: Aim) -> list[list[Choice]]:
    reach: Reach = request.app.state.reach
    day = pages.today_of(request)
    try:
        found = await queries.weeks(reach, who, value.weeks(day, asked.days))
    except Away:
        # What was typed stays, also while nobody can say which other days there are.
        if not asked.lines:
            raise
        return value.kept(asked)
    return [value.choices(week, day, aim.changes) for week in found]


async def _form(
    request: Request,
    who: Asker,
    aim: Aim,
    asked: Typed,
    wrong: Problems | None = None,
    judged: Judged | None = None,
    key: str = "",
    *,
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, offered, before = await asyncio.gather(
        person(reach, who), _offered(request, who, asked, aim), queries.earlier(reach, who)
    )
    every, wrong = [choice for week in offered for choice in week], wrong or Problems()
    elsewhere = [one for one in wrong.all if not value.is_shown(one.field, every, FIXED)]
    return pages.page(
        request,
        "request.html",
        status,
        links=links(me),
        me=me,
        aim=aim,
        weeks=[week for week in offered if week],
        typed=asked,
        wrong=wrong,
        elsewhere=elsewhere,
        judged=judged or Judged(),
        key=key or pages.new_key(),
        earlier=value.earlier(before),
        measures=MEASURES,
        places=PLACES,
    )
