"""The pages of service accounts: all of them with a form for another, and one of them with its end."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Form, Sent
from services.portal.account import queries
from services.portal.account.model import FIGURES, Account, Typed
from services.portal.account.value import beside, body, codes_of, in_order, lacks
from services.portal.course.api import seen
from services.portal.following import Live
from services.portal.person.queries import agency, links, person
from services.portal.reach import JUDGED, Asker, Away, Broken, Reach
from services.portal.record.queries import names

PATH = "/accounts"
CHANGED = 412
router = APIRouter()
Done = Annotated[str, Query(max_length=1)]


@router.get(PATH)
async def accounts(request: Request, who: AskedBy) -> Response:
    """All accounts, and a form for another."""
    return await _list(request, who, Typed())


@router.post(PATH)
async def record(request: Request, who: AskedBy, sent: Sent) -> Response:
    """Record a program that is to read figures."""
    reach: Reach = request.app.state.reach
    words, typed = pages.Words(request), _typed(sent)
    wrong = lacks(typed, words.text)
    if wrong:
        return await _list(request, who, replace(typed, wrong=wrong), 422)
    try:
        known = await queries.coded(reach, who, codes_of(typed))
        if unknown := [code for code in codes_of(typed) if code not in known]:
            nowhere = words.text("account-units-unknown", codes=", ".join(unknown))
            return await _list(request, who, replace(typed, wrong=(("units", nowhere),)), 422)
        done = await queries.record(reach, who, body(typed, list(known.values())), typed.key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        said = tuple((beside(one.pointer), one.detail) for one in refused.said.errors)
        return await _list(request, who, replace(typed, key="", wrong=said or (("", refused.said.detail),)), 422)
    except Away:
        return await _list(request, who, replace(typed, wrong=(("", words.text("away-typed")),)), 503)
    return pages.to(f"{PATH}/{done.account_id}?done=1")


@router.get("/accounts/{account_id}")
async def account(request: Request, who: AskedBy, account_id: pages.Id, done: Done = "") -> Response:
    """What one account reads, since when and until when."""
    return await _one(request, who, account_id, done=bool(done))


@router.post("/accounts/{account_id}/end")
async def end(request: Request, who: AskedBy, account_id: pages.Id, sent: Sent) -> Response:
    """Let a program read no more."""
    words = pages.Words(request)
    if not sent.one("sure"):
        return await _one(request, who, account_id, [words.text("account-be-sure")], status=422)
    try:
        await queries.end(request.app.state.reach, who, account_id, seen(sent), sent.key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        status = CHANGED if refused.status == CHANGED else 422
        return await _one(request, who, account_id, refused.said.sentences, status=status)
    except Away:
        return await _one(request, who, account_id, [words.text("away-typed")], status=503)
    return pages.to(f"{PATH}/{account_id}")


def _typed(sent: Form) -> Typed:
    return Typed(
        name=sent.one("name")[:200],
        subject=sent.one("subject")[:200],
        figures=tuple(one for one in FIGURES if one in sent.many("figures")),
        scope=sent.one("scope") if sent.one("scope") in ("all", "units") else "",
        codes=sent.one("units")[:2000],
        with_parts=bool(sent.one("parts")),
        ends_on=sent.one("ends_on")[:10],
        key=sent.key,
    )


async def _list(request: Request, who: Asker, typed: Typed, status: int = 200) -> Response:
    reach: Reach = request.app.state.reach
    me, found = await asyncio.gather(person(reach, who), queries.accounts(reach, who))
    return pages.page(
        request,
        "accounts.html",
        status,
        links=links(me),
        tabs=agency(me),
        live=(Live("organisation", ("account",)),),
        found=in_order(found),
        figures=FIGURES,
        typed=typed,
        key=typed.key or pages.new_key(),
        today=pages.today_of(request),
    )


async def _one(
    request: Request,
    who: Asker,
    account_id: str,
    wrong: list[str] | tuple[str, ...] = (),
    *,
    done: bool = False,
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), queries.account(reach, who, account_id))
    return pages.page(
        request,
        "account.html",
        status,
        links=links(me),
        tabs=agency(me),
        live=(Live("organisation", ("account",), ids=(account_id,)),),
        account=known,
        names=await names(reach, who, pages.today_of(request), units=_units(known)),
        wrong=wrong,
        done=done,
        key=pages.new_key(),
    )


def _units(known: Account) -> set[str]:
    return set(known.terms.unit_ids or ())
