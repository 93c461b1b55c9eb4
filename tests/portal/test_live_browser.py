"""Two browsers side by side: what one does appears in the other, and nothing that somebody types is lost."""

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.harness.browser import Visitor, chromium, enter, public
from tests.harness.platform import Platform
from tests.harness.town import open_town
from tests.portal.test_journey import FIRST_OF_OCTOBER, MONDAY

if TYPE_CHECKING:
    from playwright.async_api import Browser

__all__ = ["chromium", "public"]
pytestmark = pytest.mark.long
NEWS, OFFLINE, OVER = "Ada yang baru di halaman ini", "Tidak tersambung sejak", "Sesi Anda telah berakhir"
TYPED = "Masih saya tulis"
TUESDAY = MONDAY.replace(day=8)


async def visitor(browser: "Browser", public: str, name: str) -> Visitor:
    """Somebody at a browser with scripts."""
    return await enter(browser, public, name, "id", width=1000, scheme="light", scripts=True)


async def is_followed(someone: Visitor) -> None:
    """Until the page hears of changes."""
    connected = "document.getElementById('live')?._htmx?.sse?.status === 200"
    # The page's own policy lets nobody evaluate what waits in it.
    for _ in range(600):
        if await someone.page.evaluate(connected):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the page hears of nothing")


async def test_an_approval_appears_and_typed_text_stays(memory: Platform, public: str, chromium: "Browser") -> None:
    town = await open_town(memory)
    ani, budi, citra = [await visitor(chromium, public, name) for name in ("ani", "budi", "citra")]
    await budi.open("/desk")
    await is_followed(budi)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await budi.page.locator("input[name=case]").wait_for()
    await budi.page.locator("#reason").fill(TYPED)
    await ani.open(f"/requests/{asked['request_id']}")
    await ani.check()
    await is_followed(ani)
    second = await town.submit("dedi", [MONDAY])
    await memory.settle()
    await budi.page.get_by_text(NEWS).wait_for()
    assert await budi.page.locator("#reason").input_value() == TYPED
    assert await budi.page.locator("input[name=case]").count() == 1, "a form that somebody fills in stays as it is"
    await budi.check()
    began = time.monotonic()
    await town.approve("budi", asked)
    await memory.settle()
    await ani.page.locator(".lead .status-approved").wait_for()
    print(f"shown {time.monotonic() - began:.2f} s after the approval was sent, in one process")
    assert await budi.page.locator("#reason").input_value() == TYPED
    await budi.page.get_by_role("link", name="Muat yang terbaru").click()
    await budi.page.locator(f"#case-{second['request_id']}").wait_for()
    town.at(MONDAY, 15)
    await citra.open("/dashboard?month=2026-09")
    await is_followed(citra)
    assert await citra.page.locator(".figures").count() == 0
    await citra.page.evaluate("window.marked = true")
    await town.log("ani", asked)
    await town.verify("budi", asked)
    town.at(TUESDAY)
    await memory.settle()
    await citra.page.locator(".figures").first.wait_for()
    assert await citra.page.evaluate("window.marked === true"), "without a reload"
    await citra.check()


async def test_a_page_recovers_and_says_when_it_is_not_connected(
    memory: Platform, public: str, chromium: "Browser"
) -> None:
    town = await open_town(memory)
    ani = await visitor(chromium, public, "ani")
    await is_followed(ani)
    await ani.page.context.set_offline(True)
    await ani.page.evaluate("document.getElementById('live')._htmx.sse.reader.cancel()")
    await ani.page.get_by_text(OFFLINE).wait_for()
    await ani.check_looks()
    asked = await town.submit("ani", [MONDAY])
    await ani.page.context.set_offline(False)
    await ani.page.locator(f"a[href='/requests/{asked['request_id']}']").first.wait_for(timeout=20_000)
    await ani.page.get_by_text(OFFLINE).wait_for(state="detached")
    other = await ani.page.context.new_page()
    await other.goto(f"{public}/today")
    await other.get_by_role("button", name="Keluar").click()
    await ani.page.get_by_text(OVER).wait_for()


async def test_a_selection_of_days_is_not_taken_away_and_analysts_see_what_is_published(
    memory: Platform, public: str, chromium: "Browser"
) -> None:
    town = await open_town(memory)
    ani, hana = [await visitor(chromium, public, name) for name in ("ani", "hana")]
    await hana.open("/dashboard?month=2026-09")
    await is_followed(hana)
    await ani.open("/calendar/2026-09")
    await is_followed(ani)
    await ani.page.locator(f"#day-{MONDAY}").check()
    await town.submit("ani", [TUESDAY])
    await ani.page.get_by_text(NEWS).wait_for()
    assert await ani.page.locator(f"#day-{MONDAY}").is_checked()
    await ani.page.locator(f"#day-{MONDAY}").uncheck()
    (asked,) = (await town.get("ani", "requests", "/v1/requests")).json()["items"]
    await town.post("ani", "requests", f"/v1/requests/{asked['request_id']}:withdraw", seen=1)
    await ani.page.locator(f"#day-{TUESDAY}").wait_for()
    before = await hana.page.locator(".lead").inner_text()
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    await asyncio.sleep(1)
    assert await hana.page.locator(".lead").inner_text() == before, "nothing has been published"
