"""The local parts: what is fetched is what was locked, and what is in the way is said."""

import hashlib
import os
import socket
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from deploy import broker, contracts, up
from deploy.failure import Failure
from deploy.home import ROOT, Home
from shared.kit.mongo import NewerData, check_age, set_up
from tests.harness.parts import free_port_base
from tests.harness.platform import Platform


def test_a_jar_that_is_not_the_locked_one_is_refused_and_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cached = tmp_path / "maven" / "kafka-clients-4.1.2.jar"
    cached.parent.mkdir()
    cached.write_bytes(b"half a downl")
    monkeypatch.setattr(broker, "CACHE", tmp_path)
    monkeypatch.setattr(broker, "JARS", tmp_path / "kafka")
    monkeypatch.setattr(broker, "_locked", lambda: {cached.name: hashlib.sha256(b"the whole").hexdigest()})
    monkeypatch.setattr(broker, "_fetch", lambda: {cached.name: cached})
    with pytest.raises(Failure, match=r"kafka-clients-4\.1\.2\.jar"):
        broker.jars()
    assert not cached.exists()


def test_a_registry_that_cannot_be_reached_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(broker, "CACHE", tmp_path)
    monkeypatch.setattr(broker, "JARS", tmp_path / "kafka")
    monkeypatch.setattr(broker, "FETCH_PAUSE_S", 0.0)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(Failure, match="could not be fetched") as failure:
        broker.jars()
    assert "HTTPS_PROXY" in failure.value.remedy
    assert len(failure.value.cause.partition("Maven Central: ")[2]) > 10, "the cause is named"


def test_a_port_that_is_taken_is_named_with_its_holder(tmp_path: Path) -> None:
    home = Home(tmp_path, free_port_base())
    with socket.create_server(("127.0.0.1", home.mongo_port)):
        with pytest.raises(Failure, match=rf"{home.mongo_port} \(mongod; held by process {os.getpid()}\)") as failure:
            up._check_ports(home)
        assert "MKD_PORT_BASE" in failure.value.remedy


def test_no_cluster_id_looks_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = UUID(int=0xF8 << 120), UUID(int=1)
    made = iter([first, second])
    monkeypatch.setattr("uuid.uuid4", lambda: next(made))
    assert broker._cluster_id() == "AAAAAAAAAAAAAAAAAAAAAQ"


def test_secrets_are_made_once_and_are_for_this_user_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", 1)
    first = home.secret("kafka-requests")
    assert first.read_text() == home.secret("kafka-requests").read_text() != home.secret("kafka-savings").read_text()
    assert (first.stat().st_mode & 0o777, first.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_data_of_a_newer_version_is_left_alone(memory: Platform) -> None:
    db = memory.databases["requests"]
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": 99}})
    with pytest.raises(NewerData, match="schema version 99, this code knows 2"):
        await check_age(db)
    with pytest.raises(NewerData):
        await set_up(db, {})


def test_the_entry_says_what_it_can_do() -> None:
    said = subprocess.run([ROOT / "mkd", "--help"], capture_output=True, text=True, check=True, cwd="/").stdout
    for command in ("up", "down", "status", "logs", "reset", "demo", "test", "check", "dead-letters"):
        assert command in said


@pytest.mark.parametrize("wrong", [["nonsense"], ["demo", "--employees", "3"], ["logs", "no-such-process"]])
def test_a_command_that_cannot_be_is_refused_in_a_sentence(wrong: list[str]) -> None:
    done = subprocess.run([ROOT / "mkd", *wrong], capture_output=True, text=True, check=False)
    assert done.returncode
    assert "Traceback" not in done.stderr


def test_nothing_committed_names_a_registry_or_a_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for name in listed.splitlines():
        text = (ROOT / name).read_text(errors="ignore")
        assert "/simple/" not in text or name.startswith("tests/deploy"), name
        assert "maven2" not in text or name.startswith("tests/deploy"), name
    assert contracts.DOCUMENTS.exists()
