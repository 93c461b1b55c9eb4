"""How a service's API is built: the same envelope, failures, probes and documentation for all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

import pymongo
import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.cors import CORSMiddleware

from shared.kit.base import generations, tracing
from shared.kit.base.catalogue import KIT, LANGUAGES, Catalogue
from shared.kit.base.metrics import HttpMetrics
from shared.kit.base.mongo import CLOCK_MAX_S, check_schema_version, clock_skew_s, connect, reachable
from shared.kit.base.settings import Settings
from shared.kit.base.tracing import traceparent as traceparent
from shared.kit.process.service import Service
from shared.kit.web import docspage, documents, examples, operation, problems
from shared.kit.web.auth import Tokens
from shared.kit.web.bodies import nothing_is_dropped
from shared.kit.web.gate import OF_AN_API, WITH_OPEN_FIGURES, Gate, Limits
from shared.kit.web.keys import Keys
from shared.kit.web.middleware import Middleware
from shared.kit.web.problems import Refusal, documented
from shared.kit.web.reading import Compressed, Heads

READY_WITHIN_S = 2
OWN_TRACES: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI would write paths, queries and what exceptions say; the envelope's span names the route and the status."""
log = structlog.get_logger()


def api(service: Service, settings: Settings) -> FastAPI:
    """The HTTP process of a service. It reads and writes MongoDB and never touches Kafka."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connected(app, settings, service.database, app.state.tokens.keys, "api-failed"):
            await generations.check_models(app.state.db, service.models_version)
            yield

    app = FastAPIOffline(
        title=service.title,
        description=service.about,
        version="1",
        openapi_tags=[
            {"name": name, "description": about}
            for name, about in (*service.tags.items(), (operation.TAG, operation.ABOUT))
        ],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(nothing_is_dropped)],
        responses=documented(),
        telemetry=OWN_TRACES,
    )
    said = app.openapi
    tracing.configure(service.name, "api", settings.instance)
    app.state.service = service
    app.state.settings = settings
    app.state.clock = settings.clock()
    app.state.tokens = Tokens(settings.issuer, settings.audience)
    app.state.messages = KIT | service.messages
    problems.install(app)
    metrics = HttpMetrics(service.name)
    app.add_middleware(Heads)
    limits = Limits(service.body_limit_bytes, service.large_bodies)
    doors = WITH_OPEN_FIGURES if settings.open_figures else OF_AN_API
    app.add_middleware(Gate, settings=settings, limits=limits, doors=doors)
    app.add_middleware(Middleware, metrics=metrics)
    app.add_middleware(Compressed)
    _open_to_pages_of(app, settings.origins())
    for router in (*service.routers, operation.router):
        app.include_router(router)
    app.include_router(docspage.router)
    probes(app, metrics)
    _rules(app)
    app.openapi = cache(lambda: _document(service, said()))  # type: ignore[method-assign]

    return app


def _document(service: Service, said: dict[str, Any]) -> dict[str, Any]:
    found = documents.completed(said)
    examples.put_in(found, {**examples.read(examples.OF_ALL), **examples.read(f"services.{service.name}")})
    return found


@asynccontextmanager
async def connected(app: FastAPI, settings: Settings, database: str, keys: Keys, failed: str) -> AsyncIterator[None]:
    """What a process that answers holds while it runs: its database, as `app.state.db`, the issuer's keys, and what
    routes have put into `app.state.at_end`. What ends it is logged under the name `failed`. Raises `NewerData`."""
    app.state.db = connect(settings, database)
    app.state.at_end = AsyncExitStack()
    asking = asyncio.create_task(keys.keep())
    try:
        await check_schema_version(app.state.db)
        yield
    except Exception:
        log.critical(failed, exc_info=True)
        raise
    finally:
        asking.cancel()
        await app.state.at_end.aclose()
        await app.state.db.client.close()
        await asyncio.to_thread(tracing.stop)


def _open_to_pages_of(app: FastAPI, origins: Sequence[str]) -> None:
    """Pages of these origins may read, with a token of their own and without cookies."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=("Accept", "Accept-Language", "Authorization", "If-None-Match"),
            expose_headers=("Changes-Since", "ETag", "Link", "Retry-After"),
        )


def probes(app: FastAPI, metrics: HttpMetrics) -> None:
    """What machines of the network ask a process: whether it lives, whether it is ready, and its measures."""

    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request, response: Response) -> dict[str, bool]:
        """Whether MongoDB answers, and whether this machine's clock is right: a wrong one refuses every good token."""
        with pymongo.timeout(READY_WITHIN_S):
            mongodb = await reachable(request.app.state.db)
            skew_s = await clock_skew_s(request.app.state.db) if mongodb else 0.0
        in_time = abs(skew_s) <= CLOCK_MAX_S
        if not in_time:
            log.error("clock-wrong", ahead_of_mongodb_s=round(skew_s), remedy="put this machine's clock right")
        checks = {"mongodb": mongodb, "clock": in_time}
        response.status_code = 200 if all(checks.values()) else 503
        return checks

    @app.get("/metrics", include_in_schema=False)
    async def scrape() -> Response:
        return Response(await metrics.told(), media_type=CONTENT_TYPE_LATEST)


def _rules(app: FastAPI) -> None:
    @app.get("/problems/{rule}", include_in_schema=False)
    async def rule(rule: str, request: Request) -> dict[str, str]:
        messages: Catalogue = request.app.state.messages
        if rule not in messages:
            raise Refusal(404, "not-found")
        return {"rule": rule, **{language: messages.template(language, rule) for language in LANGUAGES}}
