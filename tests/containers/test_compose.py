"""The platform of deploy/compose.yaml, built and started for real, and played on from outside.

Images come from MKD_KAFKA_IMAGE, MKD_MONGO_IMAGE and MKD_BASE_IMAGE; where no image registry answers,
tests/containers/stand-ins makes some.
"""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from demo import province
from demo.people import Apis, Tokens
from demo.play import Addresses, play, settled
from deploy.base.home import PORTAL_AFTER, ROOT, SERVICES
from deploy.demo.month import set_clock
from deploy.local.stack import ADMIN_SUBJECT
from tests.harness.parts import free_port_base

READY_WITHIN_S = 180
EMPLOYEES, DAYS, SEED = 24, 4, 3


def _compose() -> list[str] | None:
    """The compose that is here: the engine's plugin, or the older program."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            return command
    return None


def _reason() -> str | None:
    """Why this cannot run here."""
    if "MKD_TEST_COMPOSE" not in os.environ:
        return "builds images and starts fifteen containers: say MKD_TEST_COMPOSE=1"
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True).returncode:
        return "no container engine answers"
    return None if _compose() else "there is neither `docker compose` nor `docker-compose`"


pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(why := _reason()), reason=why or ""),
]


@dataclass
class Containers:
    """The platform in containers, apart from any other in name, ports and business time."""

    ports: int
    clock: Path

    @property
    def first_port(self) -> int:
        return self.ports * 100

    def address(self, of: int) -> str:
        return f"http://127.0.0.1:{self.first_port + of}"

    def compose(self, *words: str) -> str:
        """What compose says. Fails with its words when it fails."""
        told = {
            "COMPOSE_PROJECT_NAME": "mkd-test",
            "MKD_PORTS": str(self.ports),
            "MKD_ISSUER": self.address(0),
            "MKD_DEMO_CLOCK_FOLDER": str(self.clock.parent),
        }
        command = [*(_compose() or []), "--env-file", "deploy/demo.env", "-f", "deploy/compose.yaml", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | told, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def start(self) -> float:
        """Start everything; seconds until all are ready."""
        started = time.monotonic()
        self.compose("up", "-d")
        all_of_them = [0, PORTAL_AFTER, *(role + n for role in (1, 11) for n in range(len(SERVICES)))]
        waiting = [self.address(one) + "/readyz" for one in all_of_them]
        while waiting := [url for url in waiting if not _ready(url)]:
            assert time.monotonic() - started < READY_WITHIN_S, f"not ready: {waiting}\n{self.compose('ps')}"
            time.sleep(0.2)
        return time.monotonic() - started


def _ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _megabytes(image: str) -> float:
    said = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{.Size}}", image], capture_output=True, text=True, check=True
    )
    return int(said.stdout) / 1e6


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """Built, started, and removed with all that they have stored."""
    clock = tmp_path_factory.mktemp("clock") / "clock"
    clock.parent.chmod(0o755)
    subprocess.run([ROOT / "deploy" / "make-secrets"], check=True)
    ours = Containers(free_port_base() // 100, clock)
    started = time.monotonic()
    ours.compose("build")
    print(f"\nimages built in {time.monotonic() - started:.0f} s: ", end="")
    print(", ".join(f"{name} {_megabytes(f'mkd/{name}'):.0f} MB" for name in ("setup", *SERVICES)))
    try:
        print(f"all ready {ours.start():.0f} s after the start, on empty volumes")
        yield ours
    except BaseException:
        print(ours.compose("logs", "--tail=20"))
        raise
    finally:
        ours.compose("down", "--volumes", "--timeout", "30")


def _addresses(containers: Containers) -> Addresses:
    return Addresses(
        apis={name: containers.address(1 + n) for n, name in enumerate(SERVICES)},
        workers={name: containers.address(11 + n) for n, name in enumerate(SERVICES)},
        issuer=containers.address(0),
        sign_in_secret=(ROOT / ".mkd" / "compose" / "secrets" / "demo-sign-in").read_text(),
        administrator=ADMIN_SUBJECT,
        set_clock=partial(set_clock, containers.clock),
    )


async def _digest(at: Addresses) -> str:
    """What savings makes of all net positions, as the personnel agency sees it."""
    people = province.make(SEED, EMPLOYEES)
    async with httpx.AsyncClient(base_url=at.issuer) as issuer, httpx.AsyncClient(base_url=at.apis["savings"]) as api:
        apis = Apis({"savings": api}, Tokens(issuer, at.sign_in_secret))
        answer = await apis.get(people.people[people.agency].subject, "savings", "/v1/digest")
        return str(answer.raise_for_status().json()["digest"])


async def test_a_week_played_on_containers_matches_the_oracle_and_outlives_them(containers: Containers) -> None:
    at = _addresses(containers)
    result = await play(at, employees=EMPLOYEES, days=DAYS, seed=SEED, say=print)
    assert result.differences == []
    assert result.nonzero > 10
    await asyncio.to_thread(containers.compose, "down", "--timeout", "30")
    print(f"all ready {await asyncio.to_thread(containers.start):.0f} s after the start, on volumes kept")
    assert await _digest(at) == result.digest


async def test_an_instance_in_containers_is_operated_from_the_image_that_set_it_up(containers: Containers) -> None:
    at = _addresses(containers)
    before = await _digest(at)
    operate = partial(containers.compose, "run", "--rm", "--no-deps", "setup", "python", "-m", "deploy.operate")
    assert "Nothing is put aside." in await asyncio.to_thread(operate, "dead-letters", "list")
    said = await asyncio.to_thread(operate, "rebuild", "savings")
    assert "g2 answers now" in said
    assert await _digest(at) == before
    with pytest.raises(AssertionError, match="Stop all workers first"):
        await asyncio.to_thread(operate, "resend")
    workers = [f"{name}-worker" for name in SERVICES]
    await asyncio.to_thread(containers.compose, "stop", *workers)
    assert "commits wait to be sent again" in await asyncio.to_thread(operate, "resend")
    await asyncio.to_thread(containers.compose, "start", *workers)
    await _at_rest(at)
    assert await _digest(at) == before


async def test_a_backup_of_an_instance_in_containers_is_restored_into_empty_volumes(
    containers: Containers, tmp_path: Path
) -> None:
    at = _addresses(containers)
    before = await _digest(at)
    await asyncio.to_thread(tmp_path.chmod, 0o777)
    operate = partial(containers.compose, "run", "--rm", "-v", f"{tmp_path}:/backups", "setup")
    command = ("python", "-m", "deploy.operate")
    await asyncio.to_thread(operate, *command, "backup", "/backups/jabar.tar.gz")
    await asyncio.to_thread(containers.compose, "down", "--volumes", "--timeout", "30")
    said = await asyncio.to_thread(operate, *command, "restore", "/backups/jabar.tar.gz")
    assert "Start the services" in said
    await asyncio.to_thread(containers.start)
    await _at_rest(at)
    assert await _digest(at) == before


async def _at_rest(at: Addresses) -> None:
    async with AsyncExitStack() as stack:
        reached = {
            name: await stack.enter_async_context(httpx.AsyncClient(base_url=url)) for name, url in at.workers.items()
        }
        assert await settled(reached) == []


def test_the_portal_shows_its_first_page_with_its_scripts_and_leads_to_the_issuer(containers: Containers) -> None:
    portal = containers.address(PORTAL_AFTER)
    first = httpx.get(f"{portal}/")
    assert first.status_code == 200
    (script,) = {one for one in first.text.split('"') if one.endswith("/htmx.js")}
    assert httpx.get(portal + script).status_code == 200
    begun = httpx.get(f"{portal}/sign-in")
    to = httpx.URL(begun.headers["location"])
    assert str(to).startswith(containers.address(0))
    assert (to.params["client_id"], to.params["redirect_uri"]) == ("portal", f"{portal}/signed-in")
    assert httpx.get(to).status_code == 200


def test_nothing_of_ours_runs_as_root_or_reaches_further_than_it_must(containers: Containers) -> None:
    listed = containers.compose("ps", "-q").split()
    said = subprocess.run(
        ["docker", "inspect", "--format", "{{.Name}} {{.Config.User}} {{json .HostConfig.PortBindings}}", *listed],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(said) == len(listed) >= 14
    for line in said:
        name, user, published = line.split(" ", 2)
        assert user not in ("", "root", "0"), name
        assert '"HostIp":"127.0.0.1"' in published or published in ("{}", "null"), line
    for service in SERVICES:
        asked = "import socket; socket.create_connection(('kafka', 9092), 3)"
        containers.compose("exec", "-T", f"{service}-worker", "python", "-c", asked)
        with pytest.raises(AssertionError, match="gaierror"):
            containers.compose("exec", "-T", f"{service}-api", "python", "-c", asked)
