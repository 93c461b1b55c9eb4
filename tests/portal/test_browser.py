"""The portal in Chromium: with scripts and without, in both languages and themes, on a phone and on a desk."""

from typing import TYPE_CHECKING

import pytest

from services.organisation.import_ import jobs
from tests.harness.browser import Visitor, chromium, enter, public
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, open_town, row
from tests.portal.test_journey import FIRST_OF_OCTOBER, MONDAY
from tests.portal.test_operation import all_well, put_aside
from tests.portal.test_pages import OF_AGENCY, XSS

if TYPE_CHECKING:
    from playwright.async_api import Browser, FilePayload, Request

__all__ = ["chromium", "public"]
pytestmark = pytest.mark.long
FIRST_VISIT_BYTES = 50_000
WORDS = {
    "id": ("Kirim permohonan", "Setujui", "Tampilkan", "Keluar", "Periksa", "Verifikasi", "Tarik"),
    "en": ("Send the request", "Approve", "Show", "Sign out", "Check", "Verify", "Withdraw"),
}
AGENCY = {
    "id": ("Baca berkas", "Konfirmasi: catat semua baris", "Cari", "Lanjut"),
    "en": ("Read the sheet", "Confirm: record all rows", "Search", "Go on"),
}
OPERATION = {
    "id": ("Olah lagi", "Buang", "Lanjutkan", "Tampilkan isinya"),
    "en": ("Handle again", "Give up", "Go on", "Show what it holds"),
}
CHOSEN = {"id": "Ajukan hari yang dipilih", "en": "Ask for the chosen days"}
FINE = {"id": "Semua aturan terpenuhi", "en": "Every rule is kept"}


@pytest.mark.parametrize(
    ("language", "scheme", "width", "scripts"),
    [("id", "light", 1440, True), ("en", "dark", 320, True), ("id", "dark", 360, False)],
)
async def test_the_way_of_a_request(
    memory: Platform, public: str, chromium: "Browser", language: str, scheme: str, width: int, scripts: bool
) -> None:
    town = await open_town(memory)
    send, approve, show, out, check, verify, withdraw = WORDS[language]

    async def somebody(name: str) -> Visitor:
        return await enter(chromium, public, name, language, width=width, scheme=scheme, scripts=scripts)

    ani = await somebody("ani")
    await ani.check()
    await ani.open("/calendar/2026-09")
    await ani.check()
    await ani.page.locator(f"#day-{MONDAY}").focus()
    await ani.page.keyboard.press("Space")
    await ani.press(CHOSEN[language])
    assert await ani.page.locator(f"#day-{MONDAY}").is_checked()
    await ani.press(send)
    await ani.check()
    await ani.page.locator(f"#title-{MONDAY}").fill(" ".join(XSS))
    await ani.page.locator("#reason").fill("\n".join(XSS))
    if scripts:
        await ani.page.locator("#judged .fine").wait_for()
        await ani.page.locator("#km").fill("12")
        await ani.page.locator("#problems-km .problem").wait_for()
        assert await ani.page.locator("#km").evaluate("it => it === document.activeElement && it.value === '12'")
        await ani.page.locator("#km").fill("")
        await ani.page.locator("#problems-km .problem").wait_for(state="detached")
    await ani.press(check)
    assert FINE[language] in await ani.page.locator("#judged").inner_text()
    await ani.check()
    await ani.press(send)
    assert ani.page.url.endswith("/today?sent=1")
    await ani.check()
    await memory.settle()
    budi = await somebody("budi")
    await budi.open("/desk")
    await budi.check()
    await budi.page.locator("input[name=case]").focus()
    await budi.page.keyboard.press("Space")
    if scripts:
        await budi.page.select_option("#employee", town.ids["ani"])
        await budi.page.get_by_role("button", name=show).click()
        await budi.page.wait_for_url("**case=req-**")
        assert await budi.page.locator("input[name=case]").is_checked()
    await budi.press(approve)
    assert budi.page.url.endswith("done=1")
    await memory.settle()
    (request,) = (await town.get("ani", "requests", "/v1/requests")).json()["items"]
    assert request["status"] == "approved"
    await ani.open(f"/requests/{request['request_id']}")
    await ani.check()
    await ani.press(withdraw)
    await ani.check()
    await budi.open("/team")
    await budi.check()
    town.at(MONDAY, 15)
    await ani.open("/outputs")
    await ani.check()
    await town.log("ani", request)
    await budi.open("/desk/outputs?all=1")
    await budi.check()
    await budi.press(verify)
    await budi.check()
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    citra = await somebody("citra")
    await citra.open("/dashboard?month=2026-09")
    await citra.check()
    assert await citra.page.locator("svg.bar").count() > 1
    for link in (".figures a[href*='/units/']", "a[href$='/days']", "table a[href^='/savings/']"):
        await citra.page.locator(link).first.click()
        await citra.page.wait_for_load_state()
        await citra.check()
    for address in ("/dashboard/parts?month=2026-09", "/series?from=2026-07&to=2026-09", "/results?to=2026-09"):
        await citra.open(address)
        await citra.check()
    await ani.open("/savings?month=2026-09")
    await ani.check()
    await citra.open("/dashboard?month=2026-09")
    if scripts:
        await citra.page.evaluate("window.marked = true")
    await citra.page.select_option("#category", "meals")
    await citra.page.get_by_role("button", name=show).click()
    await citra.page.wait_for_url("**category=meals")
    if scripts:
        assert await citra.page.evaluate("window.marked === true")
    await citra.press(out)
    await citra.page.wait_for_url(f"{public}/")
    await citra.check()
    await citra.page.locator("a[href='/open']").click()
    await citra.page.wait_for_load_state()
    await citra.check()


