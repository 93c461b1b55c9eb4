"""The superior's desk: choose many, decide once."""

import asyncio
import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.desk import queries, value
from services.portal.desk.commands import choice, items
from services.portal.desk.model import Choice
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Reach

router = APIRouter()


@router.get("/desk")
async def desk(
    request: Request,
    who: AskedBy,
    every: Annotated[str, Query(alias="all", max_length=1)] = "",
    done: int = Query(default=0, ge=0, le=9999),
) -> Response:
    """The requests that wait; all of them chosen where the address says so."""
    return await _desk(request, who, every=bool(every), done=done)


@router.post("/desk")
async def decide(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Carry decisions out. Those that are refused stay chosen, each with its reason beside it."""
    reach: Reach = request.app.state.reach
    chosen, words = choice(sent), pages.Words(request)
    if not chosen.chosen:
        return await _desk(request, who, chosen=chosen, wrong=words.text("choose-a-request"), status=422)
    if not chosen.decision:
        return await _desk(request, who, chosen=chosen, wrong=words.text("choose-a-decision"), status=422)
    if chosen.decision != "approve" and not chosen.reason:
        return await _desk(request, who, chosen=chosen, reason_wrong=words.text("give-a-reason"), status=422)
    key = sent.one("key") or secrets.token_urlsafe(24)
    try:
        done = await queries.decide(reach, who, items(chosen), key)
    except Away:
        # Sent again with this key, what was carried out all the same is not carried out twice.
        return await _desk(request, who, chosen=chosen, wrong=words.text("away-typed"), key=key, status=503)
    refused = {id_: why for one in done for id_, why in value.refused(one).items()}
    if refused:
        left = Choice({id_: chosen.chosen[id_] for id_ in refused}, chosen.decision, chosen.reason)
        return await _desk(request, who, chosen=left, refused=refused, done=value.carried_out(done), status=422)
    return pages.to(f"/desk?done={len(chosen.chosen)}")


async def _desk(
    request: Request,
    who: Asker,
    *,
    chosen: Choice | None = None,
    every: bool = False,
    refused: dict[str, str] | None = None,
    wrong: str = "",
    reason_wrong: str = "",
    done: int = 0,
    key: str = "",
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, waiting = await asyncio.gather(person(reach, who), queries.desk(reach, who))
    return pages.page(
        request,
        "desk.html",
        status,
        links=links(me),
        me=me,
        rows=waiting,
        chosen=chosen or Choice(),
        every=every,
        refused=refused or {},
        gone=[why for id_, why in (refused or {}).items() if id_ not in {row.request_id for row in waiting}],
        wrong=wrong,
        reason_wrong=reason_wrong,
        done=done,
        key=key or secrets.token_urlsafe(24),
    )
