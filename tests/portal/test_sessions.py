"""Who is signed in, and until when: nobody by another's session, nobody after its end, and no form of another site."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from services.portal.session.document import sealed
from services.portal.session.model import Tokens, is_masked, masked
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Browser, Page, Portal
from tests.harness.town import open_town, subject

COOKIE = "__Host-mkd"
CHANGES = ("/requests/new", "/outputs", "/desk", "/sign-out")


@pytest.fixture
async def ani(memory: Platform, portal: Portal) -> Browser:
    """Ani's browser, in which she is signed in."""
    await open_town(memory)
    return await portal.signed_in(subject("ani"))


def is_signed_out(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")


async def test_the_cookie_is_one_that_no_script_and_no_other_site_can_read(portal: Portal) -> None:
    browser = portal.browser()
    answer = await browser.http.get(await browser.pick("somebody"))
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]
    said = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert said == {"path=/", "secure", "httponly", "samesite=lax"}
    (stored,) = await portal.app.state.db.sessions.find().to_list()
    value = cookie.partition("=")[2].partition(";")[0]
    assert value not in str(stored)
    assert not re.search(rb"eyJ[\w-]{12}", stored["sealed"])


async def test_a_session_that_somebody_else_has_made_is_not_taken_over(portal: Portal) -> None:
    """Fixation: what a browser had before a sign-in is worth nothing after it."""
    browser = portal.browser()
    browser.http.cookies.set(COOKIE, "known-to-somebody-else", domain="portal.example", path="/")
    await browser.sign_in("somebody")
    assert browser.http.cookies[COOKIE] != "known-to-somebody-else"
    first = browser.http.cookies[COOKIE]
    await browser.http.get(await _picked_again(browser))
    assert browser.http.cookies[COOKIE] != first
    assert await portal.app.state.db.sessions.count_documents({}) == 1


async def _picked_again(browser: Browser) -> str:
    """A second sign-in of who is signed in, begun where no session is sent along."""
    kept = browser.http.cookies[COOKIE]
    browser.http.cookies.delete(COOKIE, domain="portal.example")
    address = await browser.pick("somebody")
    browser.http.cookies.set(COOKIE, kept, domain="portal.example", path="/")
    return address


async def test_a_stolen_cookie_is_worth_nothing_after_the_sign_out(portal: Portal, ani: Browser) -> None:
    thief = portal.browser()
    thief.http.cookies.update(ani.http.cookies)
    assert (await thief.http.get("/today")).status_code == 200
    page = await ani.page("/today")
    out = await ani.post("/sign-out", page.form("/sign-out").filled(), Origin=PUBLIC)
    assert out.status_code == 303
    assert "/end-session?" in out.headers["location"]
    assert is_signed_out(await thief.http.get("/today"))
    async with httpx.AsyncClient() as outside:
        ended = await outside.get(out.headers["location"])
    assert ended.headers["location"] == f"{PUBLIC}/"


async def test_a_session_ends_when_idle_and_when_old(portal: Portal, ani: Browser) -> None:
    portal.later = timedelta(minutes=29)
    assert (await ani.http.get("/today")).status_code == 200
    portal.later = timedelta(minutes=58)
    assert (await ani.http.get("/today")).status_code == 200
    portal.later = timedelta(minutes=89)
    assert is_signed_out(await ani.http.get("/today"))
    again = portal.browser()
    await again.sign_in(subject("ani"))
    for minutes in range(89 + 25, 89 + 600, 25):
        portal.later = timedelta(minutes=minutes)
        assert (await again.http.get("/requests/new")).status_code == 200
    portal.later = timedelta(minutes=89 + 601)
    assert is_signed_out(await again.http.get("/today"))


async def test_a_token_that_runs_out_is_renewed_once_by_many_calls(portal: Portal, ani: Browser) -> None:
    sessions, issuer = portal.app.state.sessions, portal.app.state.issuer
    held = await sessions.find(ani.http.cookies[COOKIE])
    over = replace(held.tokens, access_until=portal.now())
    await sessions.db.sessions.update_one({"_id": held.key}, {"$set": {"sealed": sealed(over, sessions.seal)}})
    asked = []

    async def renew(tokens: Tokens) -> Tokens:
        asked.append(tokens.refresh)
        return await issuer.renew(tokens)  # type: ignore[no-any-return]

    found = await asyncio.gather(*(sessions.renewed(replace(held, tokens=over), renew) for _ in range(5)))
    assert len(asked) == 1
    assert len({one.tokens.access for one in found}) == 1
    assert (await ani.http.get("/today")).status_code == 200


async def test_a_session_that_the_issuer_has_ended_is_over(portal: Portal, ani: Browser) -> None:
    sessions = portal.app.state.sessions
    held = await sessions.find(ani.http.cookies[COOKIE])
    over = replace(held.tokens, access_until=portal.now(), refresh="not-known")
    await sessions.db.sessions.update_one({"_id": held.key}, {"$set": {"sealed": sealed(over, sessions.seal)}})
    assert is_signed_out(await ani.http.get("/today"))
    assert await sessions.db.sessions.count_documents({}) == 0


