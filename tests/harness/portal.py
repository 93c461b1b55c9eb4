"""The portal in the tests' process, and browsers without scripts, which follow links, keep cookies and send forms."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

from deploy.base.home import PORTAL_AFTER
from deploy.local.issuer import Client
from deploy.provision import resources as provision
from services.portal.app import PORTAL
from services.portal.live.queries import Pages
from services.portal.reach import Reach
from services.portal.session.queries import Sessions
from services.portal.settings import PortalSettings
from shared.kit.base.settings import Settings
from shared.kit.web import app as http
from shared.kit.web.front import front
from tests.harness.platform import Platform
from tests.harness.streams import Streaming

PUBLIC = "https://portal.example"
CLIENT = Client("portal", "secret-of-the-portal", f"{PUBLIC}/signed-in", f"{PUBLIC}/")
IN_CHROMIUM = "portal-in-chromium"
MANY = 10**6


def in_chromium(issuer_port: int) -> Client:
    """The portal as a client at an address that a browser reaches, beside the issuer's."""
    public = f"http://127.0.0.1:{issuer_port + PORTAL_AFTER}"
    return Client(IN_CHROMIUM, CLIENT.secret, f"{public}/signed-in", f"{public}/")


@dataclass
class Form:
    """A form of a page, and what it sends when nothing is changed."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **changed: str | list[str] | None) -> list[tuple[str, str]]:
        """What it sends with some fields as somebody has set them; with none it is left out."""
        kept = [(name, value) for name, value in self.fields if name not in changed]
        for name, value in changed.items():
            kept += [(name, one) for one in ([value] if isinstance(value, str) else value or [])]
        return kept


class Page(HTMLParser):
    """A page as far as tests ask it: its forms, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._textarea: str | None = None
        self._select: str | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def form(self, action: str) -> Form:
        """The form that is posted there."""
        return next(form for form in self.forms if (form.method, form.action) == ("post", action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.append((tag, said))
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "form":
            self.forms.append(Form(said.get("action") or "", said.get("method") or "get"))
        elif tag == "input" and name and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
            self.forms[-1].fields.append((name, value))
        elif tag == "textarea":
            self._textarea = name
            self.forms[-1].fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in said:
            self.forms[-1].fields.append((self._select, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, (value + data).removeprefix("\n"))
        self.words.append(data)


class Browser:
    """Somebody's browser."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers={"Accept-Language": "id"})

    async def open(self, path: str, **headers: str) -> httpx.Response:
        """A page, after all that leads to it within the portal."""
        answer = await self.http.get(path, headers=headers)
        while answer.has_redirect_location and answer.headers["location"].startswith("/"):
            answer = await self.http.get(answer.headers["location"])
        return answer

    async def page(self, path: str) -> Page:
        answer = await self.open(path)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    async def send(self, form: Form, **changed: str | list[str] | None) -> httpx.Response:
        """Send a form, as a browser does from a page of the portal."""
        answer = await self.post(form.action, form.filled(**changed), Origin=PUBLIC)
        return await self.open(answer.headers["location"]) if answer.status_code == 303 else answer

    async def send_file(self, form: Form, name: str, body: bytes, **changed: str | list[str] | None) -> httpx.Response:
        """Send a form with a file."""
        fields: dict[str, list[str]] = {}
        for named, value in form.filled(**changed):
            fields.setdefault(named, []).append(value)
        fields.pop("file", None)
        answer = await self.http.post(
            form.action, data=fields, files={"file": (name, body)}, headers={"Origin": PUBLIC}
        )
        return await self.open(answer.headers["location"]) if answer.status_code == 303 else answer

    async def post(self, path: str, fields: list[tuple[str, str]], **headers: str) -> httpx.Response:
        said = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return await self.http.post(path, content=urlencode(fields), headers=said)

    async def pick(self, subject: str, to: str = "/today") -> str:
        """Begin a sign-in and pick somebody at the issuer; where that sends the browser."""
        begun = await self.http.get("/sign-in", params={"to": to})
        assert begun.status_code == 303, begun.text
        async with httpx.AsyncClient() as outside:
            shown = await outside.get(begun.headers["location"])
            form = Page(shown.text).forms[0]
            address = httpx.URL(begun.headers["location"]).join(form.action)
            picked = await outside.post(address, data=dict(form.filled(subject=subject)))
        assert picked.status_code == 303, picked.text
        return picked.headers["location"]

    async def sign_in(self, subject: str) -> None:
        answer = await self.http.get(await self.pick(subject))
        assert answer.status_code == 303, answer.text


@dataclass
class Portal:
    """The portal on a platform, at a time of the test's own."""

    app: FastAPI
    later: timedelta = timedelta()

    def browser(self) -> Browser:
        return Browser(self.app)

    async def signed_in(self, subject: str) -> Browser:
        browser = self.browser()
        await browser.sign_in(subject)
        return browser

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


def portal_settings(its: Settings, folder: Path) -> PortalSettings:
    """The settings of a portal beside a service with these."""
    for name, known in (("client", CLIENT.secret), ("sessions", "key-of-the-sessions")):
        (folder / name).write_text(known)
    own = {
        "services": "requests=http://127.0.0.1:9",
        "public_url": PUBLIC,
        "client_secret_file": folder / "client",
        "session_key_file": folder / "sessions",
        "hosts": "",
        "calls_per_minute": MANY,
        "strangers_per_minute": MANY,
    }
    return PortalSettings.model_validate(its.model_dump() | own)


def open_apps(platform: Platform) -> dict[str, FastAPI]:
    """APIs of a platform that tell strangers what everybody may read."""
    apps = {}
    for name in ("savings", "performance"):
        app = http.api(platform.services[name], platform.settings[name].model_copy(update={"open_figures": True}))
        app.state.db = platform.databases[name]
        app.state.tokens = platform.apps[name].state.tokens
        apps[name] = app
    return apps


def open_clients(platform: Platform) -> dict[str, httpx.AsyncClient]:
    """Clients of a platform with these."""
    of_these = {
        name: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")
        for name, app in open_apps(platform).items()
    }
    return dict(platform.apis.clients) | of_these


@asynccontextmanager
async def running(its: Settings, folder: Path) -> AsyncIterator[FastAPI]:
    """The portal's process, for all tests."""
    settings = portal_settings(its, folder)
    await provision.bare_database(settings, PORTAL.database, PORTAL.indexes)
    app = front(PORTAL, settings)
    async with app.router.lifespan_context(app):
        yield app


async def on(app: FastAPI, platform: Platform) -> Portal:
    """The portal as it is new, in front of a platform."""
    await app.state.db.sessions.delete_many({})
    portal = Portal(app)
    app.state.reach = Reach(platform.apis.clients)
    app.state.sessions = at(app, portal.now)
    app.state.live = live_on(app, platform)
    return portal


def live_on(app: FastAPI, platform: Platform) -> Pages:
    """What open pages follow a platform by."""
    clients = {
        name: httpx.AsyncClient(transport=Streaming(its), base_url=f"http://{name}")
        for name, its in platform.apps.items()
    }
    return Pages(clients, lambda: app.state.sessions)


def at(app: FastAPI, now: Callable[[], datetime]) -> Sessions:
    """The portal's sessions by another clock."""
    its: Sessions = app.state.sessions
    return Sessions(its.db, its.seal, its.limits, now)
