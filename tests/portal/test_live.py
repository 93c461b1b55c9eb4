"""Open pages hear of what changes on them, from services that come and go, for as long as their session lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.portal.following import Live, address, earlier, known_ids, told_ids
from services.portal.live import queries
from services.portal.session.document import sealed
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Browser, Portal
from tests.harness.streams import Events, Streaming, opened
from tests.harness.town import open_town, subject
from tests.portal.test_journey import MONDAY

COOKIE = "__Host-mkd"
Event = tuple[str, dict[str, str]]
CHANGED: Event = ("changed", {})
OVER: Event = ("over", {})


def test_a_page_names_what_it_follows_and_since_when() -> None:
    follows = (Live("requests", ("request", "policy"), "mine"), Live("savings", ("month",), ids=("2026-09",)))
    assert address(follows, {"requests": "10.2"}) == (
        "/changes?on=requests%3Fkind%3Drequest%26kind%3Dpolicy%26whose%3Dmine%26since%3D10.2"
        "&on=savings%3Fkind%3Dmonth%26id%3D2026-09"
    )
    assert address((Live("savings", ("month",), ids=("x",) * 21),), {}) == "/changes?on=savings%3Fkind%3Dmonth"
    assert (earlier(None, "10.2"), earlier("9.10", "10.2"), earlier("10.10", "10.9")) == ("10.2", "9.10", "10.9")
    assert known_ids(told_ids({"requests": "1.2", "savings": "3.4"})) == {"requests": "1.2", "savings": "3.4"}


@asynccontextmanager
async def following(app: FastAPI, browser: Browser, address: str, last: str = "") -> AsyncIterator[Events]:
    """The stream that a page opens."""
    transport = Streaming(app)
    headers = {"Last-Event-ID": last} if last else {}
    async with (
        httpx.AsyncClient(transport=transport, base_url=PUBLIC, cookies=browser.http.cookies) as client,
        opened(client, address, headers=headers) as events,
    ):
        yield events


async def live_of(browser: Browser, path: str) -> str:
    """The address at which a page hears of changes."""
    page = await browser.page(path)
    (found,) = (said["hx-sse:connect"] for _, said in page.tags if said.get("id") == "live")
    assert found
    return found


async def test_an_approval_reaches_the_employees_page_and_a_request_the_desk(
    memory: Platform, portal_with_scripts: Portal
) -> None:
    portal = portal_with_scripts
    town = await open_town(memory)
    ani, budi, dedi = [await portal.signed_in(subject(name)) for name in ("ani", "budi", "dedi")]
    async with AsyncExitStack() as stack:

        async def open_(browser: Browser, path: str) -> Events:
            return await stack.enter_async_context(following(portal.app, browser, await live_of(browser, path)))

        today, desk, others = await open_(ani, "/today"), await open_(budi, "/desk"), await open_(dedi, "/today")
        asked = await town.submit("ani", [MONDAY])
        await memory.settle()
        assert await today.next() == CHANGED
        assert await desk.next() == CHANGED
        course = await open_(ani, f"/requests/{asked['request_id']}")
        await town.approve("budi", asked)
        await memory.settle()
        for one in (today, desk, course):
            assert await one.next() == CHANGED
        assert known_ids(today.last_id).keys() == {"requests", "performance"}
        assert await others.silent()


async def test_what_happened_before_the_stream_or_while_it_was_broken_is_told(
    memory: Platform, portal_with_scripts: Portal
) -> None:
    portal = portal_with_scripts
    town = await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    where = await live_of(ani, "/today")
    await town.submit("ani", [MONDAY])
    async with following(portal.app, ani, where) as events:
        assert await events.next() == CHANGED
        last = events.last_id
    async with following(portal.app, ani, where, last) as again:
        assert await again.silent()
    asked = (await town.get("ani", "requests", "/v1/requests")).json()["items"][0]
    assert (
        await town.post("ani", "requests", f"/v1/requests/{asked['request_id']}:withdraw", seen=1)
    ).status_code == 200
    async with following(portal.app, ani, where, last) as later:
        assert await later.next() == CHANGED


async def test_a_service_that_was_away_is_followed_again(
    memory: Platform, portal_with_scripts: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AGAIN_S", 0.05)
    portal = portal_with_scripts
    town = await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    where = await live_of(ani, "/calendar/2026-09")
    away = httpx.AsyncClient(transport=httpx.MockTransport(_breaks), base_url="http://requests")
    there, portal.app.state.live.clients["requests"] = portal.app.state.live.clients["requests"], away
    async with following(portal.app, ani, where) as events:
        await asyncio.sleep(0.2)
        portal.app.state.live.clients["requests"] = there
        assert await events.next() == CHANGED, "what the page lacks is there by now"
        transport = there._transport
        assert isinstance(transport, Streaming)
        transport.stop()
        await town.submit("ani", [MONDAY])
        assert await events.next() == CHANGED


async def test_what_nobody_has_thought_of_leaves_no_page_silent(
    memory: Platform, portal_with_scripts: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AGAIN_S", 0.05)
    failures: list[Exception] = [UnicodeEncodeError("ascii", "é", 0, 1, "not a header"), KeyError("odd")]
    stream = queries.Pages._stream

    async def failing(*asked: Any, **more: Any) -> bool:
        if failures:
            raise failures.pop()
        return await stream(*asked, **more)

    monkeypatch.setattr(queries.Pages, "_stream", failing)
    portal = portal_with_scripts
    town = await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    async with following(portal.app, ani, await live_of(ani, "/calendar/2026-09")) as events:
        await asyncio.sleep(0.5)
        await town.submit("ani", [MONDAY])
        assert await events.next() == CHANGED


def _breaks(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def test_a_stream_ends_with_its_session_and_does_not_prolong_it(
    memory: Platform, portal_with_scripts: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKS_EVERY_S", 0.05)
    portal = portal_with_scripts
    await open_town(memory)
    ani, dedi = await portal.signed_in(subject("ani")), await portal.signed_in(subject("dedi"))
    page = await ani.page("/today")
    where = await live_of(ani, "/today")
    async with following(portal.app, ani, where) as hers, following(portal.app, dedi, where) as his:
        await ani.post("/sign-out", page.form("/sign-out").filled(), Origin=PUBLIC)
        assert await hers.next() == OVER
        portal.later = timedelta(minutes=20)
        assert (await dedi.http.get("/today", headers={"Mkd-Live": "1"})).status_code == 200
        portal.later = timedelta(minutes=31)
        assert await his.next() == OVER
    assert len(portal.app.state.live) == 0
    alone = await dedi.http.get("/today", headers={"Mkd-Live": "1", "HX-Request": "true"})
    assert (alone.status_code, "hx-redirect" in alone.headers) == (401, False), "nobody is led away from a form"
    async with following(portal.app, ani, where) as nobodys:
        assert await nobodys.next() == OVER


async def test_a_token_that_runs_out_is_renewed_and_the_page_hears_on(
    memory: Platform, portal_with_scripts: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AGAIN_S", 0.05)
    portal = portal_with_scripts
    town = await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    where = await live_of(ani, "/today")
    sessions = portal.app.state.sessions
    async with following(portal.app, ani, where) as events:
        await town.submit("ani", [MONDAY])
        assert await events.next() == CHANGED
        held = await sessions.find(ani.http.cookies[COOKIE])
        over = replace(held.tokens, access="run-out", access_until=portal.now())
        await sessions.db.sessions.update_one({"_id": held.key}, {"$set": {"sealed": sealed(over, sessions.seal)}})
        for client in portal.app.state.live.clients.values():
            assert isinstance(client._transport, Streaming)
            client._transport.stop()
        await town.submit("ani", [MONDAY.replace(day=14)])
        assert await events.next() == CHANGED
        assert (await sessions.find(ani.http.cookies[COOKIE])).tokens.access != "run-out"


async def test_pages_that_are_open_have_limits(
    memory: Platform, portal_with_scripts: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "STREAMS_OF_ONE_MAX", 1)
    portal = portal_with_scripts
    await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    where = await live_of(ani, "/today")
    async with following(portal.app, ani, where), following(portal.app, ani, where) as second:
        assert second.answer.status_code == 503
        assert second.answer.headers["retry-after"]
        elsewhere = await portal.signed_in(subject("ani"))
        async with following(portal.app, elsewhere, where) as third:
            assert third.answer.status_code == 503, "nobody takes the others' room by signing in again and again"
    for on in ("on=elsewhere%3Fx", "on=savings%3Fx&on=elsewhere%3Fx"):
        async with following(portal.app, ani, f"/changes?{on}") as other:
            assert other.answer.status_code == 404
    await asyncio.sleep(0.1)
    following_ = [one for one in asyncio.all_tasks() if "Pages._follow" in repr(one)]
    assert not following_, "nothing is followed for a page that is refused"
    assert len(portal.app.state.live) == 0


async def test_what_a_form_has_sent_is_not_changed_by_itself(memory: Platform, portal_with_scripts: Portal) -> None:
    await open_town(memory)
    budi = await portal_with_scripts.signed_in(subject("budi"))
    await live_of(budi, "/team")
    asked = await budi.page("/requests/new")
    assert not [said for _, said in asked.tags if said.get("id") == "live"], "a form that is filled in hears of nothing"
