"""What is around every call of an API: its trace, its language, its measure, the limit of its body, careful headers."""

import time

import structlog
from fastapi import Request
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit import tracing
from shared.kit.decider import Violation
from shared.kit.metrics import HttpMetrics
from shared.kit.problems import answer
from shared.kit.tracing import Step
from shared.kit.wording import preferred

HARMLESS = {"x-content-type-options": "nosniff", "cache-control": "no-store", "vary": "accept-language, authorization"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Envelope:
    """ASGI middleware around all routes of a service."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics, body_limit_bytes: int) -> None:
        self._app = app
        self._metrics = metrics
        self._limit = body_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with tracing.step(method, SpanKind.SERVER, after=tracing.continued(headers.get("traceparent"))) as step:
            trace, language = step.trace or tracing.traceparent(None), preferred(headers.get("accept-language", ""))
            scope.setdefault("state", {}).update(language=language, trace=trace)
            with structlog.contextvars.bound_contextvars(trace=trace):
                await self._measured(scope, receive, send, method, step)

    async def _measured(self, scope: Scope, receive: Receive, send: Send, method: str, step: Step) -> None:
        started = time.perf_counter()
        careful = _Careful(send)
        try:
            await self._limited(scope, receive, careful)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(method, route, careful.status).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
            _tell(step, method, route, careful.status)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body that says that it is too large is not read; one that does not say so is broken off at the limit, and
        what the app then answers is not sent."""
        if _length(Headers(scope=scope)) > self._limit:
            await self._too_large(scope, receive, send)
            return
        counted = _Counted(receive, self._limit)

        async def sending(message: Message) -> None:
            if not counted.over:
                await send(message)
            elif message["type"] == "http.response.start":
                await self._too_large(scope, receive, send)

        await self._app(scope, counted, sending)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(Request(scope), 413, [Violation("body-too-large", value=self._limit)])(scope, receive, send)


class _Careful:
    """Sends with careful headers, and knows the status that was sent: a call that nothing answers has failed."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            outgoing = MutableHeaders(scope=message)
            for name, value in HARMLESS.items():
                outgoing.setdefault(name, value)
        await self._send(message)


class _Counted:
    """Reads a body up to a limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    @property
    def over(self) -> bool:
        return self._left < 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.over else message


def _length(headers: Headers) -> int:
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() else 0


def _tell(step: Step, method: str, route: str, status: int) -> None:
    """The route as it is written, never the path as it was asked for: that may hold anything."""
    step.span.update_name(f"{method} {route}")
    step.span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        step.failed(str(status))
