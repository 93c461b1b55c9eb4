"""The desk for reports: choose many, verify or return them once."""

import asyncio
import secrets
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Broken, Reach
from services.portal.verification import queries, value
from services.portal.verification.commands import choice, chosen, items
from services.portal.verification.model import Choice, Filter

JUDGED = (400, 409, 412, 422)
PATH = "/desk/outputs"
router = APIRouter()
Boxes = Annotated[list[Annotated[str, Query(max_length=150)]], Query(alias="output", max_length=500)]


async def filter_of(
    employee: Annotated[str, Query(max_length=60)] = "", until: Annotated[str, Query(max_length=10)] = ""
) -> Filter:
    """Which reports are to be shown. What is no day leaves all."""
    try:
        date.fromisoformat(until)
    except ValueError:
        until = ""
    return Filter(employee, until)


By = Annotated[Filter, Depends(filter_of)]


@router.get(PATH)
async def reports(
    request: Request,
    who: AskedBy,
    by: By,
    boxes: Boxes = [],  # noqa: B006
    every: Annotated[str, Query(alias="all", max_length=1)] = "",
    done: int = Query(default=0, ge=0, le=9999),
) -> Response:
    """Reports that wait: those of the filter, with what the address says is chosen."""
    return await _page(request, who, by, Choice(chosen(boxes)), every=bool(every), done=done)


@router.post(PATH)
async def judge(request: Request, who: AskedBy, by: By, sent: Sent) -> Response:
    """Carry judgements out. Those that are refused stay chosen, each with its reason beside it."""
    reach: Reach = request.app.state.reach
    its, words, key = choice(sent), pages.Words(request), sent.one("key") or secrets.token_urlsafe(24)
    if not its.chosen:
        return await _page(request, who, by, its, wrong=words.text("choose-an-output"), status=422)
    if not its.verdict:
        return await _page(request, who, by, its, wrong=words.text("choose-a-decision"), status=422)
    if its.verdict == "return" and not its.reason:
        return await _page(request, who, by, its, reason_wrong=words.text("give-a-reason"), status=422)
    try:
        done = await queries.judge(reach, who, items(its), key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        told = " ".join(one.detail for one in refused.said.errors) or refused.said.detail
        return await _page(request, who, by, its, wrong=told, status=422)
    except Away:
        return await _page(request, who, by, its, wrong=words.text("away-typed"), key=key, status=503)
    lost = value.refused(done)
    if lost:
        left = Choice({id_: its.chosen[id_] for id_ in lost if id_ in its.chosen}, its.verdict, its.reason)
        count = len(its.chosen) - len(lost)
        return await _page(request, who, by, left, refused=lost, done=count, status=422)
    return pages.to(f"{PATH}?{urlencode({**by.query, 'done': len(its.chosen)})}")


async def _page(
    request: Request,
    who: Asker,
    by: Filter,
    its: Choice,
    *,
    every: bool = False,
    refused: dict[str, str] | None = None,
    wrong: str = "",
    reason_wrong: str = "",
    done: int = 0,
    key: str = "",
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, waiting = await asyncio.gather(person(reach, who), queries.reports(reach, who))
    shown = value.filtered(waiting, by)
    there = {row.output_id for row in shown}
    query = urlencode(by.query)
    return pages.page(
        request,
        "verification.html",
        status,
        links=links(me),
        me=me,
        rows=shown,
        total=len(waiting),
        people=value.people(waiting),
        by=by,
        address=f"{PATH}?{query}" if query else PATH,
        address_all=f"{PATH}?{urlencode({**by.query, 'all': 1})}",
        chosen=its,
        every=every,
        refused=refused or {},
        gone=[why for id_, why in (refused or {}).items() if id_ not in there],
        wrong=wrong,
        reason_wrong=reason_wrong,
        done=done,
        key=key or secrets.token_urlsafe(24),
    )
