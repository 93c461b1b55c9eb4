"""How the portal calls the services: over HTTP, as the person does, with the person's own token."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

import httpx
import structlog
from aiohttp import ClientError, ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.portal.following import earlier

KEPT_MAX = 500
PAGES_MAX = 25
PAGE_SIZE = 200
IDLE_S = 4
"""Connections are let go before the other side does, which keeps them for five seconds."""
FILE_WITHIN_S = 120.0
"""How long a service may take for a file: to read a large sheet, or to write one."""
AWAY = (httpx.HTTPError, ClientError, TimeoutError)
"""What a call fails with that was not answered, or not to its end."""
JUDGED = (400, 409, 412, 422)
"""A refusal of these is about what a form has sent, and is said beside it."""
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Parameter = str | int | Sequence[str]
log = structlog.get_logger()


@dataclass(frozen=True)
class Asker:
    """Whom a call is for; nobody in particular where there is no token."""

    token: str
    language: str
    trace: str
    takes_old_s: float = 0
    """How old an answer may be for them."""
    points: dict[str, str] = field(default_factory=dict, compare=False)
    """By service, a point that it had passed before it was asked anything: what is read is no older."""
    operates: bool = False
    """Whether the instance's settings name them among those who operate it; the services decide what that gives."""


class Item(BaseModel):
    """One rule that a service says was broken."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rule: str = ""
    pointer: str = ""
    source: str = ""
    detail: str = ""


class Problem(BaseModel):
    """What a service says of a refusal (RFC 9457)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    detail: str = ""
    trace: str = ""
    errors: list[Item] = Field(default_factory=list)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was wrong, rule by rule; or the whole, where no rule is named."""
        return tuple(one.detail for one in self.errors) or (self.detail,)


class Broken(Exception):
    """A service has refused: what it said, for the person to read."""

    def __init__(self, service: str, status: int, said: Problem) -> None:
        super().__init__(f"{service}: {status}")
        self.status = status
        self.said = said


class Away(Exception):
    """A service does not answer, or not as it has promised."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


@dataclass(frozen=True)
class Read(Generic[T]):
    """What a service answered, and the version of it that it named, if any."""

    value: T
    version: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of before, its version, and when that was last so."""

    version: str
    value: BaseModel
    at: float


@dataclass(frozen=True)
class Upload:
    """A file that is sent to a service."""

    body: bytes
    media_type: str


@dataclass(frozen=True)
class Lacking:
    """A part of a page that cannot be shown: its service is `away`, or the person has `no-right`."""

    why: str


class Reach:
    """The services' APIs, a client for each."""

    def __init__(self, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self._clients = clients
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()

    @property
    def services(self) -> tuple[str, ...]:
        """The names of all services."""
        return tuple(self._clients)

    async def get(self, who: Asker, service: str, path: str, model: type[M], **params: Parameter) -> Read[M]:
        """Read. What was answered before is asked for by its ETag, and then need not be sent again; it is not asked for
        at all where the asker takes it as it was. Raises `Broken`, or `Away`."""
        whose = hashlib.sha256(who.token.encode()).hexdigest()
        key = (service, path, repr(sorted(params.items())), who.language, whose)
        kept = self._kept.get(key)
        if kept and time.monotonic() < kept.at + who.takes_old_s:
            return Read(_as(model, kept.value), kept.version)
        headers = {"If-None-Match": kept.version} if kept else {}
        answer = await self._call(who, service, "GET", path, headers, params=params)
        if kept and answer.status_code == httpx.codes.NOT_MODIFIED:
            read = Read(_as(model, kept.value), kept.version)
        else:
            read = Read(_parsed(service, answer, model), answer.headers.get("etag", ""))
        if read.version:
            self._kept[key] = Kept(read.version, read.value, time.monotonic())
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return read

    async def every(self, who: Asker, service: str, path: str, model: type[M], **params: Parameter) -> Read[list[M]]:
        """Every item of a list, page by page. Raises `Broken`, or `Away`."""
        items: list[M] = []
        versions: list[str] = []
        cursor: dict[str, Parameter] = {}
        each = _list_of(model)
        for _ in range(PAGES_MAX):
            page = await self.get(who, service, path, Listed, limit=PAGE_SIZE, **params, **cursor)
            try:
                items += each.validate_python(page.value.items)
            except ValidationError as strange:
                raise _strange(service, strange) from strange
            versions.append(page.version)
            if not page.value.next_cursor:
                break
            cursor = {"cursor": page.value.next_cursor}
        return Read(items, " ".join(versions))

    async def rows(self, who: Asker, service: str, path: str, **params: Parameter) -> str:
        """A list as CSV, all of its pages under one heading. Raises `Broken`, or `Away`."""
        told, following = "", dict(params)
        for _ in range(PAGES_MAX):
            answer = await self._call(who, service, "GET", path, {}, params={**following, "format": "csv"})
            text = answer.text
            told += text if not told else text.partition("\r\n")[2]
            if "next" not in answer.links:
                break
            following = dict(httpx.URL(answer.links["next"]["url"]).params.multi_items())
        return told

    async def post(
        self,
        who: Asker,
        service: str,
        path: str,
        body: Mapping[str, object] | None,
        model: type[M],
        key: str,
        seen: int | None = None,
    ) -> M:
        """A command, with a body or without. Sent twice with the same key it is carried out once, on the version that
        was `seen`. Raises `Broken`, or `Away`."""
        headers = {"Idempotency-Key": key} | ({"If-Match": f'"{seen}"'} if seen is not None else {})
        answer = await self._call(who, service, "POST", path, headers, json=body)
        return _parsed(service, answer, model)

    async def check(
        self, who: Asker, service: str, path: str, body: Mapping[str, object], model: type[M], **params: Parameter
    ) -> M:
        """A question with a body, which changes nothing. Raises `Broken`, or `Away`."""
        return _parsed(service, await self._call(who, service, "POST", path, {}, params=params, json=body), model)

    async def send(
        self, who: Asker, service: str, path: str, sent: Upload, model: type[M], key: str, **params: Parameter
    ) -> M:
        """Send a file, which sent twice with the same key is taken once. Raises `Broken`, or `Away`."""
        headers = {"Idempotency-Key": key, "Content-Type": sent.media_type}
        answer = await self._call(
            who, service, "POST", path, headers, params=params, content=sent.body, within_s=FILE_WITHIN_S
        )
        return _parsed(service, answer, model)

    async def file(self, who: Asker, service: str, path: str, media_type: str) -> bytes:
        """A file of a kind, whole. Raises `Broken`, or `Away`."""
        answer = await self._call(who, service, "GET", path, {"Accept": media_type}, within_s=FILE_WITHIN_S)
        return answer.content

    async def _call(
        self,
        who: Asker,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, Parameter] | None = None,
        json: Mapping[str, object] | None = None,
        content: bytes | None = None,
        within_s: float | None = None,
    ) -> httpx.Response:
        said = {
            **headers,
            **({"Authorization": f"Bearer {who.token}"} if who.token else {}),
            "Accept-Language": who.language,
            "Accept-Encoding": "identity",  # what is asked for next door is not worth compressing
            "traceparent": who.trace,
        }
        try:
            within = within_s or httpx.USE_CLIENT_DEFAULT
            answer = await self._clients[service].request(
                method, path, headers=said, params=params, json=json, content=content, timeout=within
            )
        except AWAY as failed:
            log.warning("service-away", service=service, reason=type(failed).__name__)
            raise Away(service) from failed
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            log.warning("service-away", service=service, status=answer.status_code)
            raise Away(service)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Broken(service, answer.status_code, _problem(answer))
        if point := answer.headers.get("changes-since"):
            who.points[service] = earlier(who.points.get(service), point)
        return answer


