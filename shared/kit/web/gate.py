"""Who is let in to an API, before anything is read, parsed or looked up for them.

In this order: the host that was asked for, the token, how much its subject has asked for, the size that the body says
it has. Only then does a route see the call, and the body arrives when the route asks for it. What needs no token is
stated here; whatever else an address is, nothing is said of it to a stranger.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kit.base.settings import Settings
from shared.kit.web import problems
from shared.kit.web.arriving import Answering, Arriving
from shared.kit.web.auth import Identity, Unauthenticated
from shared.kit.web.keys import IssuerUnreachable
from shared.kit.web.limits import Pace, Room, Turns
from shared.kit.web.problems import Refusal

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked by machines of the network that a process is in, under whatever name they have for it."""
OPEN = frozenset({"/openapi.json", "/docs", "/docs/start.js"})
OPEN_BELOW = ("/problems/", "/static-offline-docs/")
OPEN_FIGURES = "/v1/open/"
"""Told to strangers where an instance says so."""
STRANGERS_BODY_BYTES = 0
STRANGERS_HELD_S = 0.5
"""How long a stranger who asks too often waits for the answer that says so: a flood waits, and takes no turns."""
AT_ONCE_MAX = 64
"""Calls of one subject that run at a time."""
HELD_MAX_BYTES = 40 * 1024 * 1024
"""What the bodies of all calls of a process may hold together: one of the largest sheets, and what else comes."""
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]*[a-z0-9_-])\.?(?::[0-9]{1,5})?")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True)
class Limits:
    """How large a body may be, in bytes: at most, and at addresses that are for larger ones."""

    body_bytes: int
    large_bodies: Mapping[str, int]

    def of(self, path: str) -> int:
        return self.large_bodies.get(path, self.body_bytes)


async def by_token(request: Request) -> Identity:
    """Whom the bearer token of a call speaks for. Raises `Unauthenticated`, or `IssuerUnreachable`."""
    who: Identity = await request.app.state.tokens.bearer(request.headers.get("authorization", ""))
    return who


@dataclass(frozen=True)
class Doors:
    """How a process knows who comes, where anybody may, and how it says no. Where strangers are `uncounted` they may
    come as often as they like: that is for files that everybody behind one address asks for."""

    open: frozenset[str] = OPEN
    open_below: tuple[str, ...] = OPEN_BELOW
    uncounted: tuple[str, ...] = ()
    identify: Callable[[Request], Awaitable[Identity]] = by_token
    refuse: Callable[[Request, Exception], Response] = problems.response_to


OF_AN_API = Doors()
WITH_OPEN_FIGURES = Doors(open_below=(*OPEN_BELOW, OPEN_FIGURES))


class Gate:
    """ASGI middleware around the routes of a service."""

    def __init__(self, app: ASGIApp, settings: Settings, limits: Limits, doors: Doors = OF_AN_API) -> None:
        self._app = app
        self._doors = doors
        self._limits = limits
        self._hosts = LOOPBACK | {name.strip().lower() for name in settings.hosts.split(",") if name.strip()}
        self._known = Pace(settings.calls_per_minute)
        self._strangers = Pace(settings.strangers_per_minute)
        self._turns = Turns(AT_ONCE_MAX)
        self._room = Room(HELD_MAX_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, body = Request(scope), Arriving(scope, receive, self._room)
        out = Answering(send, body)
        try:
            who = await self._let_in(request)
            body.expect(self._limits.of(scope["path"]) if who else STRANGERS_BODY_BYTES)
            with self._turns.turn(f"{who.iss} {who.sub}" if who else "") as room:
                if who and not room:
                    raise Refusal(429, "too-many-at-once", value=AT_ONCE_MAX, wait_s=1)
                await self._app(scope, body.receive, out.send)
        except (Refusal, Unauthenticated, IssuerUnreachable) as why:
            if not body.broken:
                await self._doors.refuse(request, why)(scope, receive, out.deliver)
        except Exception:
            if not body.broken:
                raise
        finally:
            body.leave()
        if body.broken and not out.begun:
            await self._doors.refuse(request, body.broken)(scope, receive, out.deliver)

    async def _let_in(self, request: Request) -> Identity | None:
        """Whom a call is for; none where anybody may ask. Raises what it is refused with."""
        path = request.scope["path"]
        if path in PROBES:
            return None
        self._must_know(request.headers.get("host"))
        if path.startswith(self._doors.uncounted):
            return None
        if path in self._doors.open or path.startswith(self._doors.open_below):
            await self._slow_down(request)
            return None
        try:
            who = await self._doors.identify(request)
        except (Unauthenticated, IssuerUnreachable):
            await self._slow_down(request)
            raise
        request.state.identity = who
        if wait_s := self._known.wait_s(f"{who.iss} {who.sub}", time.monotonic()):
            raise Refusal(429, "too-many-calls", wait_s=wait_s)
        return who

    async def _slow_down(self, request: Request) -> None:
        """Strangers are told to wait by their address; a token that is good is not held up by its neighbours."""
        address = request.client.host if request.client else ""
        if wait_s := self._strangers.wait_s(address, time.monotonic()):
            await asyncio.sleep(STRANGERS_HELD_S)
            raise Refusal(429, "too-many-calls", wait_s=wait_s)

    def _must_know(self, host: str | None) -> None:
        """A name that is not this instance's may be somebody's who makes a browser ask (DNS rebinding)."""
        if not host:
            raise Refusal(400, "host-missing")
        named = HOST.fullmatch(host.lower())
        if named is None or (named[1] not in self._hosts and "*" not in self._hosts):
            raise Refusal(421, "host-unknown")
