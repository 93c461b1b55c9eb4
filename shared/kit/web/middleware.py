"""What is around every call of an API: its trace, its language, its measure, careful headers."""

import time

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
        careful = _Careful(send)
        try:
            await self._app(scope, receive, careful)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(method, route, careful.status).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
            _tell(step, method, route, careful.status)


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


def _tell(step: Step, method: str, route: str, status: int) -> None:
    """The route as it is written, never the path as it was asked for: that may hold anything."""
    step.span.update_name(f"{method} {route}")
    step.span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        step.failed(str(status))
