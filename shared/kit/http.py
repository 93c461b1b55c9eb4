"""How a service's API is built: the same envelope, failures, probes and documentation for all."""

import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.organisation import Role
from shared.kit import problems
from shared.kit.auth import Tokens
from shared.kit.calls import Caller
from shared.kit.decider import Violation
from shared.kit.metrics import HttpMetrics
from shared.kit.mongo import check_age, connect, reachable
from shared.kit.problems import Refusal, answer, documented
from shared.kit.service import Service
from shared.kit.settings import Settings
from shared.kit.wording import preferred

HARMLESS = {"x-content-type-options": "nosniff", "cache-control": "no-store", "vary": "accept-language, authorization"}


class Me(BaseModel):
    """How this service knows you."""

    employee_id: str
    unit_id: str
    superior_id: str | None
    roles: list[Role]


def api(service: Service, settings: Settings) -> FastAPI:
    """The HTTP process of a service. It reads and writes MongoDB and never touches Kafka."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.db = connect(settings, service.database)
        await check_age(app.state.db)
        yield
        await app.state.db.client.close()

    app = FastAPIOffline(
        title=service.title,
        description=service.about,
        version="1",
        lifespan=lifespan,
        redoc_url=None,
        responses=documented(),
    )
    app.state.settings = settings
    app.state.clock = settings.clock()
    app.state.tokens = Tokens(settings.issuer, settings.audience)
    app.state.catalogue = service.wording
    problems.install(app)
    metrics = HttpMetrics(service.name)
    app.add_middleware(Envelope, metrics=metrics, body_limit_bytes=service.body_limit_bytes)
    app.include_router(service.router)
    _probes(app, metrics)
    said = app.openapi
    app.openapi = lambda: problems.as_problems(said())  # type: ignore[method-assign]

    @app.get("/v1/me", tags=["me"], operation_id="me")
    async def me(call: Caller) -> Me:
        """How this service knows you, today."""
        terms = call.actor.terms
        return Me(
            employee_id=call.actor.employee_id,
            unit_id=terms.unit_id,
            superior_id=terms.superior_id,
            roles=list(terms.roles),
        )

    return app


def _probes(app: FastAPI, metrics: HttpMetrics) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request, response: Response) -> dict[str, str]:
        ready = await reachable(request.app.state.db)
        response.status_code = 200 if ready else 503
        return {"mongodb": "reachable" if ready else "no primary answers"}

    @app.get("/metrics", include_in_schema=False)
    async def scrape() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/problems/{rule}", include_in_schema=False)
    async def rule(rule: str, request: Request) -> dict[str, str]:
        if rule not in request.app.state.catalogue:
            raise Refusal(404, "not-found")
        indonesian, english = request.app.state.catalogue[rule]
        return {"rule": rule, "id": indonesian, "en": english}


class Envelope:
    """Around every call: its trace, its language, the limit of its body, its measure, and careful headers."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics, body_limit_bytes: int) -> None:
        self._app = app
        self._metrics = metrics
        self._limit = body_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {}).update(
            language=preferred(headers.get("accept-language", "")), trace=traceparent(headers.get("traceparent"))
        )
        started = time.perf_counter()
        status = 500

        counted = _Counted(receive, self._limit)

        async def sending(message: Message) -> None:
            nonlocal status
            if counted.over:
                if message["type"] == "http.response.start":
                    status = 413
                    await self._too_large(scope, receive, send)
                return
            if message["type"] == "http.response.start":
                status = message["status"]
                outgoing = MutableHeaders(scope=message)
                for name, value in HARMLESS.items():
                    outgoing.setdefault(name, value)
            await send(message)

        try:
            if _length(headers) > self._limit:
                await self._too_large(scope, receive, sending)
            else:
                await self._app(scope, counted, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(scope["method"], route, status).inc()
            self._metrics.seconds.labels(scope["method"], route).observe(time.perf_counter() - started)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(Request(scope), 413, [Violation("body-too-large", value=self._limit)])(scope, receive, send)


class _Counted:
    """A body that does not say its length is broken off at the limit; what the app then answers is not sent."""

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


def traceparent(incoming: str | None) -> str:
    """The caller's trace context (W3C), or a new one."""
    if incoming and re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", incoming):
        return incoming
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
