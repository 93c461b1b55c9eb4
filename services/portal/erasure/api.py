"""The pages on which somebody's personal data are erased: why, then once more what goes and what stays, then it is
done. Nothing is done by an address alone."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.course.api import seen
from services.portal.erasure.model import Erased, Wish
from services.portal.person.queries import agency, links, person
from services.portal.reach import JUDGED, Asker, Away, Broken, Reach
from services.portal.record.queries import record
from services.portal.record.value import terms_on
from shared.kit.web.problems import Refusal

PATH = "/people/{employee_id}/erase"
CHANGED = 412
router = APIRouter()
Done = Annotated[str, Query(max_length=1)]


@router.get(PATH)
async def begin(request: Request, who: AskedBy, employee_id: pages.Id, done: Done = "") -> Response:
    """What goes and what stays, and a form that asks for the reason."""
    return await _page(request, who, employee_id, Wish(), done=bool(done))


@router.post(PATH)
async def go_on(request: Request, who: AskedBy, employee_id: pages.Id, sent: Sent) -> Response:
    """Ask once more; and erase where that was answered."""
    words, reason, version = pages.Words(request), sent.one("reason")[:2000], seen(sent)
    if not reason:
        return await _page(request, who, employee_id, Wish(reason_wrong=words.text("give-a-reason")), status=422)
    if sent.one("step") != "2":
        return await _page(request, who, employee_id, Wish(reason, version, step=2))
    if not sent.one("sure"):
        unsure = Wish(reason, version, sent.key, step=2, sure_wrong=words.text("erase-be-sure"))
        return await _page(request, who, employee_id, unsure, status=422)
    return await _erase(request, who, employee_id, Wish(reason, version, sent.key, step=2))


async def _erase(request: Request, who: Asker, employee_id: str, wish: Wish) -> Response:
    reach: Reach = request.app.state.reach
    path = f"/v1/employees/{employee_id}:erase-personal-data"
    try:
        await reach.post(who, "organisation", path, {"reason": wish.reason}, Erased, wish.key, wish.seen)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        status = CHANGED if refused.status == CHANGED else 422
        # Whoever was slower sees the record as it is now, and begins with that version.
        again = Wish(wish.reason, wrong=refused.said.sentences)
        return await _page(request, who, employee_id, again, status=status)
    except Away:
        away = Wish(wish.reason, wish.seen, wish.key, 2, wrong=(pages.Words(request).text("away-typed"),))
        return await _page(request, who, employee_id, away, status=503)
    return pages.to(f"/people/{employee_id}/erase?done=1")


async def _page(
    request: Request, who: Asker, employee_id: str, wish: Wish, *, done: bool = False, status: int = 200
) -> Response:
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), record(reach, who, employee_id))
    if not me.is_agency:
        raise Refusal(403, "agency-only")
    terms = terms_on(known.history, pages.today_of(request))
    return pages.page(
        request,
        "erase.html",
        status,
        links=links(me),
        tabs=agency(me),
        record=known,
        still=terms is not None and terms.active,
        wish=wish,
        seen=wish.seen or known.version,
        key=wish.key or pages.new_key(),
        done=done,
    )
