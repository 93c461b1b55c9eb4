"""The superior's desk: choose many, decide once."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.desk import queries, value
from services.portal.desk.commands import choice, chosen, items
from services.portal.desk.model import Choice, Filter, Told, Waiting
from services.portal.following import Live
from services.portal.person.model import Person
from services.portal.person.queries import links, person
from services.portal.reach import Asker, Away, Reach

PATH = "/desk"
LIVE = (Live("approvals", ("case", "directory"), "led"),)
router = APIRouter()
Boxes = Annotated[list[Annotated[str, Query(max_length=150)]], Query(alias="case", max_length=500)]
Every = Annotated[str, Query(alias="all", max_length=1)]
Count = Annotated[int, Query(ge=0, le=9999)]


async def filter_of(
    employee: Annotated[str, Query(max_length=60)] = "", until: Annotated[str, Query(max_length=10)] = ""
) -> Filter:
    """What of a desk is to be shown. What is no day leaves all."""
    try:
        date.fromisoformat(until)
    except ValueError:
        until = ""
    return Filter(employee, until)


By = Annotated[Filter, Depends(filter_of)]


@router.get(PATH)
async def desk(
    request: Request,
    who: AskedBy,
    by: By,
    boxes: Boxes = [],  # noqa: B006
    every: Every = "",
    done: Count = 0,
) -> Response:
    """The requests that wait: those of the filter, with what the address says is chosen."""
    return await _desk(request, who, by, Choice(chosen(boxes)), Told(done=done), every=bool(every))


@router.post(PATH)
async def decide(request: Request, who: AskedBy, by: By, sent: Sent) -> Response:
    """Carry decisions out. Those that are refused stay chosen, each with its reason beside it."""
    reach: Reach = request.app.state.reach
    its, words = choice(sent), pages.Words(request)
    if not its.chosen:
        return await _desk(request, who, by, its, Told(wrong=words.text("choose-a-request"), status=422))
    if not its.decision:
        return await _desk(request, who, by, its, Told(wrong=words.text("choose-a-decision"), status=422))
    if its.decision != "approve" and not its.reason:
        return await _desk(request, who, by, its, Told(reason_wrong=words.text("give-a-reason"), status=422))
    key = sent.key
    try:
        done = await queries.decide(reach, who, items(its), key)
    except Away:
        # Sent again with this key, what was carried out all the same is not carried out twice.
        return await _desk(request, who, by, its, Told(wrong=words.text("away-typed"), key=key, status=503))
    refused = {id_: why for one in done for id_, why in value.refused(one).items()}
    if refused:
        left = Choice({id_: its.chosen[id_] for id_ in refused}, its.decision, its.reason)
        told = Told(refused, done=value.carried_out(done), status=422)
        return await _desk(request, who, by, left, told)
    return pages.to(address(PATH, by, done=len(its.chosen)))


def address(path: str, by: Filter, **more: int) -> str:
    """A desk by its filter."""
    query = urlencode({**by.query, **more})
    return f"{path}?{query}" if query else path


async def _desk(request: Request, who: Asker, by: Filter, its: Choice, told: Told, *, every: bool = False) -> Response:
    reach: Reach = request.app.state.reach
    me, waiting = await asyncio.gather(person(reach, who), queries.desk(reach, who))
    return page(request, Desk("desk.html", PATH, "case", LIVE), me, waiting, by, its, told, every=every)


class Desk(NamedTuple):
    """A kind of desk: its template, its address, the name of its boxes, and what it follows."""

    template: str
    path: str
    box: str
    live: tuple[Live, ...]


class Chosen(Protocol):
    """What is chosen on a desk, by id."""

    @property
    def chosen(self) -> Mapping[str, object]: ...


def page(
    request: Request,
    desk: Desk,
    me: Person,
    waiting: Sequence[Waiting],
    by: Filter,
    its: Chosen,
    told: Told,
    *,
    every: bool,
) -> Response:
    """A desk with those that the filter leaves; what is chosen and not among them goes along."""
    shown = value.filtered(waiting, by)
    there = {row.id for row in shown}
    return pages.page(
        request,
        desk.template,
        told.status,
        links=links(me),
        live=desk.live,
        me=me,
        rows=shown,
        total=len(waiting),
        people=value.people(waiting),
        by=by,
        here=desk.path,
        address=address(desk.path, by),
        address_all=address(desk.path, by, all=1),
        chosen=its,
        every=every,
        told=told,
        gone=told.gone(there),
        kept=[(desk.box, row.value) for row in waiting if row.id in its.chosen and row.id not in there],
        key=told.key or pages.new_key(),
    )
