"""The desk for reports: choose many, verify or return them once."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.desk.api import By, Count, Desk, Every, address, page
from services.portal.desk.model import Filter, Told
from services.portal.following import Live
from services.portal.person.queries import person
from services.portal.reach import JUDGED, Asker, Away, Broken, Reach
from services.portal.verification import queries, value
from services.portal.verification.commands import choice, chosen, items
from services.portal.verification.model import Choice

PATH = "/desk/outputs"
LIVE = (Live("performance", ("plan", "directory"), "led"),)
router = APIRouter()
Boxes = Annotated[list[Annotated[str, Query(max_length=150)]], Query(alias="output", max_length=500)]


@router.get(PATH)
async def reports(
    request: Request,
    who: AskedBy,
    by: By,
    boxes: Boxes = [],  # noqa: B006
    every: Every = "",
    done: Count = 0,
) -> Response:
    """Reports that wait: those of the filter, with what the address says is chosen."""
    return await _page(request, who, by, Choice(chosen(boxes)), Told(done=done), every=bool(every))


@router.post(PATH)
async def judge(request: Request, who: AskedBy, by: By, sent: Sent) -> Response:
    """Carry judgements out. Those that are refused stay chosen, each with its reason beside it."""
    reach: Reach = request.app.state.reach
    its, words, key = choice(sent), pages.Words(request), sent.key
    if not its.chosen:
        return await _page(request, who, by, its, Told(wrong=words.text("choose-an-output"), status=422))
    if not its.verdict:
        return await _page(request, who, by, its, Told(wrong=words.text("choose-a-decision"), status=422))
    if its.verdict == "return" and not its.reason:
        return await _page(request, who, by, its, Told(reason_wrong=words.text("give-a-reason"), status=422))
    try:
        done = await queries.judge(reach, who, items(its), key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        said = " ".join(refused.said.sentences)
        return await _page(request, who, by, its, Told(wrong=said, status=422))
    except Away:
        return await _page(request, who, by, its, Told(wrong=words.text("away-typed"), key=key, status=503))
    lost = value.refused(done)
    if lost:
        left = Choice({id_: its.chosen[id_] for id_ in lost if id_ in its.chosen}, its.verdict, its.reason)
        return await _page(request, who, by, left, Told(lost, done=len(its.chosen) - len(lost), status=422))
    return pages.to(address(PATH, by, done=len(its.chosen)))


async def _page(request: Request, who: Asker, by: Filter, its: Choice, told: Told, *, every: bool = False) -> Response:
    reach: Reach = request.app.state.reach
    me, waiting = await asyncio.gather(person(reach, who), queries.reports(reach, who))
    return page(request, Desk("verification.html", PATH, "output", LIVE), me, waiting, by, its, told, every=every)