class Listed(BaseModel):
    """A page of a list, whose items are looked at by whoever wants them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    items: list[dict[str, object]]
    next_cursor: str | None = None


async def part(asked: Awaitable[T]) -> T | Lacking:
    """A part of a page, or why it cannot be shown while the others can."""
    try:
        return await asked
    except Away:
        return Lacking("away")
    except Broken as refused:
        if refused.status == httpx.codes.UNAUTHORIZED:
            raise
        return Lacking("no-right" if refused.status in (403, 404) else "away")


class _NoCookies(httpx.Cookies):
    """Takes none and sends none; nor is each answer looked through for them."""

    def extract_cookies(self, response: httpx.Response) -> None: ...

    def set_cookie_header(self, request: httpx.Request) -> None: ...


class _Client(httpx.AsyncClient):
    """A client that keeps no cookies, which would be one person's and come along with another's call."""

    @property
    def cookies(self) -> httpx.Cookies:
        return _NoCookies()

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        raise TypeError("a call for somebody has no cookies")


def clients(addresses: Mapping[str, str], within_s: float = 10, at_once: int = 100) -> dict[str, httpx.AsyncClient]:
    """A client for each service, for so many calls `at_once`; any number where that is 0. Proxies are for what is
    outside. Calls go over aiohttp, which takes a fifth of the time that httpx's own transport does: a page is several
    of them."""

    def session() -> ClientSession:
        connections = TCPConnector(limit=at_once, keepalive_timeout=IDLE_S)
        return ClientSession(connector=connections, cookie_jar=DummyCookieJar())

    return {
        name: _Client(
            base_url=address,
            timeout=within_s,
            trust_env=False,
            follow_redirects=False,
            transport=AiohttpTransport(client=session),
        )
        for name, address in addresses.items()
    }


async def close(open_clients: Mapping[str, httpx.AsyncClient]) -> None:
    await asyncio.gather(*(client.aclose() for client in open_clients.values()))


@cache
def _list_of(model: type[M]) -> TypeAdapter[list[M]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def _as(model: type[M], value: BaseModel) -> M:
    assert isinstance(value, model)
    return value


def _parsed(service: str, answer: httpx.Response, model: type[M]) -> M:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as strange:
        raise _strange(service, strange) from strange


def _strange(service: str, strange: ValidationError) -> Away:
    where = [".".join(map(str, error["loc"])) for error in strange.errors(include_input=False)[:5]]
    log.error("service-answers-otherwise", service=service, model=strange.title, where=where)
    return Away(service)


def _problem(answer: httpx.Response) -> Problem:
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        return Problem()
