"""Data of an earlier version are gone on with: what people had loaded is there, and who they were they are."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from demo import province
from demo.play import play
from demo.stage import WIB
from deploy.base.home import CACHE, ROOT, SERVICES, Home
from deploy.demo import samples
from deploy.demo.month import set_clock
from deploy.demo.people import cast
from deploy.lifecycle.up import down, up
from deploy.local import folder, mongod, stack
from deploy.recovery import rebuild, resend
from tests.harness.parts import free_port_base
from tests.harness.stacks import addresses, at_rest, bearer, digest, local_parts_only

BEFORE = ("aa1e943", "787acfe", "40f685e", "3680a40")
"""Commits whose data are gone on with: of before what read models hold was changed, of before the rooms were, of before
streams carried the instance, and of before an employee's month was one document."""

PLAYED = ("40f685e", "3680a40")
SEED, PEOPLE, DAYS = 5, 40, 3


@pytest.fixture
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A checkout of the version before. Skips where the history is not at hand."""
    local_parts_only()
    checkout = tmp_path / "earlier"
    made = subprocess.run(
        ["git", "worktree", "add", "--detach", str(checkout), request.param], cwd=ROOT, capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"the history has no {request.param}")
    (checkout / ".mkd").mkdir()
    (checkout / ".mkd" / "cache").symlink_to(CACHE)
    yield checkout
    subprocess.run(["git", "worktree", "remove", "--force", str(checkout)], cwd=ROOT, check=True)


def mkd(checkout: Path, home: Home, *words: str) -> None:
    place = {"MKD_HOME": str(home.path), "MKD_PORT_BASE": str(home.port_base)}
    subprocess.run([sys.executable, "-m", "deploy", *words], cwd=checkout, env=os.environ | place, check=True)


def load(home: Home, sheets: Path) -> None:
    """The administrator loads every sheet of a folder, in order."""
    url = f"http://127.0.0.1:{home.api_port('organisation')}/v1/imports"
    with httpx.Client(headers=bearer(home, "administrator"), timeout=60) as client:
        for number, file in enumerate(sorted(sheets.glob("*.csv"))):
            kind = file.stem.partition("-")[2]
            its = {"Content-Type": "text/csv", "Idempotency-Key": f"sheet-{number}"}
            sent = client.post(url, params={"kind": kind}, content=file.read_bytes(), headers=its)
            report = sent.raise_for_status().json()
            assert report["status"] == "valid", report
            confirmed = client.post(
                f"{url}/{report['import_id']}:confirm", headers={"Idempotency-Key": f"yes-{number}"}
            )
            confirmed.raise_for_status()


def commits(home: Home) -> dict[str, int]:
    with mongod.admin(home) as client:
        return {name: client[f"mkd_{name}"].commits.count_documents({}) for name in SERVICES}


def everybody_is_known(home: Home) -> None:
    """To every service, under the subject that they had."""
    for part in cast(samples.office(), samples.SEED, samples.DAYS):
        for service in ("requests", "approvals", "performance", "savings"):
            url = f"http://127.0.0.1:{home.api_port(service)}/v1/me"
            me = httpx.get(url, headers=bearer(home, part.subject), timeout=30)
            assert (me.status_code == 200) == (part.role != "administrator"), (part, service, me.text)


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("earlier", BEFORE, indirect=True)
async def test_data_of_the_version_before_are_gone_on_with(earlier: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", free_port_base())
    samples.write(tmp_path / "sheets", "csv", "")
    try:
        await asyncio.to_thread(mkd, earlier, home, "up", "--detach")
        set_clock(stack.clock_file(home), datetime(2026, 8, 3, 8, tzinfo=WIB))
        await asyncio.to_thread(load, home, tmp_path / "sheets")
        before = commits(home)
        assert before["organisation"] > samples.PEOPLE
        await asyncio.to_thread(down, home, print)
        await asyncio.to_thread(partial(up, home, print, keep_clock=True))
        assert folder.begun(home)
        await at_rest(home)
        after = commits(home)
        assert all(after[name] >= count for name, count in before.items()), (before, after)
        await asyncio.to_thread(everybody_is_known, home)
        (savings,) = (service for service in rebuild.rebuilt_services() if service.name == "savings")
        await rebuild.rebuild(savings, stack.settings(home, "savings"), print)
    finally:
        await asyncio.to_thread(down, home, print)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("earlier", PLAYED, indirect=True)
async def test_figures_of_the_version_before_stay_through_a_rebuild_and_a_resend(earlier: Path, tmp_path: Path) -> None:
    """What was heard before is known to have been heard; what is read again from Kafka comes to the same hash. Read
    models that today's code cannot go on with are filled anew by `up`, to the same hash too."""
    home = Home(tmp_path / "home", free_port_base())
    agency = next(p.subject for p in province.make(SEED, PEOPLE).people.values() if p.history[0].roles)
    try:
        await asyncio.to_thread(mkd, earlier, home, "up", "--detach")
        played = await play(addresses(home), employees=PEOPLE, days=DAYS, seed=SEED, say=print)
        assert played.differences == []
        were = digest(home, agency)
        assert were["digest"] == played.digest
        before = commits(home)
        await asyncio.to_thread(down, home, print)
        await asyncio.to_thread(partial(up, home, print, keep_clock=True))
        await at_rest(home)
        found = digest(home, agency)
        assert (found["digest"], found["positions"], commits(home)) == (were["digest"], were["positions"], before)
        for service in rebuild.rebuilt_services():
            await rebuild.rebuild(service, stack.settings(home, service.name), print)
        await at_rest(home)
        assert digest(home, agency)["digest"] == played.digest
        assert await asyncio.to_thread(resend.resend, home, print) == sum(before.values())
        await at_rest(home)
        assert (digest(home, agency)["digest"], commits(home)) == (played.digest, before)
        with mongod.admin(home) as client:
            for name in SERVICES:
                assert client[f"mkd_{name}"].dead_letters.count_documents({}) == 0, name
                old = {"_id": {"$not": {"$regex": r"^[^|]*\|/jabar/"}}}
                assert client[f"mkd_{name}"].heard.count_documents(old) == 0, name
    finally:
        await asyncio.to_thread(down, home, print)
