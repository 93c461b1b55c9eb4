"""What every page is: escaped, strict about what it loads, in two languages, and without what needs `eval`."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.base.home import ROOT
from services.portal.chart.model import Range
from services.portal.chart.value import bars, lines
from services.portal.issuer.rules import within
from services.portal.request.model import Line, Typed
from services.portal.request.value import field_of
from services.portal.served import Files
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Page, Portal
from tests.harness.town import open_town, subject
from tests.portal.test_journey import MONDAY

TEMPLATES = sorted((ROOT / "services" / "portal" / "templates").rglob("*.html"))
FORBIDDEN = re.compile(r"hx-on|\bjs:|javascript:|hx-trigger=\"[^\"]*\[|\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)")
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;b&gt; & <b>tebal</b>",
)
KEPT = ("/dashboard", "/series", "/results")
DRAFTS = ("/policies/pol-jabar-2026-2/next", "/factor-sets/fac-jabar-2026-koreksi-1/next")
OF_AGENCY = (
    "/people",
    "/units",
    "/positions",
    "/imports",
    "/completeness",
    "/policies",
    "/factor-sets",
    "/accounts",
    *DRAFTS,
)
OF_OPERATION = (
    "/operation",
    "/operation/services/savings",
    "/operation/dead-letters",
    "/operation/runbooks/MkdDeadLettersOpen",
)
PAGES = (
    *("/today", "/calendar", "/requests/new", "/outputs", "/desk", "/desk/outputs", "/team", "/savings"),
    *KEPT,
    *("/units", "/positions", "/completeness", "/policies", "/factor-sets", "/mandates", "/me"),
    "/nothing-here",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_needs_no_eval_and_marks_nothing_as_safe(template: Path) -> None:
    text = template.read_text()
    assert not FORBIDDEN.search(text)
    assert not re.search(r"\|\s*safe\b|Markup|autoescape", text)


async def test_what_somebody_types_is_text_wherever_it_is_shown(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    evil = "\n".join(XSS)
    for text in XSS:
        assert text in evil
    asked = await town.submit("ani", [MONDAY], reason=evil, outputs=[_output(evil)])
    await memory.settle()
    ani, budi = await portal.signed_in(subject("ani")), await portal.signed_in(subject("budi"))
    desk = await budi.page("/desk")
    await town.decide("budi", asked, "return", {"reason": evil})
    await memory.settle()
    today = await ani.page("/today")
    address = f"/requests/{asked['request_id']}"
    course, change = await ani.page(address), await ani.page(f"{address}/change")
    form = (await ani.page("/requests/new")).form("/requests/new")
    wrong = await ani.send(form, day=[str(MONDAY)], reason=evil, km=evil, **{f"title-{MONDAY}": evil * 9})
    typing = await ani.post("/requests:check", form.filled(day=[str(MONDAY)], reason=evil, km=evil), Origin=PUBLIC)
    for page in (desk, today, course, change, Page(wrong.text)):
        assert "alert(1)" in page.text
        holds_no_script(page)
    holds_no_script(Page(typing.text))
    assert "{{ 7 * 7 }}" in desk.text


def _output(title: str) -> dict[str, Any]:
    return {"day": str(MONDAY), "title": title, "target_quantity": 1, "measure": "document"}


def holds_no_script(page: Page) -> None:
    """Nothing on a page runs."""
    for tag, said in page.tags:
        assert tag not in ("img", "object", "iframe", "embed", "style")
        assert tag != "script" or (said.get("src") or "").startswith("/static/")
        assert not [name for name in said if name.startswith("on") or name == "style"]
        assert not (said.get("href") or "").lower().startswith("javascript:")


async def test_what_somebody_reports_is_text_too(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    evil = "\n".join(XSS)
    asked = await town.submit("ani", [MONDAY], reason=evil, outputs=[_output(evil)])
    await memory.settle()
    await town.approve("budi", asked)
    await memory.settle()
    town.at(MONDAY, 15)
    await town.on_outputs("ani", asked, "log", {"quantity": 1, "note": evil, "link": None})
    budi = await portal.signed_in(subject("budi"))
    desk = await budi.page("/desk/outputs?employee='><script>&until=%22&output=<b>:<b>:1")
    assert "alert(1)" not in desk.text
    reports = await budi.page("/desk/outputs")
    await town.on_outputs("budi", asked, "return", {"reason": evil})
    for page in (desk, reports, await budi.page(f"/requests/{asked['request_id']}"), await budi.page("/team")):
        holds_no_script(page)
    assert reports.text.count("alert(1)") == 2 * evil.count("alert(1)")
    assert 'href="/requests/' in (await budi.page("/team")).html


async def test_every_page_says_what_it_may_load_and_who_may_keep_it(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    ani, citra = await portal.signed_in(subject("ani")), await portal.signed_in(subject("citra"))
    mine = f"/people/{town.ids['ani']}"
    operator = await portal.signed_in("operator")
    for path in (*PAGES, *OF_AGENCY, mine, f"{mine}/history", f"{mine}/erase", *OF_OPERATION):
        answer = await (ani if path in PAGES else operator if path in OF_OPERATION else citra).open(path)
        said = answer.headers
        policy = dict(part.split(" ", 1) for part in said["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["form-action"].startswith("'self' http://127.0.0.1:")
        assert "unsafe" not in said["content-security-policy"]
        assert (said["x-content-type-options"], said["referrer-policy"]) == ("nosniff", "same-origin")
        assert "etag" not in said if path not in KEPT else "Ani" not in answer.text
        assert said["cache-control"] == ("private, no-cache" if path in KEPT else "no-store")
        _is_well_made(Page(answer.text))


def _is_well_made(page: Page) -> None:
    """What can be seen of accessibility without a browser: one heading, labels, ids that are there."""
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == tags.count("main") == 1
    ids = [said["id"] for _, said in page.tags if said.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {said.get("for") for tag, said in page.tags if tag == "label"}
    for tag, said in page.tags:
        if tag in ("input", "select", "textarea") and said.get("type") != "hidden":
            assert said["id"] in labelled
        for name in ("aria-describedby", "aria-labelledby"):
            assert set((said.get(name) or "").split()) <= set(ids)


async def test_no_page_lacks_a_word_in_either_language(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra, operator = await portal.signed_in(subject("citra")), await portal.signed_in("operator")
    shown = {}
    paths = (*PAGES, *OF_AGENCY, *OF_OPERATION)
    for language in ("id", "en"):
        for one in (citra, operator):
            await one.post(f"/language/{language}", [], Origin="https://portal.example")
        shown[language] = [
            Page((await (operator if path in OF_OPERATION else citra).open(path)).text) for path in paths
        ]
        assert all(f'<html lang="{language}">' in page.html for page in shown[language])
    for path, one, other in zip(paths, *shown.values(), strict=True):
        assert one.text != other.text, path


async def test_a_file_has_its_hash_in_its_address_and_is_small(portal: Portal) -> None:
    browser = portal.browser()
    page = await browser.page("/")
    (address,) = [said["href"] or "" for tag, said in page.tags if said.get("rel") == "stylesheet"]
    answer = await browser.http.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    its: Files = portal.app.state.files
    assert sum(len(file.compressed) for file in its.at.values()) < 10_000
    assert (await browser.http.get("/static/0/portal.css")).status_code == 404


def test_a_pointer_means_the_field_of_its_day() -> None:
    days = ("2026-09-07", "2026-09-08")
    typed = Typed(lines=(Line(days[0], False), Line(days[1], True), Line(days[1], True, "Laporan", number=2)))
    means = {
        "/days": "days",
        "/days/0": "day-2026-09-08",
        "/days/9": "days",
        "/outputs/0/title": "title-2026-09-08",
        "/outputs/1/title": "title-2026-09-08-2",
        "/outputs/2": "days",
        "/outputs/0/target_quantity": "quantity-2026-09-08",
        "/outputs": "days",
        "/place/round_trip_km": "km",
        "/place/category": "place",
        "/window/starts": "starts",
        "/reason": "reason",
        "": "",
        "header:idempotency-key": "",
    }
    assert {pointer: field_of(pointer, typed) for pointer in means} == means


def test_bars_are_on_one_scale_with_zero_in_it() -> None:
    def figure(low: int, central: int, high: int) -> Range:
        return Range(*map(Decimal, (low, central, high)))

    saved, spent = bars([figure(50, 100, 150), figure(-60, -50, -40)])
    assert (saved.zero, spent.zero) == (285, 285)
    assert (saved.x, saved.low, saved.high) == (285, 523, 1000)
    assert spent.x + spent.width == spent.zero
    assert spent.is_spent
    assert bars([figure(0, 0, 0)])[0].width == 2
    assert [int(line) for line in lines(Decimal(-60), Decimal(150))] == [-50, 0, 50, 100, 150]


def test_where_a_sign_in_may_lead() -> None:
    assert within("/dashboard?month=2026-08") == "/dashboard?month=2026-08"
    assert within("/a b") == within("") == within("today") == "/today"


def test_no_macro_takes_the_place_of_another() -> None:
    """Jinja says nothing where a name is given twice: the later one holds everywhere."""
    for template in TEMPLATES:
        names = re.findall(r"{%-? macro (\w+)", template.read_text())
        assert len(names) == len(set(names)), template.name
