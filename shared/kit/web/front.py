"""How a front is built: a process that answers people with pages, and calls the services' APIs as the person does."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fastapi import APIRouter, FastAPI
from pymongo import IndexModel
from starlette.middleware.gzip import GZipMiddleware

from shared.kit.base import tracing
from shared.kit.base.catalogue import KIT, Catalogue
from shared.kit.base.metrics import HttpMetrics
from shared.kit.base.settings import Settings
from shared.kit.web.app import OWN_TRACES, connected, probes
from shared.kit.web.gate import Doors, Gate, Limits
from shared.kit.web.keys import Keys
from shared.kit.web.middleware import Middleware

COMPRESSED_FROM_BYTES = 1000
S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Front(Generic[S]):
    """A process with pages. It has a database, and neither events nor a worker. `install` answers failures; `opened` is
    what it holds while it runs; `large_bodies` are the addresses that take larger bodies, and how large."""

    name: str
    title: str
    routers: Sequence[APIRouter]
    indexes: Mapping[str, Sequence[IndexModel]]
    messages: Catalogue
    doors: Doors
    install: Callable[[FastAPI], None]
    opened: Callable[[FastAPI, S], AbstractAsyncContextManager[None]]
    body_limit_bytes: int = 256 * 1024
    large_bodies: Mapping[str, int] = field(default_factory=dict)

    @property
    def database(self) -> str:
        return f"mkd_{self.name}"


def front(its: Front[S], settings: S) -> FastAPI:
    """The HTTP process of a front."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            connected(app, settings, its.database, app.state.keys, "front-failed"),
            its.opened(app, settings),
        ):
            yield

    app = FastAPI(
        title=its.title, lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, telemetry=OWN_TRACES
    )
    tracing.configure(its.name, "front", settings.instance)
    app.state.settings = settings
    app.state.clock = settings.clock()
    app.state.keys = Keys(settings.issuer)
    app.state.messages = KIT | its.messages
    its.install(app)
    metrics = HttpMetrics(its.name, "front")
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES)
    app.add_middleware(Gate, settings=settings, limits=Limits(its.body_limit_bytes, its.large_bodies), doors=its.doors)
    app.add_middleware(Middleware, metrics=metrics)
    for router in its.routers:
        app.include_router(router)
    probes(app, metrics)
    return app
