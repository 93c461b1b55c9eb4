"""The whole platform in one process: five APIs, and five workers on a bus in memory or on the real Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from fastapi import FastAPI

from demo.people import Apis, Tokens
from deploy.demo.month import set_clock
from deploy.local.issuer import sign
from deploy.provision import resources as provision
from shared.kit.base import generations, points
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import HttpMetrics
from shared.kit.base.mongo import Database, connect
from shared.kit.base.settings import Settings
from shared.kit.messaging import redrive
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.relay import Relay
from shared.kit.process.service import Service
from shared.kit.process.worker import Worker
from shared.kit.web import app as http
from shared.kit.web.keys import QUESTIONS_PER_MINUTE
from shared.kit.web.limits import Pace
from shared.people.lookup import Memory
from tests.harness.bus import MemoryBus
from tests.harness.databases import SHARED_PREFIX, State, Watched
from tests.harness.parts import Parts, for_test

AUDIENCE = "tests"
TOKENS_LAST_S = 600


@dataclass
class Platform:
    """Everything that a test may want to hold."""

    services: dict[str, Service]
    settings: dict[str, Settings]
    apps: dict[str, FastAPI]
    databases: dict[str, Database]
    apis: Apis
    clock_file: Path
    key: bytes
    bus: MemoryBus | None
    runners: dict[str, Runner]
    relays: dict[str, Relay]
    workers: dict[str, Worker]
    watched: Watched
    as_made: State
    settling: asyncio.Lock = field(default_factory=asyncio.Lock)
    running: dict[str, AsyncExitStack] = field(default_factory=dict)
    _tokens: dict[tuple[str, str, int], tuple[float, str]] = field(default_factory=dict)

    async def start(self, name: str) -> Worker:
        """Start a service's worker on the real Kafka."""
        worker = Worker(self.services[name], self.settings[name])
        self.running[name] = AsyncExitStack()
        await self.running[name].enter_async_context(worker.running())
        self.workers[name] = worker
        return worker

    async def stop(self, name: str) -> None:
        """Stop it."""
        self.workers.pop(name, None)
        await self.running.pop(name).aclose()

    def put_on(self, bus: MemoryBus) -> None:
        """Let everybody hear and relay on a bus in memory, and forget what they knew."""
        self.bus = bus
        for name, app in self.apps.items():
            app.state.memory = Memory(self.databases[name])
        for name, service in self.services.items():
            db, its = self.databases[name], self.settings[name]
            for consumer in service.consumers:
                self.runners[consumer.name] = Runner(consumer, db, its.clock(), its.instance, its.topic_prefix)
            lease = Lease(db, "relay", "test")
            self.relays[name] = Relay(db, service.publisher, bus, lease, instance=its.instance, prefix=its.topic_prefix)

    async def untouched(self) -> State | None:
        """The state that its databases were brought to, where nothing has happened on it since."""
        return None if self.bus and self.bus.partitions else await self.watched.untouched()

    def set_clock(self, moment: datetime) -> None:
        set_clock(self.clock_file, moment)

    def token(self, subject: str, *, audience: str = AUDIENCE, lifetime_s: int = TOKENS_LAST_S) -> str:
        """A token for anybody: the same again for a while, as people use theirs."""
        made = (subject, audience, lifetime_s)
        since, known = self._tokens.get(made, (0.0, ""))
        if not known or time.monotonic() - since > lifetime_s / 10:
            known = sign(self.key, self.settings["requests"].issuer, audience, subject, lifetime_s)
            self._tokens[made] = (time.monotonic(), known)
        return known

    async def settle(self) -> None:
        """Until nothing is unsent, unheard or due."""
        async with self.settling:
            await (self._pump() if self.bus else self._wait())

    async def _pump(self) -> None:
        assert self.bus
        moved = 1
        while moved:
            moved = 0
            await self._jobs()
            for relay in self.relays.values():
                moved += await relay.attempt()
            for runner in self.runners.values():
                moved += await self.bus.hear(runner)
            await self._sweep()

    async def _jobs(self) -> None:
        for name, service in self.services.items():
            await service.run_jobs(self.databases[name], generations.FIRST, self.settings[name].clock())

    async def _sweep(self) -> None:
        groups = {runner.group: runner for runner in self.runners.values()}
        for db in self.databases.values():
            for group in await redrive.waiting(db, [group for group, its in groups.items() if its.db is db]):
                await redrive.sweep(groups[group])

    async def _wait(self) -> None:
        quiet = 0
        async with asyncio.timeout(90):
            while quiet < 2:
                still = all(await asyncio.gather(*(_at_rest(worker) for worker in self.workers.values())))
                quiet = quiet + 1 if still else 0
                await asyncio.sleep(0.05)


async def _at_rest(worker: Worker) -> bool:
    unsent = await worker.db.commits.count_documents({"sent": False})
    pending = await worker.service.pending(worker.db, worker.generation, worker.clock)
    return not unsent and not any(pending.values()) and not sum((await worker.lag()).values())


