"""The form in which outputs are reported, many at once."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.person.queries import links, person
from services.portal.reach import JUDGED, Asker, Away, Broken, Lacking, Reach
from services.portal.report.commands import items, typed, versions
from services.portal.report.model import AllReported, Typed
from services.portal.today import queries, value
from services.portal.today.value import Owed
from shared.kit.web.problems import Refusal

AT_ONCE = 100
"""Reports that performance takes in one call."""
router = APIRouter()


@router.get("/outputs")
async def outputs(request: Request, who: AskedBy) -> Response:
    """What is owed until today, with a field for each."""
    return await _form(request, who)


@router.post("/outputs")
async def report(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Report what has a note. What is refused stays, with its reason beside it, and so does all else that was typed."""
    reach: Reach = request.app.state.reach
    words, key = pages.Words(request), sent.key
    owed = (await _owed(request, who))[:AT_ONCE]
    said = typed(sent, owed)
    reports = items(said, owed, versions(sent))
    if not reports:
        return await _form(request, who, said, wrong=words.text("report-nothing"), status=422)
    try:
        done = await reach.post(who, "performance", "/v1/plans:log", {"items": reports}, AllReported, key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        told = " ".join(refused.said.sentences)
        return await _form(request, who, said, wrong=told, status=422)
    except Away:
        return await _form(request, who, said, wrong=words.text("away-typed"), key=key, status=503)
    lost = {one.output_id: one.problem.detail for one in done.items if one.problem}
    if lost:
        return await _form(request, who, said, refused=lost, wrong=words.text("report-some-refused"), status=422)
    return pages.to(f"/today?reported={len(reports)}")


async def _owed(request: Request, who: Asker) -> list[Owed]:
    """Raises `Away` where it is not known, and `Refusal` for those who owe nothing since they are nobody there."""
    known = await queries.day(request.app.state.reach, who, pages.today_of(request))
    if isinstance(known.plans, Lacking):
        raise Away("performance") if known.plans.why == "away" else Refusal(403, "unknown-person")
    requests = [] if isinstance(known.requests, Lacking) else known.requests
    return value.owed(known.plans, requests, pages.today_of(request))


async def _form(
    request: Request,
    who: Asker,
    said: Mapping[str, Typed] | None = None,
    *,
    refused: Mapping[str, str] | None = None,
    wrong: str = "",
    key: str = "",
    status: int = 200,
) -> Response:
    me, owed = await asyncio.gather(person(request.app.state.reach, who), _owed(request, who))
    empty = {one.output_id: Typed(pages.Words(request).number(one.target), "", "") for one in owed}
    return pages.page(
        request,
        "report.html",
        status,
        links=links(me),
        owed=owed[:AT_ONCE],
        plans={one.request_id: one.version for one in owed},
        said={**empty, **(said or {})},
        refused=refused or {},
        wrong=wrong,
        key=key or pages.new_key(),
    )
