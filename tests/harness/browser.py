"""Visitors of the portal in Chromium: with scripts or without, of a language, a width and a theme.

Tests import this where no browser's library is installed too: they are skipped when they want a browser.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI

from deploy.base.home import PORTAL_AFTER
from deploy.local import assets
from services.portal.app import PORTAL
from services.portal.reach import Reach
from shared.kit.base.catalogue import Catalogue
from shared.kit.web.front import front
from shared.kit.web.serving import Patient
from tests.harness.platform import Platform
from tests.harness.portal import IN_CHROMIUM, live_on, open_clients, portal_settings
from tests.harness.town import subject

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page

SHOTS = os.environ.get("MKD_TEST_SHOTS")
"""A folder in which pictures of the pages are kept."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
PATIENCE_MS = 10_000
REFUSED = "status of 422"
SIGN_IN = {"id": "Masuk", "en": "Sign in"}


@dataclass
class Visitor:
    """Somebody at a browser of a kind, and what the browser had to say."""

    page: "Page"
    public: str
    scripts: bool
    said: list[str] = field(default_factory=list)

    def hear(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning") and REFUSED not in message.text:
            self.said.append(message.text)

    async def open(self, path: str) -> None:
        await self.page.goto(self.public + path)

    async def press(self, name: str) -> None:
        """With the keyboard alone."""
        button = self.page.get_by_role("button", name=name, exact=True)
        await button.focus()
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def check(self) -> None:
        """Nothing is wrong that axe sees, nothing is wider than the window, and nothing was blocked. Where scripts are
        off, nothing can be asked of the page."""
        await self.check_looks()
        assert self.said == [], self.page.url

    async def check_looks(self) -> None:
        """The same, whatever was said."""
        if SHOTS:
            path = urlsplit(self.page.url).path.replace("/", "_")
            size = (self.page.viewport_size or {"width": 0})["width"]
            name = re.sub(r"[a-z]+-[0-9a-f-]{20,}", "id", path)
            await self.page.screenshot(path=Path(SHOTS) / f"{size}{name}.png", full_page=True, caret="initial")
        if not self.scripts:
            return
        await self.page.evaluate((assets.of_tests() / "axe-core" / "axe.min.js").read_text())
        found = await self.page.evaluate(
            "axe.run().then(it => it.violations.map(one => one.id + ': ' + one.nodes[0].html))"
        )
        wider = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert (found, wider) == ([], 0), self.page.url


@asynccontextmanager
async def served(app: FastAPI, port: int) -> AsyncIterator[None]:
    """An app at a port, in this process."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", http=Patient))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def opened(memory: Platform, folder: Path, words: Callable[[Catalogue], Catalogue]) -> AsyncIterator[str]:
    """Where a portal is opened, with all services behind it in this process, and its words as somebody has them."""
    assets.fetch(print)
    its = memory.settings["requests"]
    port = int(its.issuer.rpartition(":")[2]) + PORTAL_AFTER
    address = f"http://127.0.0.1:{port}"
    own = {"public_url": address, "client_id": IN_CHROMIUM, "assets": assets.folder(), "open_figures": True}
    app = front(PORTAL, portal_settings(its, folder).model_copy(update=own))
    app.state.messages = words(app.state.messages)
    async with served(app, port):
        app.state.reach = Reach(open_clients(memory))
        app.state.live = live_on(app, memory)
        yield address


@pytest.fixture
async def public(memory: Platform, tmp_path: Path) -> AsyncIterator[str]:
    """Where the portal is opened."""
    async with opened(memory, tmp_path, lambda words: words) as address:
        yield address


@pytest.fixture
async def chromium() -> "AsyncIterator[Browser]":
    assert CHROMIUM, "No Chromium: run this as ./mkd test --long"
    browsers = pytest.importorskip("playwright.async_api", reason="playwright comes with ./mkd test --long")
    async with browsers.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


async def enter(
    chromium: "Browser", public: str, name: str, language: str, *, width: int, scheme: str, scripts: bool
) -> Visitor:
    """Somebody signs in."""
    context = await chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB" if language == "en" else "id-ID",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(await context.new_page(), public, scripts)
    visitor.page.on("console", visitor.hear)
    await visitor.open("/")
    await visitor.page.get_by_role("link", name=SIGN_IN[language], exact=True).click()
    await visitor.page.get_by_role("textbox").fill("operator" if name == "operator" else subject(name))
    await visitor.page.get_by_role("button").click()
    await visitor.page.wait_for_url("**/operation" if name == "operator" else "**/today")
    return visitor
