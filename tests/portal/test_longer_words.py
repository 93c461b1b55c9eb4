"""Pages in a language that does not exist, whose words are long and strange: none is wider than its window."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.kit.base.catalogue import Catalogue
from tests.harness.browser import Visitor, chromium, opened
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject
from tests.portal.test_journey import FIRST_OF_OCTOBER, MONDAY
from tests.portal.test_pages import PAGES

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.long
__all__ = ["chromium"]

LONGER = str.maketrans({"a": "aå", "e": "eé", "i": "iî", "o": "oø", "u": "uü", "A": "ÅA", "E": "ÉE", "I": "ÎI"})
FACT = re.compile(r"(\{[^}]*\})")
MORE = ("/dashboard?month=2026-09", "/dashboard/parts?month=2026-09", "/series?to=2026-09", "/savings?month=2026-09")


def longer(message: str) -> str:
    """A message with its facts as they are, and its words about four tenths longer."""
    return "".join(part if part.startswith("{") else part.translate(LONGER) for part in FACT.split(message))


def all_longer(words: Catalogue) -> Catalogue:
    """Every message in that language, whichever is asked for."""
    return Catalogue({one: {name: longer(text) for name, text in of.items()} for one, of in words.by_language.items()})


@pytest.fixture
async def strange(memory: Platform, tmp_path: Path) -> AsyncIterator[str]:
    """Where a portal in that language is opened."""
    async with opened(memory, tmp_path, all_longer) as address:
        yield address


def test_words_are_longer_and_facts_stay() -> None:
    assert longer("Ada {count:row|rows} dari {value}") == "ÅAdaå {count:row|rows} daåriî {value}"


@pytest.mark.parametrize("width", [320, 1440])
async def test_longer_words_break_no_page(memory: Platform, strange: str, chromium: "Browser", width: int) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    await town.submit("dedi", [MONDAY.replace(day=14)])
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    context = await chromium.new_context(viewport={"width": width, "height": 800}, locale="id-ID")
    for name in ("citra", "budi", "ani"):
        await context.clear_cookies()
        visitor = Visitor(await context.new_page(), strange, scripts=True)
        await visitor.open("/sign-in")
        await visitor.page.get_by_role("textbox").fill(subject(name))
        await visitor.page.get_by_role("button").click()
        await visitor.page.wait_for_url("**/today")
        for path in (*PAGES, *MORE, "/open?month=2026-09"):
            await visitor.open(path)
            assert "aå" in await visitor.page.content()
            await visitor.check()
