"""What is around every call of an API: its trace, its language, its measure, careful headers."""

import time
from collections.abc import Mapping
from typing import Any

import structlog
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.base import tracing
from shared.kit.base.catalogue import preferred
from shared.kit.base.metrics import HttpMetrics
from shared.kit.base.tracing import Step

HARMLESS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "vary": "accept-language, authorization",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}
STREAM = "text/event-stream"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Middleware:
    """ASGI middleware around all routes of a service."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

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
        careful = _Careful(send, scope["state"], self._metrics)
        try:
            await self._app(scope, receive, careful)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(method, route, careful.status).inc()
            if careful.is_stream:
                self._metrics.streams.dec()
            else:
                self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
            _tell(step, method, route, careful.status)


class _Careful:
    """Sends with careful headers, and knows the status that was sent: a call that nothing answers has failed. Where a
    call has noted a point that was passed before it read, whoever follows changes is told of it."""

    def __init__(self, send: Send, state: Mapping[str, Any], metrics: HttpMetrics) -> None:
        self._send = send
        self._state = state
        self._metrics = metrics
        self.status = 500
        self.is_stream = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            outgoing = MutableHeaders(scope=message)
            self.is_stream = outgoing.get("content-type", "").startswith(STREAM)
            if self.is_stream:
                self._metrics.streams.inc()
            if "point" in self._state:
                outgoing.setdefault("changes-since", self._state["point"])
            for name, value in HARMLESS.items():
                outgoing.setdefault(name, value)
        await self._send(message)


def _tell(step: Step, method: str, route: str, status: int) -> None:
    """The route as it is written, never the path as it was asked for: that may hold anything."""
    step.span.update_name(f"{method} {route}")
    step.span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        step.failed(str(status))
