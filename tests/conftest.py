"""What tests are given: the real parts, started once, and a whole platform for those that want one."""

import asyncio
import gc
import shlex
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deploy.base.home import Home, listening
from deploy.lifecycle.up import down, up
from deploy.local import issuer as demo_issuer
from deploy.local.supervise import Supervisor
from services.portal.served import OF_PACKAGES, Files
from shared.kit.base.settings import Settings
from tests.harness import portal as in_front
from tests.harness.databases import SHARED_PREFIX
from tests.harness.examples import FEW
from tests.harness.parts import Parts, free_port_base, parts, wait_for
from tests.harness.platform import AUDIENCE, Platform, Shared, in_memory, on_kafka, shared
from tests.harness.portal import Portal
from tests.harness.stacks import local_parts_only
from tests.harness.town import begun_by

# Tracebacks without what variables held: with it, one failure is megabytes, and minutes.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
gc.set_threshold(50_000)  # collecting the tests makes millions of objects, which all stay
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # services run on it too
settings.load_profile(FEW)
SIGN_IN = "sign-in-of-the-tests"
SHARING = (
    "deploy/test_stacks.py::test_a_start_that_is_interrupted",
    "platform/test_personal_data.py::test_personal_data_is_in_its",
    "deploy/test_stacks.py",
)
"""Tests of one stack, in this order: from its first start to its last stop."""

LONGEST_FIRST = (
    "platform/test_recovery.py",
    *SHARING,
    "platform/test_chaos.py",
    "benchmarks/test_small.py",
    "platform/test_schemathesis.py",
    "platform/test_guards.py",
    "kit/test_worker.py",
    "platform/test_stops.py",
    "test_journey.py",
    "platform/test_hostile_values.py",
    "platform/test_cloudevents.py",
    "platform/test_tls.py",
    "platform/test_strangers.py",
    "platform/test_poison.py",
    "kit/test_upgrade.py",
    "platform/test_worked_examples.py",
    "requests/test_taking_back.py",
    "savings/test_differencing.py",
    "savings/test_any_order.py",
    "performance/test_any_order.py",
    "deploy/test_check.py::test_everything",
    "requests/test_way_out.py",
    "kit/test_metrics.py",
    "kit/test_keys.py",
    "kit/test_tracing.py",
    "organisation/test_as_shown.py::test_refusing",
    "organisation/test_carried_through.py",
)
"""What takes longest begins before the others, so that no process waits for another's at the end."""

TOGETHER = (
    "containers/test_compose.py",
    "contracts/test_asyncapi.py",
    "contracts/test_descriptions.py",
    "deploy/test_rooms.py",
    "documents/test_site.py",
    "kit/test_messages.py",
    "platform/test_recovery.py",
    "portal/test_pictures.py",
)
"""Files whose tests share what one process has made for them. All other tests go, one by one, to who is free."""


class ByTest(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests to processes: one by one, but for those of files that share something."""

    def _split_scope(self, nodeid: str) -> str:
        name = nodeid.removeprefix("tests/")
        if name.startswith(SHARING):
            return "shared stack"
        file = name.partition("::")[0]
        return file if file in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return ByTest(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=1, help="What random tests draw from; the long run draws it anew.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable: within a file, and among the others, the order stays. What asks for a ring of parts is of
    that ring."""
    for item in items:
        params = getattr(item, "callspec", None)
        if "real" in getattr(item, "fixturenames", ()) or (params and params.params.get("either") == "real"):
            item.add_marker(pytest.mark.kafka)
        if "real_parts" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.parts)
        _must_be_together(item)
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    name = item.nodeid.removeprefix("tests/")
    return next((number for number, first in enumerate(LONGEST_FIRST) if name.startswith(first)), len(LONGEST_FIRST))


def _must_be_together(item: pytest.Item) -> None:
    """What is made once for a file would be made twice if two processes had its tests."""
    fixtures = getattr(item, "_fixtureinfo", None)
    for name, found in fixtures.name2fixturedefs.items() if fixtures else ():
        if found[-1].scope == "module" and found[-1].baseid.endswith(".py") and not found[-1].baseid.endswith(TOGETHER):
            raise pytest.UsageError(f"{name} is shared by the tests of {found[-1].baseid}: name that file in TOGETHER")


