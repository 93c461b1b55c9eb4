"""What tests are given: the real parts, started once, and a whole platform for those that want one."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
import uvicorn

from deploy.base.home import ROOT, listening
from deploy.local import issuer as demo_issuer
from shared.kit.base.settings import Settings
from tests.harness.databases import SHARED_PREFIX
from tests.harness.parts import Parts, free_port_base, parts, wait_for
from tests.harness.platform import AUDIENCE, Platform, platform

# Tracebacks without what variables held: with it, one failure is megabytes, and minutes.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
SIGN_IN = "sign-in-of-the-tests"
LONGEST_FIRST = (
    "platform/test_recovery.py",
    "platform/test_chaos.py",
    "deploy/test_stacks.py",
    "platform/test_lost_by_kafka.py",
    "platform/test_schemathesis.py",
    "platform/test_guards.py",
    "platform/test_worked_examples.py",
    "platform/test_personal_data.py",
)
"""Files that take minutes begin before the others, so that no process waits for another's at the end."""


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
    place = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('seed')} (repeat with: ./mkd test --seed {config.getoption('seed')})"


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
    config = uvicorn.Config(demo_issuer.issuer(settings, signing_key, SIGN_IN), port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listening(port), "the issuer")
    yield settings.issuer
    server.should_exit = True
    thread.join(10)


@pytest.fixture
async def memory(real_parts: Parts, issuer: str, signing_key: bytes, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on a bus in memory."""
    async with platform(real_parts, issuer, signing_key, SIGN_IN, tmp_path, real=False) as whole:
        yield whole


@pytest.fixture(params=["memory", "real"])
async def either(
    request: pytest.FixtureRequest, real_parts: Parts, issuer: str, signing_key: bytes, tmp_path: Path
) -> AsyncIterator[Platform]:
    """The platform on a bus in memory, and again on the real Kafka."""
    real = request.param == "real"
    async with platform(real_parts, issuer, signing_key, SIGN_IN, tmp_path, real=real) as whole:
        yield whole


@pytest.fixture
async def real(real_parts: Parts, issuer: str, signing_key: bytes, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on the real Kafka."""
    async with platform(real_parts, issuer, signing_key, SIGN_IN, tmp_path, real=True) as whole:
        yield whole