@dataclass(frozen=True)
class Shared:
    """What tests have in common that use the platform in memory one after another: it costs more to build than most
    of them do."""

    services: dict[str, Service]
    settings: dict[str, Settings]
    apps: dict[str, FastAPI]
    databases: dict[str, Database]
    apis: Apis
    clock_file: Path
    key: bytes
    watched: Watched
    as_made: State


@asynccontextmanager
async def shared(parts: Parts, issuer: str, key: bytes, secret: str, folder: Path) -> AsyncIterator[Shared]:
    """The five APIs, and databases as they are new."""
    async with _apis(parts, issuer, secret, folder, SHARED_PREFIX) as (services, settings, apps, databases, apis):
        watched = Watched(list(databases.values()))
        as_made = await watched.keep()
        yield Shared(services, settings, apps, databases, apis, folder / "clock", key, watched, as_made)


async def in_memory(its: Shared, state: State | None = None) -> Platform:
    """A platform in the demo's time on a bus in memory: everything is as new, or databases are in another state."""
    whole = await _brought_back(its, state)
    whole.put_on(MemoryBus())
    return whole


async def _brought_back(its: Shared, state: State | None = None) -> Platform:
    """A platform that hears and says nothing yet."""
    its.clock_file.unlink(missing_ok=True)
    await its.watched.bring_back(its.as_made if state is None else state)
    for name, app in its.apps.items():
        _as_new(name, app)
    return Platform(
        dict(its.services),
        dict(its.settings),
        dict(its.apps),
        dict(its.databases),
        Apis(dict(its.apis.clients), its.apis.tokens),
        its.clock_file,
        its.key,
        None,
        {},
        {},
        {},
        its.watched,
        its.as_made,
    )


def _as_new(name: str, app: FastAPI) -> None:
    """Let an app forget what earlier tests have asked it, but for the issuer's keys."""
    app.state.memory = Memory(app.state.db)
    points._passed.pop(app.state.db.client, None)
    if hasattr(app.state, "listening"):
        app.state.listening._stop()
        del app.state.listening
    app.state.tokens.keys._questions = Pace(QUESTIONS_PER_MINUTE)
    (metrics,) = (part.kwargs["metrics"] for part in app.user_middleware if "metrics" in part.kwargs)
    vars(metrics).update(vars(HttpMetrics(name)))


@asynccontextmanager
async def on_kafka(parts: Parts, its: Shared) -> AsyncIterator[Platform]:
    """A platform in the demo's time on Kafka: databases are as new, and so are topics, with which Kafka forgets how
    far they were heard."""
    whole = await _brought_back(its)
    prefix = whole.settings["requests"].topic_prefix
    async with AsyncExitStack() as stack:
        stack.callback(_remove_topics, parts, prefix)
        await asyncio.to_thread(provision.topics, parts.cluster, prefix)
        if parts.secured:
            await asyncio.to_thread(provision.rights, parts.cluster, list(whole.services.values()), prefix)
        stack.push_async_callback(_stop_all, whole)
        await asyncio.gather(*(whole.start(name) for name in whole.services))
        yield whole


def _remove_topics(parts: Parts, prefix: str) -> None:
    client = parts.cluster.client()
    there = [name for name in client.list_topics(timeout=30).topics if name.startswith(prefix)]
    for future in client.delete_topics(there, operation_timeout=30).values():
        future.result()


Made = tuple[dict[str, Service], dict[str, Settings], dict[str, FastAPI], dict[str, Database], Apis]


@asynccontextmanager
async def _apis(parts: Parts, issuer: str, secret: str, folder: Path, prefix: str) -> AsyncIterator[Made]:
    """Databases that are made, and the APIs on them."""
    services = {service.name: service for service in provision.services()}
    settings = {name: for_test(parts.settings(name), prefix, issuer, folder / "clock") for name in services}
    settings = {name: its.model_copy(update={"operator_subjects": "operator"}) for name, its in settings.items()}
    settings["organisation"] = settings["organisation"].model_copy(update={"admin_subject": "administrator"})
    async with AsyncExitStack() as stack:
        databases = {name: connect(settings[name], service.database) for name, service in services.items()}
        for db in databases.values():
            stack.push_async_callback(db.client.close)
        await provision.databases(list(services.values()), list(settings.values()))
        apps = {name: http.api(service, settings[name]) for name, service in services.items()}
        clients = {}
        for name, app in apps.items():
            await stack.enter_async_context(app.router.lifespan_context(app))
            clients[name] = await stack.enter_async_context(_client(app, name))
        tokens = Tokens(await stack.enter_async_context(httpx.AsyncClient(base_url=issuer)), secret)
        yield services, settings, apps, databases, Apis(clients, tokens)


async def _stop_all(whole: Platform) -> None:
    await asyncio.gather(*(whole.stop(name) for name in list(whole.running)))


def _client(app: FastAPI, name: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{name}")
