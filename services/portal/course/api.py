"""The page of one request, and its forms to take days back."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Form, Sent
from services.portal.course import queries, value
from services.portal.course.model import Typed
from services.portal.following import Live
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Broken, Reach

CHANGED = 412
JUDGED = (400, 403, 404, 409, CHANGED, 422)
DONE = ("sent", "withdrawn", "revoked")
KINDS = (("requests", "request"), ("approvals", "case"), ("performance", "plan"))
FORMS = ("withdraw", "revoke")
router = APIRouter()


@router.get("/requests/{request_id}")
async def show(
    request: Request, who: AskedBy, request_id: pages.Id, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What was asked, what became of each day, who decided and why, and what can still be done."""
    return await _page(request, who, request_id, done=done if done in DONE else "")


@router.post("/requests/{request_id}/withdraw")
async def withdraw(request: Request, who: AskedBy, request_id: pages.Id, sent: Sent) -> Response:
    """Take back what one has asked for: the whole of what is not decided, and days of what is agreed."""
    reach: Reach = request.app.state.reach
    words, days, key = pages.Words(request), sent.many("day"), sent.key
    if sent.one("by-day") and not days:
        typed = Typed("withdraw", wrong=(words.text("choose-a-day"),))
        return await _page(request, who, request_id, typed, status=422)
    try:
        await queries.withdraw(reach, who, request_id, list(days), seen(sent), key)
    except Broken as refused:
        return await _refused(request, who, request_id, Typed("withdraw", days), refused, seen(sent))
    except Away:
        typed = Typed("withdraw", days, wrong=(words.text("away-typed"),), keys={"withdraw": key})
        return await _page(request, who, request_id, typed, status=503)
    return pages.to(f"/requests/{request_id}?done=withdrawn")


@router.post("/requests/{request_id}/revoke")
async def revoke(request: Request, who: AskedBy, request_id: pages.Id, sent: Sent) -> Response:
    """Take back what one has approved, for a reason."""
    reach: Reach = request.app.state.reach
    words, days, reason, key = pages.Words(request), sent.many("day"), sent.one("reason"), sent.key
    wrong = () if days else (words.text("choose-a-day"),)
    reason_wrong = "" if reason else words.text("give-a-reason")
    if wrong or reason_wrong:
        typed = Typed("revoke", days, reason, wrong, reason_wrong)
        return await _page(request, who, request_id, typed, status=422)
    try:
        await queries.revoke(reach, who, request_id, list(days), reason, seen(sent), key)
    except Broken as refused:
        return await _refused(request, who, request_id, Typed("revoke", days, reason), refused, seen(sent))
    except Away:
        typed = Typed("revoke", days, reason, (words.text("away-typed"),), keys={"revoke": key})
        return await _page(request, who, request_id, typed, status=503)
    return pages.to(f"/requests/{request_id}?done=revoked")


def seen(sent: Form) -> int:
    """The version that a form was made of; one that nothing has where it names none."""
    version = sent.one("seen")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


async def _refused(
    request: Request, who: Asker, request_id: str, typed: Typed, refused: Broken, version: int
) -> Response:
    """The page as it is now, with why nothing was carried out and, where somebody was faster, what has happened."""
    if refused.status not in JUDGED:
        raise refused
    back = Typed(typed.form, typed.days, typed.reason, refused.said.sentences)
    status = CHANGED if refused.status == CHANGED else 422
    return await _page(request, who, request_id, back, version if status == CHANGED else None, status=status)


async def _page(
    request: Request,
    who: Asker,
    request_id: str,
    typed: Typed | None = None,
    version: int | None = None,
    *,
    done: str = "",
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), queries.course(reach, who, request_id))
    asked, its = known.request, typed or Typed()
    histories = {"withdraw": asked.history, "revoke": known.case.history if known.case else []}
    return pages.page(
        request,
        "course.html",
        status,
        links=links(me),
        live=[Live(service, (kind,), ids=(request_id,)) for service, kind in KINDS],
        me=me,
        asked=asked,
        case=known.case,
        away=known.away,
        names=await queries.names(reach, who, me, known),
        days=value.days(asked, known.case, known.plan),
        steps=value.steps(asked, known.case, known.plan),
        may=value.may(me, asked, known.case, pages.today_of(request)),
        typed=its,
        since=value.since(histories.get(its.form, []), version) if version is not None else (),
        keys={form: its.keys.get(form) or pages.new_key() for form in FORMS},
        done=done,
    )
