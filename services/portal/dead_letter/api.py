"""The pages of what was put aside: a list of which many are handled again or given up at once, and one alone."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.dead_letter import queries
from services.portal.dead_letter.commands import box, choice
from services.portal.dead_letter.model import STATUSES, WAITING, Choice, Content, Filter, Told
from services.portal.operation.api import TABS, Service, check_service
from services.portal.operation.queries import states
from services.portal.person.queries import operator_links
from services.portal.reach import Asker, Away, Reach

PATH = "/operation/dead-letters"
ONE = f"{PATH}/{{service}}/{{letter_id}}"
router = APIRouter()
Id = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,800}$")]
Text = Annotated[str, Query(max_length=400)]
Every = Annotated[str, Query(alias="all", max_length=1)]
Count = Annotated[int, Query(ge=0, le=9999)]


async def filter_of(
    request: Request, service: Text = "", status: Text = WAITING, consumer: Text = "", cursor: Text = ""
) -> Filter:
    """What is to be shown. What there is not leaves all."""
    reach: Reach = request.app.state.reach
    its = service if service in reach.services else ""
    named = consumer if consumer.replace(".", "").replace("-", "").replace("_", "").isalnum() else ""
    return Filter(its, status if status in STATUSES else WAITING, named[:120], cursor if its else "")


By = Annotated[Filter, Depends(filter_of)]


@router.get(PATH)
async def letters(
    request: Request, who: AskedBy, by: By, every: Every = "", done: Count = 0, decision: Text = ""
) -> Response:
    """What was put aside, as the filter has it; all of it chosen, where the address says so."""
    return await _list(request, who, by, Choice(every=bool(every)), Told(done=done, decision=decision))


@router.post(PATH)
async def decide(request: Request, who: AskedBy, by: By, sent: Sent) -> Response:
    """Handle again, or give up, what was chosen. What is wrong still stays chosen, each with its reason beside it."""
    reach: Reach = request.app.state.reach
    its = choice(sent, reach.services)
    if wrong := _wrong(request, its):
        return await _list(request, who, by, its, wrong)
    try:
        outcomes = await queries.carry_out(reach, who, its, sent.key)
    except Away:
        return await _list(request, who, by, its, Told(wrong=pages.Words(request).text("away-typed"), status=503))
    why = {box(one.service, one.letter_id): one.wrong for one in outcomes if one.wrong}
    done = len(outcomes) - len(why)
    if why:
        left = tuple((one.service, one.letter_id) for one in outcomes if one.wrong)
        told = Told(why=why, done=done, decision=its.decision, status=422)
        return await _list(request, who, by, Choice(left, its.decision, its.reason), told)
    return pages.to(f"{PATH}?{urlencode({**by.query, 'done': done, 'decision': its.decision})}")


def _wrong(request: Request, its: Choice) -> Told | None:
    """What a form lacks."""
    words = pages.Words(request)
    if not its.chosen:
        return Told(wrong=words.text("letters-choose"), status=422)
    if not its.decision:
        return Told(wrong=words.text("choose-a-decision"), status=422)
    if its.decision == "discard" and not its.reason:
        return Told(reason_wrong=words.text("give-a-reason"), status=422)
    return None


def address(by: Filter, **more: str) -> str:
    """The list by its filter."""
    return f"{PATH}?{urlencode({**by.query, **more})}"


async def _list(request: Request, who: Asker, by: Filter, its: Choice, told: Told) -> Response:
    reach: Reach = request.app.state.reach
    links = await operator_links(reach, who)
    shelves, said = await asyncio.gather(queries.shelves(reach, who, by), states(reach, who))
    there = {box(one.service, letter.letter_id) for one in shelves for letter in one.items}
    known = [one.known for one in said if one.known and by.service in ("", one.service)]
    consumers = {name.consumer for one in known for name in one.dead_letters} | {by.consumer} - {""}
    return pages.page(
        request,
        "dead_letters.html",
        told.status,
        links=links,
        tabs=TABS,
        by=by,
        services=reach.services,
        statuses=tuple(STATUSES),
        consumers=sorted(consumers | {name.name for one in known for name in one.consumers}),
        shelves=shelves,
        shown=sum(len(one.items) for one in shelves),
        waiting=any(letter.waits for one in shelves for letter in one.items),
        address=address(by),
        address_all=address(by, all="1"),
        following={one.service: address(by, cursor=one.next_cursor) for one in shelves if one.next_cursor},
        box=box,
        its=its,
        told=told,
        gone=[why for of, why in told.why.items() if of not in there],
        key=pages.new_key(),
    )


@router.get(ONE)
async def letter(request: Request, who: AskedBy, service: Service, letter_id: Id, done: Text = "") -> Response:
    """One of them, without what it holds."""
    return await _one(request, who, service, letter_id, Told(decision=done))


@router.post(ONE)
async def act(request: Request, who: AskedBy, service: Service, letter_id: Id, sent: Sent) -> Response:
    """Handle it again, give it up, or show what it holds, which the service writes down."""
    reach: Reach = request.app.state.reach
    check_service(reach, service)
    if sent.one("decision") == "show":
        held = await queries.content(reach, who, service, letter_id)
        return await _one(request, who, service, letter_id, Told(), held=held)
    asked = choice(sent, ())
    its = Choice(((service, letter_id),), asked.decision, asked.reason)
    if wrong := _wrong(request, its):
        return await _one(request, who, service, letter_id, wrong, its)
    try:
        (outcome,) = await queries.carry_out(reach, who, its, sent.key)
    except Away:
        away = Told(wrong=pages.Words(request).text("away-typed"), status=503)
        return await _one(request, who, service, letter_id, away, its)
    if outcome.wrong:
        return await _one(request, who, service, letter_id, Told(wrong=outcome.wrong, status=422), its)
    return pages.to(f"{PATH}/{service}/{letter_id}?done={its.decision}")


async def _one(
    request: Request,
    who: Asker,
    service: str,
    letter_id: str,
    told: Told,
    its: Choice | None = None,
    held: Content | None = None,
) -> Response:
    reach: Reach = request.app.state.reach
    check_service(reach, service)
    links = await operator_links(reach, who)
    found = await queries.letter(reach, who, service, letter_id)
    return pages.page(
        request,
        "dead_letter.html",
        told.status,
        links=links,
        tabs=TABS,
        service=service,
        letter=found,
        held=held,
        its=its or Choice(),
        told=told,
        key=pages.new_key(),
    )