def pytest_collection_finish() -> None:
    """What has been collected stays: it is not looked through again and again for what could be given back."""
    gc.freeze()


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('seed')} (repeat with: ./mkd test --seed {config.getoption('seed')})"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Each failure with the command that repeats it."""
    failed = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])]
    for report in failed:
        long = "--long " if "long" in getattr(report, "keywords", ()) else ""
        words = f"{long}-n 0 --seed {config.getoption('seed')} {shlex.quote(report.nodeid)}"
        terminalreporter.write_line(f"repeat with: ./mkd test {words}")


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """What random tests draw from."""
    return int(request.config.getoption("seed"))


@pytest.fixture(scope="session")
def real_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A real Kafka and a real MongoDB."""
    with parts(tmp_path_factory.mktemp("parts")) as found:
        print(f"\nKafka and MongoDB: {found.origin}")
        yield found
        with found.admin() as client:
            for name in client.list_database_names():
                if name.startswith(SHARED_PREFIX.replace(".", "_")):
                    client.drop_database(name)


@pytest.fixture(scope="session")
def place_of_a_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Where `shared_stack` stands, or is to stand."""
    local_parts_only()
    home = Home(tmp_path_factory.mktemp("shared") / "stack", free_port_base())
    yield home
    down(home, print)


@pytest.fixture
def shared_stack(place_of_a_stack: Home) -> Home:
    """A whole stack of processes that tests of several files have one after the other, in the order of `SHARING`."""
    if not Supervisor(place_of_a_stack).running():
        up(place_of_a_stack, print)
    return place_of_a_stack


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The key of the tests' issuer, as PEM."""
    file = tmp_path_factory.mktemp("issuer") / "key.pem"
    demo_issuer.make_key(file)
    return file.read_bytes()


@pytest.fixture(scope="session")
def issuer(signing_key: bytes) -> Iterator[str]:
    """An issuer that is reached over HTTP, as a real one is."""
    port = free_port_base()
    settings = Settings(
        instance="tests",
        demo=True,
        mongo_url="mongodb://127.0.0.1:1/",
        kafka_bootstrap="127.0.0.1:1",
        issuer=f"http://127.0.0.1:{port}",
        audience=AUDIENCE,
    )
    clients = [in_front.CLIENT, in_front.in_chromium(port)]
    app = demo_issuer.issuer(settings, signing_key, SIGN_IN, clients)
    config = uvicorn.Config(app, port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listening(port), "the issuer")
    yield settings.issuer
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
async def shared_platform(
    real_parts: Parts, issuer: str, signing_key: bytes, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shared]:
    """What tests of the whole platform have in common."""
    async with shared(real_parts, issuer, signing_key, SIGN_IN, tmp_path_factory.mktemp("platform")) as its:
        yield its


@pytest.fixture
async def memory(request: pytest.FixtureRequest, shared_platform: Shared) -> Platform:
    """The platform on a bus in memory."""
    return await in_memory(shared_platform, begun_by(request.function))


@pytest.fixture(scope="session")
async def shared_portal(shared_platform: Shared, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The portal's process."""
    async with in_front.running(shared_platform.settings["requests"], tmp_path_factory.mktemp("portal")) as app:
        yield app


@pytest.fixture
async def portal(memory: Platform, shared_portal: FastAPI) -> Portal:
    """The portal in front of the platform on a bus in memory."""
    return await in_front.on(shared_portal, memory)


@pytest.fixture
def portal_with_scripts(portal: Portal, tmp_path: Path) -> Iterator[Portal]:
    """The same, with stand-ins for the scripts that come from npm: pages name them."""
    kept = portal.app.state.files
    for path in (path for paths, _ in OF_PACKAGES.values() for path in paths):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("// a stand-in")
    portal.app.state.files = Files(tmp_path, None)
    yield portal
    portal.app.state.files = kept


@pytest.fixture
async def real(real_parts: Parts, shared_platform: Shared) -> AsyncIterator[Platform]:
    """The platform on the real Kafka."""
    async with on_kafka(real_parts, shared_platform) as whole:
        yield whole


@pytest.fixture(params=["memory", "real"])
async def either(request: pytest.FixtureRequest, real_parts: Parts, shared_platform: Shared) -> AsyncIterator[Platform]:
    """The platform on a bus in memory, and again on the real Kafka."""
    if request.param == "memory":
        yield await in_memory(shared_platform)
        return
    async with on_kafka(real_parts, shared_platform) as whole:
        yield whole