@pytest.mark.parametrize(
    ("language", "scheme", "width", "scripts"),
    [("id", "light", 1440, True), ("en", "dark", 320, True), ("id", "light", 360, False)],
)
async def test_the_pages_of_the_agency(
    memory: Platform,
    public: str,
    chromium: "Browser",
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    scheme: str,
    width: int,
    scripts: bool,
) -> None:
    town = await open_town(memory)
    acting = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
    await town.load("acting", f"{acting}SP-1,plh,{NIPS['budi']},{NIPS['hana']},2026-09-01,2026-09-30\n")
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    await town.play_to_verified("ani", MONDAY)
    read, confirm, search, go_on = AGENCY[language]
    citra = await enter(chromium, public, "citra", language, width=width, scheme=scheme, scripts=scripts)
    sets = (await town.get("citra", "savings", "/v1/factor-sets")).json()["items"]
    (position,) = (await town.get("citra", "organisation", "/v1/positions", search="analis")).json()["items"]
    units = (await town.get("citra", "organisation", "/v1/units")).json()["items"]
    ani = f"/people/{town.ids['ani']}"
    for path in (
        *OF_AGENCY,
        *(
            ani,
            f"{ani}/history",
            f"{ani}/erase",
            f"/positions/{position['position_id']}",
            f"/units/{units[0]['unit_id']}",
        ),
        f"/factor-sets/{sets[-1]['factor_set_id']}?with={sets[0]['factor_set_id']}",
        "/completeness?month=2026-09",
        "/units?search=a",
        *("/mandates", "/me"),
    ):
        await citra.open(path)
        await citra.check()
    await citra.open("/people")
    await citra.page.locator("#text").fill("dedi")
    await citra.press(search)
    assert await citra.page.locator("tbody tr").count() == 1
    await citra.open(f"{ani}/erase")
    await citra.page.locator("#reason").fill("\n".join(XSS))
    await citra.press(go_on)
    await citra.check()
    await citra.open("/imports?kind=units")
    evil = "".join(f'evil-{n},"{text.replace(chr(34), chr(34) * 2)}",2026-01-01\n' for n, text in enumerate(XSS))
    files = (f"Sandi,name,TMT,Lain\n{evil}", f"unit_code,name,TMT\n{evil}lain,Lain-lain,2026-08-01\n")
    for number, text in enumerate(files):
        file: FilePayload = {"name": "unit.csv", "mimeType": "text/csv", "buffer": text.encode()}
        await citra.page.locator("#file").set_input_files(file)
        await citra.press(read)
        await citra.check()
        if number == 0:
            await citra.page.select_option("#column-unit_code", "Sandi")
            await citra.page.locator("#file").set_input_files(file)
            await citra.press(read)
            await citra.check()
            await citra.open("/imports?kind=units")
    monkeypatch.setattr(jobs, "AT_ONCE_MAX", 2)
    await citra.press(confirm)
    await citra.check()
    assert await citra.page.locator("progress").count() == 1
    await memory.settle()
    if scripts:
        await citra.page.locator("main > .done").wait_for()
    else:
        await citra.page.reload()
    await citra.check()
    assert await citra.page.locator("progress").count() == 0
    await citra.open("/units?search=evil")
    await citra.check()


@pytest.mark.parametrize(
    ("language", "scheme", "width", "scripts"),
    [("id", "light", 1440, True), ("en", "dark", 360, True), ("id", "dark", 1440, False)],
)
async def test_the_pages_of_those_who_operate(
    memory: Platform, public: str, chromium: "Browser", language: str, scheme: str, width: int, scripts: bool
) -> None:
    await put_aside(memory, await open_town(memory))
    again, discard, go_on, show = OPERATION[language]
    operator = await enter(chromium, public, "operator", language, width=width, scheme=scheme, scripts=scripts)
    await operator.check()
    if scripts:
        await operator.page.evaluate("window.marked = true")
        await all_well(memory)
        await operator.page.locator(".status-approved").first.wait_for()
        assert await operator.page.evaluate("window.marked === true"), "it has come by itself"
        await operator.check()
    await operator.page.locator("a[href^='/operation/runbooks/']").first.click()
    await operator.page.wait_for_load_state()
    await operator.check()
    await operator.open("/operation/services/approvals")
    await operator.check()
    group = memory.runners["approvals.cases"].group
    await operator.open(f"/operation/consumers/approvals/{group}")
    await operator.check()
    await operator.page.locator("#retry").focus()
    await operator.page.keyboard.press("Space")
    await operator.press(go_on)
    await operator.check()
    await operator.open("/operation/dead-letters?service=approvals&all=1")
    await operator.check()
    await operator.press(again)
    await operator.check()
    await operator.page.locator(".case a").first.click()
    await operator.page.wait_for_load_state()
    await operator.press(show)
    await operator.check()
    await operator.open("/operation/dead-letters?service=approvals&all=1")
    await operator.page.locator("#reason").fill("\n".join(XSS))
    await operator.press(discard)
    assert "done=3" in operator.page.url
    await operator.check()


async def test_a_first_visit_is_small(memory: Platform, public: str, chromium: "Browser") -> None:
    await open_town(memory)
    page = await chromium.new_page()
    sizes: list[int] = []

    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    await page.goto(public)
    await page.wait_for_load_state("networkidle")
    for request in finished:
        told = await request.sizes()
        sizes.append(told["responseBodySize"] + told["responseHeadersSize"])
    assert len(sizes) >= 3
    assert sum(sizes) < FIRST_VISIT_BYTES
