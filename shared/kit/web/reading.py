"""What every address that is read has: `HEAD` beside `GET`, and answers that travel compressed.

Compression and secrets: whoever can put text of their choice beside a secret, and sees how long the compressed answer
is, can guess the secret (BREACH). No answer here holds one: there are no cookies and no tokens in bodies, and who is
asking is said by a header that no other site's page can make a browser send. Still, what repeats the caller's own words
(refusals, and answers to commands and drafts) is never compressed: only what a `GET` has found is.
"""

import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COMPRESSED = ("application/json", "text/csv", "text/html", "text/javascript", "text/css")
SMALLEST_BYTES = 1400
"""A smaller body fits into one packet as it is."""
LEVEL = 1
"""The fastest: JSON and CSV shrink to a sixth or less by it, and other calls wait meanwhile."""
HEADERS_ALONE = "mkd.headers_alone"
"""What a scope says where nothing but headers is asked for."""
VERSION = re.compile(r'"[0-9]+"')
"""The tag of what commands change. It stays strong, since `If-Match` is told to compare so (RFC 9110, 13.1.1)."""
GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


class Heads:
    """ASGI middleware that answers `HEAD` as `GET`, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        asked = {**scope, "method": "GET", HEADERS_ALONE: True}
        try:
            await self._app(asked, receive, without_body)
        finally:
            if "route" in asked:
                scope["route"] = asked["route"]


class Compressed:
    """ASGI middleware that compresses what is read, for those who take it so.

    The tag of a compressed answer is weak: it says that the same is told, in other bytes (RFC 9110, 8.8.1). Whoever
    names it is understood, and answered 304 under the tag that they have.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Sending(scope, send))


class _Sending:
    """Holds the beginning of an answer until its body is there, and with it whether it is large enough."""

    def __init__(self, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        self._head = scope["method"] == "HEAD"
        self._takes = takes_gzip(headers.get("accept-encoding", ""))
        self._seen = headers.get("if-none-match", "")
        self._send = send
        self._held: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if message["status"] == 304 and f"W/{headers.get('etag')}" in self._seen:
                _weaken(headers)
            if message["status"] in (200, 304) and (message["status"] == 304 or _may_be(headers)):
                headers.add_vary_header("Accept-Encoding")
            if message["status"] == 200 and self._takes and _may_be(headers):
                self._held = message
                return
        elif self._held is not None:
            held, self._held = self._held, None
            if message["type"] == "http.response.body" and not message.get("more_body"):
                message = self._compressed(MutableHeaders(scope=held), message)
            await self._send(held)
        await self._send(message)

    def _compressed(self, headers: MutableHeaders, message: Message) -> Message:
        body: bytes = message.get("body", b"")
        size = int(headers.get("content-length", "0")) if self._head else len(body)
        if size < SMALLEST_BYTES:
            return message
        if self._head:
            headers["Content-Encoding"] = "gzip"
            _weaken(headers)
            del headers["content-length"]
            return message
        return {**message, "body": _packed(headers, body)}


def compressed(answer: Response) -> Response:
    """An answer as it travels to those who take it compressed, where it is large enough: made once, for whoever keeps
    it and sends it again."""
    body = bytes(answer.body)
    if not _may_be(answer.headers) or len(body) < SMALLEST_BYTES:
        return answer
    headers = MutableHeaders(raw=list(answer.headers.raw))
    headers.add_vary_header("Accept-Encoding")
    packed = _packed(headers, body)
    return Response(packed, answer.status_code, headers)


def _packed(headers: MutableHeaders, body: bytes) -> bytes:
    packed = gzip.compress(body, LEVEL, mtime=0)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    _weaken(headers)
    return packed


def takes_gzip(accept_encoding: str) -> bool:
    """True if an `Accept-Encoding` names gzip, or anything, with a weight above nothing."""
    for weight in GZIP.findall(accept_encoding):
        try:
            return float(weight or 1) > 0
        except ValueError:
            continue
    return False


def _may_be(headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    versioned = VERSION.fullmatch(headers.get("etag", ""))
    return kind in COMPRESSED and "content-encoding" not in headers and not versioned


def _weaken(headers: MutableHeaders) -> None:
    tag = headers.get("etag")
    if tag and not tag.startswith("W/"):
        headers["ETag"] = f"W/{tag}"
