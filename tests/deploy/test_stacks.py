"""A local stack comes up and goes down whatever has happened to it: interrupted, killed, stopped, half written."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.base.failure import Failure
from deploy.base.home import ROOT, SERVICES, Home
from deploy.lifecycle import standing
from deploy.lifecycle.up import down, restore_here, up
from deploy.local import folder, mongod, ours, stack
from deploy.local.supervise import Supervisor
from deploy.recovery import resend
from tests.harness.parts import free_port_base
from tests.harness.stacks import at_rest, local_parts_only

UP_TAKES_S = 14
"""About as long as a start takes on a quiet machine: moments are drawn from it."""


@pytest.fixture
def home(shared_stack: Home) -> Home:
    """A stack that tests treat badly, one after the other; each leaves it running and well."""
    return shared_stack


@pytest.fixture
def stopped(place_of_a_stack: Home) -> Home:
    """The same stack, which has run and does not."""
    if not folder.begun(place_of_a_stack):
        up(place_of_a_stack, print)
    down(place_of_a_stack, print)
    return place_of_a_stack


def begun(home: Home, *words: str, **environment: str) -> subprocess.Popen[str]:
    """A command as somebody types it at a terminal of their own."""
    place = {"MKD_HOME": str(home.path), "MKD_PORT_BASE": str(home.port_base), **environment}
    own = {name: value for name, value in os.environ.items() if not name.startswith("MKD_")}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy", *words],
        env=own | place,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def said(command: subprocess.Popen[str], within_s: float = 200) -> str:
    """What a command has said when it has ended; never a traceback."""
    told, _ = command.communicate(timeout=within_s)
    assert "Traceback" not in told, told
    return told


def well(home: Home) -> bool:
    """Whether all of a stack runs and can do its work."""
    found = standing.look(home)
    return found is not None and found.well


def until_well(home: Home) -> None:
    deadline = time.monotonic() + 60
    while not well(home):
        assert time.monotonic() < deadline, standing.look(home)
        time.sleep(0.5)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("moments", [2, pytest.param(10, marks=pytest.mark.long)])
def test_a_start_that_is_interrupted_at_any_moment_can_be_stopped_and_begun_again(
    place_of_a_stack: Home, seed: int, moments: int
) -> None:
    """The first of all starts, and of a stack that the tests after this one go on with."""
    home, chance = place_of_a_stack, random.Random(seed)
    down(home, print)
    folder.forget(home)
    for number in range(moments):
        starting = begun(home, "up", *(["--detach"] if number % 2 else []))
        time.sleep(chance.uniform(0.5, UP_TAKES_S))
        os.killpg(starting.pid, signal.SIGINT)
        told = said(starting)
        print(f"seed {seed}, {number}: {told}")
        if not (number % 2 and "are ready" in told):
            assert ours.processes(home.path) == [], told
    assert said(begun(home, "down")).strip().endswith(("Stopped", "Nothing was running"))
    assert "are ready" in said(begun(home, "up", "--detach"))
    assert well(home)


@pytest.mark.timeout(600)
def test_a_stack_whose_supervisor_was_killed_is_taken_over_by_the_next_start(home: Home) -> None:
    (supervisor,) = [one for one in ours.processes(home.path) if not ours._name(one)]
    supervisor.kill()
    assert ours._still_running([supervisor], within_s=10) == []
    found = standing.look(home)
    assert found
    assert len(found.left_over) == 4 + 2 * len(SERVICES)
    two = begun(home, "up", "--detach"), begun(home, "up", "--detach")
    told = sorted((said(one) for one in two), key=lambda text: "is being worked on" in text)
    assert "are ready" in told[0]
    assert "is being worked on: ./mkd up (process " in told[1] or "are ready" in told[1]
    until_well(home)


@pytest.mark.timeout(600)
def test_status_tells_who_does_not_answer_and_who_waits_for_whom(home: Home) -> None:
    def answers(*stopped: str) -> dict[str, str]:
        supervisor = Supervisor(home)
        for name in stopped:
            supervisor.signal(name, "STOP")
        try:
            time.sleep(1)
            found = standing.look(home)
        finally:
            for name in stopped:
                supervisor.signal(name, "CONT")
        assert found
        assert not found.well
        until_well(home)
        return {name: answer for name, answer in found.answers.items() if answer != standing.READY}

    assert list(answers("savings-worker")) == ["savings-worker"]
    away = answers("mongod")
    assert away["requests-api"] in ("waits for mongodb", "does not answer")
    assert "SIGSTOP" in away["mongod"]


@pytest.mark.timeout(600)
def test_workers_are_added_and_removed_beside_those_that_run(home: Home) -> None:
    before = {state.name: state.pid for state in Supervisor(home).states()}
    more = begun(home, "up", "--detach", MKD_WORKERS="2")
    assert "are ready" in said(more)
    now = {state.name: state.pid for state in Supervisor(home).states()}
    assert set(now) - set(before) == {f"{service}-worker-2" for service in SERVICES}
    assert before.items() <= now.items(), "who ran runs on"
    assert set(Supervisor(home).workers()) == {name for name in now if "-worker" in name}, "resend stops all of them"
    assert "are ready" in said(begun(home, "up", "--detach"))
    assert {state.name: state.pid for state in Supervisor(home).states()} == before


@pytest.mark.timeout(600)
def test_two_stores_that_do_not_belong_together_are_not_joined(home: Home, tmp_path: Path) -> None:
    """An event on Kafka that the log does not know; data of MongoDB, or of Kafka, where a backup is to go. What has
    refused all that is started by the test after this one."""
    file = tmp_path / "jabar.tar.gz"
    told = said(begun(home, "backup", str(file)))
    assert "documents" in told, told
    with mongod.admin(home) as client:
        (last,) = client.mkd_requests.commits.find().sort("_id", -1).limit(1)
        client.mkd_requests.commits.delete_one({"_id": last["_id"]})
        try:
            with pytest.raises(Failure, match="the log of requests does not") as refused:
                resend.resend(home, print)
            assert "--new-kafka" in refused.value.remedy
            assert client.mkd_requests.commits.count_documents({"sent": False}) == 0, "nothing was changed"
        finally:
            client.mkd_requests.commits.insert_one(last)
    until_well(home)
    with pytest.raises(Failure, match="holds records already"):
        resend.check_empty(stack.cluster(home))
    down(home, print)
    mongo, aside = home.path / "mongo", home.path.parent / "mongo"
    mongo.rename(aside)
    try:
        with pytest.raises(Failure, match="holds data already"):
            restore_here(home, file, print)
        with pytest.raises(Failure, match="MongoDB's data are gone"):
            up(home, print)
    finally:
        aside.rename(mongo)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("emptied", ["bootstrap.checkpoint", pytest.param("meta.properties", marks=pytest.mark.long)])
def test_a_kafka_that_a_power_cut_has_damaged_is_made_anew_and_filled(stopped: Home, emptied: str) -> None:
    home = stopped
    (home.path / "kafka" / "data" / emptied).write_bytes(b"\0" * 20)
    for name in ("mongo-requests", "kafka-requests", "kafka-admin", "demo-sign-in"):
        (home.path / "secrets" / name).write_bytes(b"")
    lines: list[str] = []
    up(home, lines.append)
    assert any(f"{emptied} is empty" in line for line in lines)
    until_well(home)
    asyncio.run(at_rest(home))
    with mongod.admin(home) as client:
        assert client.mkd_requests.commits.count_documents({"sent": True}) > 0
        assert client.mkd_requests.commits.count_documents({"sent": False}) == 0
    held = resend._last(stack.cluster(home), "mkd.requests", "/jabar/requests")
    assert held, "it is on Kafka again"
    assert list((home.path / "kafka").glob("damaged-*")), "and what was there is kept"
    assert resend.resend(home, print) > 0, "and it can be sent once more"


def test_a_backup_goes_into_a_folder_that_is_there(home: Home, tmp_path: Path) -> None:
    told = said(begun(home, "backup", str(tmp_path / "nowhere" / "x.tar.gz")))
    assert "mkdir -p" in told


def test_no_password_is_on_a_command_line(home: Home) -> None:
    secrets = [file.read_text() for file in (home.path / "secrets").glob("*-*") if file.suffix != ".key"]
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert len(secrets) > 10
    assert [line for line in lines for secret in secrets if secret in line] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_stacks_do_not_touch_each_other(home: Home, tmp_path: Path) -> None:
    """Healthy beside each other, one is stopped, and reset with its demo: the other does not notice."""
    other = Home(tmp_path / "other", free_port_base())
    pids = {state.name: state.pid for state in Supervisor(home).states()}
    try:
        assert "are ready" in said(begun(other, "up", "--detach"))
        assert "Stopped" in said(begun(other, "down"))
        assert "are ready" in said(begun(other, "up", "--detach"))
        assert "Removed" in said(begun(other, "reset", "--yes"))
    finally:
        said(begun(other, "down"))
    assert not other.path.exists()
    assert well(home)
    assert {state.name: state.pid for state in Supervisor(home).states()} == pids


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_set_moves_with_its_port_where_its_people_sign_in_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_parts_only()
    monkeypatch.setenv("MKD_ISSUER", "https://sso.example/realms/mkd")
    first = Home(tmp_path / "home", free_port_base())
    second = replace(first, port_base=free_port_base())
    try:
        for home in (first, second):
            up(home, print)
            assert well(home)
            down(home, print)
    finally:
        down(first, print)


@pytest.mark.timeout(600)
def test_a_stop_that_is_interrupted_can_be_begun_again(home: Home, seed: int) -> None:
    """The last of this stack."""
    stopping = begun(home, "down")
    time.sleep(random.Random(seed).uniform(0.5, 4))
    os.killpg(stopping.pid, signal.SIGINT)
    said(stopping)
    said(begun(home, "down"))
    assert ours.processes(home.path) == []
    assert folder.forget(home)