@pytest.mark.parametrize("changed", ["iss", "state", "nonce", "replay", "error", "other-browser"])
async def test_a_callback_that_is_not_of_this_sign_in_is_refused(portal: Portal, changed: str) -> None:
    browser = portal.browser()
    address = await browser.pick("somebody")
    said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if changed == "iss":
        said["iss"] = "https://issuer.example"
    elif changed == "state":
        said["state"] = "x" * 43
    elif changed == "nonce":
        other = portal.browser()
        foreign = parse_qs(urlsplit(await other.pick("somebody")).query)
        said["code"] = foreign["code"][0]
    elif changed == "replay":
        assert (await browser.http.get(address)).status_code == 303
        browser.http.cookies.delete(COOKIE, domain="portal.example")
    elif changed == "error":
        said = {"error": "access_denied", "state": said["state"]}
    else:
        browser = portal.browser()
    answer = await browser.http.get(f"/signed-in?{urlencode(said)}")
    assert answer.status_code == 403
    assert COOKIE not in browser.http.cookies
    assert "Masuklah kembali" in answer.text or "penyedia identitas lain" in answer.text


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "x:y"])
async def test_a_sign_in_leads_to_no_other_site(portal: Portal, to: str) -> None:
    browser = portal.browser()
    answer = await browser.http.get(await browser.pick("somebody", to))
    assert answer.headers["location"] == "/today"


@pytest.mark.parametrize("path", CHANGES)
async def test_a_change_is_taken_from_a_form_of_this_session_alone(portal: Portal, ani: Browser, path: str) -> None:
    page = await ani.page("/requests/new")
    mine = dict(page.form("/sign-out").filled())["csrf"]
    dedi = await portal.signed_in(subject("dedi"))
    theirs = dict((await dedi.page("/today")).form("/sign-out").filled())["csrf"]
    for token in ("", "x", theirs, mine[:-4] + "AAAA"):
        assert (await ani.post(path, [("csrf", token)], Origin=PUBLIC)).status_code == 403
    for headers in (
        {},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
        {"Origin": PUBLIC, "Sec-Fetch-Site": "same-site"},
    ):
        assert (await ani.post(path, [("csrf", mine)], **headers)).status_code == 403
    assert (await ani.post(path, [("csrf", mine)], Origin=PUBLIC)).status_code in (303, 422)


async def test_nothing_changes_by_get(ani: Browser) -> None:
    for path in ("/sign-out", "/language/en"):
        assert (await ani.http.get(path)).status_code == 405
    assert (await ani.http.get("/today")).status_code == 200


async def test_a_form_of_who_is_signed_out_is_not_sent_on(portal: Portal) -> None:
    stranger = portal.browser()
    answer = await stranger.post("/desk", [], Origin=PUBLIC)
    assert answer.status_code == 401
    assert "sesi Anda telah berakhir" in answer.text
    part = await stranger.http.get("/today", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in?to=%2Ftoday")


async def test_each_tab_ends_the_sign_in_that_it_has_begun(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    browser = portal.browser()
    first, second = await browser.pick(subject("ani"), "/calendar"), await browser.pick(subject("ani"), "/outputs")
    came = await browser.http.get(first)
    assert (came.status_code, came.headers["location"]) == (303, "/calendar")
    other = await browser.http.get(second)
    assert (other.status_code, other.headers["location"]) == (303, "/today"), "who is signed in goes on"
    back = await browser.http.get(first)
    assert (back.status_code, back.headers["location"]) == (303, "/today"), "as by the back button"


async def test_a_sign_in_that_took_too_long_says_so_and_leads_on(portal: Portal) -> None:
    browser = portal.browser()
    where = await browser.pick("somebody")
    browser.http.cookies.clear()
    late = await browser.http.get(where)
    assert late.status_code == 403
    page = Page(late.text)
    assert "Proses masuk ini tidak dimulai di peramban ini, atau sudah terlalu lama" in page.text
    assert ("a", "/sign-in") in {(tag, said.get("href")) for tag, said in page.tags}


async def test_after_a_sign_out_nothing_leads_back_in_and_signing_out_again_is_harmless(
    portal: Portal, ani: Browser
) -> None:
    page = await ani.page("/today")
    for _ in range(2):
        out = await ani.post("/sign-out", page.form("/sign-out").filled(), Origin=PUBLIC)
        assert out.status_code == 303
    assert out.headers["location"] == "/"
    back = await ani.http.get("/today")
    assert is_signed_out(back)
    assert back.headers["cache-control"] == "no-store"
    typed = await ani.post("/outputs", [("title", "x")], Origin=PUBLIC)
    assert typed.status_code == 401
    assert "belum terkirim" in Page(typed.text).text


def test_a_token_looks_different_each_time_and_is_the_same() -> None:
    secret = bytes(range(32))
    one, other = masked(secret, bytes(32)), masked(secret, b"\xff" * 32)
    assert one != other
    assert is_masked(one, secret)
    assert is_masked(other, secret)
    for wrong in ("", "A" * 12, one[:-4], masked(bytes(32), bytes(32)), "ö"):
        assert not is_masked(wrong, secret)


async def test_each_language_is_kept_and_leads_back(memory: Platform, portal: Portal, ani: Browser) -> None:
    before = {"Origin": PUBLIC, "Referer": f"{PUBLIC}/dashboard?month=2026-08"}
    answer = await ani.post("/language/en", [], **before)
    assert answer.headers["location"] == "/dashboard?month=2026-08"
    page = Page((await ani.open("/today")).text)
    assert "This week" in page.text
    elsewhere = await ani.post("/language/id", [], Origin=PUBLIC, Referer="https://elsewhere.example/x")
    assert elsewhere.headers["location"] == "/"
