"""The local parts: what is fetched is what was locked, and what is in the way is said."""

import hashlib
import os
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.base import files
from deploy.base.failure import Failure
from deploy.base.home import ROOT, Home
from deploy.documents import contracts
from deploy.lifecycle import up
from deploy.local import broker, classes, issuer, mongod
from shared.kit.base.mongo import NewerData, check_schema_version, set_up
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


def test_two_who_need_the_jars_at_once_fetch_them_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cached, fetches = tmp_path / "maven" / "kafka-clients-4.1.2.jar", list[int]()
    cached.parent.mkdir()
    cached.write_bytes(b"the whole")

    def fetch() -> dict[str, Path]:
        fetches.append(1)
        time.sleep(0.2)
        return {cached.name: cached}

    monkeypatch.setattr(broker, "CACHE", tmp_path)
    monkeypatch.setattr(broker, "JARS", tmp_path / "kafka")
    monkeypatch.setattr(broker, "_locked", lambda: {cached.name: hashlib.sha256(b"the whole").hexdigest()})
    monkeypatch.setattr(broker, "_fetch", fetch)
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: broker.jars(), range(2)))
    assert len(fetches) == 1
    assert [(folder / cached.name).read_bytes() for folder in found] == [b"the whole"] * 2


def test_a_port_that_is_taken_is_named_with_its_holder(tmp_path: Path) -> None:
    home = Home(tmp_path, free_port_base())
    with socket.create_server(("127.0.0.1", home.mongo_port)):
        with pytest.raises(Failure, match=rf"{home.mongo_port} \(mongod; held by process {os.getpid()}\)") as failure:
            up._check_ports(home)
        assert "MKD_PORT_BASE" in failure.value.remedy


def test_what_kafka_begins_from_is_whole_or_not_there_and_no_password_is_told_on_a_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Formatting that was cut off, then formatting that was not."""
    home = Home(tmp_path / "home", free_port_base())
    data = home.path / "kafka" / "data"
    run, said, lines = subprocess.run, list[str](), list[str]()

    def halfway(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = run(command, **how)
        (data.with_name("data.new") / "bootstrap.checkpoint").write_bytes(b"")
        return done

    def watched(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        said.extend(command)
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", halfway)
    with pytest.raises(Failure, match=r"bootstrap\.checkpoint is empty"):
        broker.prepare(home, lines.append)
    assert not data.exists()
    monkeypatch.setattr(subprocess, "run", watched)
    assert broker.prepare(home, lines.append)
    assert broker.damage(data) is None
    assert not broker.prepare(home, lines.append), "what is whole is gone on with"
    secrets = [file.read_text() for file in (home.path / "secrets").iterdir()]
    assert secrets
    assert not [word for word in said for secret in secrets if secret in word]
    assert lines == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("meta.properties", b"\0" * 80),
        ("meta.properties", b"version=1\n"),
        ("bootstrap.checkpoint", b""),
        ("bootstrap.checkpoint", None),
    ],
)
def test_data_that_kafka_cannot_begin_from_are_put_aside_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None
) -> None:
    home, lines = Home(tmp_path / "home", free_port_base()), list[str]()

    def formatted(_: Home, data: Path) -> None:
        data.mkdir()
        (data / "meta.properties").write_text("cluster.id=x\n")
        (data / "bootstrap.checkpoint").write_bytes(b"\1\0")

    monkeypatch.setattr(broker, "_format", formatted)
    assert [broker.prepare(home, lines.append) for _ in range(2)] == [True, False]
    data = home.path / "kafka" / "data"
    (data / "mkd.requests-3").mkdir()
    (data / name).write_bytes(content) if content is not None else (data / name).unlink()
    assert [broker.prepare(home, lines.append) for _ in range(2)] == [True, False]
    (aside,) = data.parent.glob("damaged-*")
    assert (aside / "mkd.requests-3").is_dir()
    assert len(lines) == 1
    assert name in lines[0]
    assert str(aside) in lines[0]


def test_what_java_makes_of_kafkas_classes_is_made_once_and_what_was_not_made_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(classes, "CACHE", tmp_path)
    for name, content, used in (("made", b"x", True), ("not made", b"", False)):
        file, runs, lines = tmp_path / f"{name}.aot", list[str](), list[str]()
        monkeypatch.setattr(classes, "CLASSES", file)

        def run(option: str, _: Path, runs: list[str] = runs, content: bytes = content) -> None:
            runs.append(option)
            Path(option.partition("=")[2]).write_bytes(content)

        assert classes.kept() == []
        for _ in range(2):
            classes.learn(run, lines.append)
        assert len(runs) == len(lines) == 1
        assert bool(classes.kept()) == used
        assert list(tmp_path.glob("*.new")) == []
    monkeypatch.setenv("JAVA_HOME", "/usr/lib/jvm/java-17")
    monkeypatch.setattr(classes, "CLASSES", tmp_path / "made.aot")
    assert classes.kept() == [], "another Java would not begin with an option that it does not know"


def test_what_java_cannot_read_of_kafkas_classes_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    file = tmp_path / "classes.aot"
    file.write_bytes(b"half of it" * 1000)
    monkeypatch.setattr(classes, "CLASSES", file)
    command = [broker.java(), *broker.HEAP, *classes.kept(), "-version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert str(file) in " ".join(command)
    assert done.stdout == ""
    assert "warning" not in done.stderr.lower()


def test_kafka_looks_at_its_data_however_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text('#!/bin/sh\nfor word; do echo "$word"; done\n')
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    home = Home(tmp_path / "a home", free_port_base())
    in_order = home.folder("kafka", "data") / ".kafka_cleanshutdown"
    in_order.write_text('{"version":0,"brokerEpoch":7}')
    for _ in range(2):
        done = subprocess.run(broker.command(home), capture_output=True, text=True, check=True)
        assert not in_order.exists()
        assert done.stdout.splitlines()[-2:] == ["kafka.Kafka", str(home.path / "kafka" / "server.properties")]


@pytest.mark.parametrize("lost", [b"", b"\0" * 32, b"\n", b"half"])
def test_a_secret_that_a_power_cut_has_emptied_is_none(tmp_path: Path, lost: bytes) -> None:
    home = Home(tmp_path / "home", 20_000)
    key, pem = home.path / "secrets" / "mongo-members.key", home.path / "secrets" / "issuer.pem"

    def made() -> list[bytes]:
        secret = home.secret("kafka-requests")
        mongod.prepare(home)
        issuer.make_key(pem)
        return [file.read_bytes() for file in (secret, key, pem)]

    whole = made()
    assert made() == whole, "what is whole stays"
    for file in (home.secret("kafka-requests"), key, pem):
        file.chmod(0o600)
        file.write_bytes(lost)
    again = made()
    assert [len(one) for one in again[:2]] == [len(one) for one in whole[:2]]
    assert issuer.sign(again[2], "http://127.0.0.1:1", "tests", "x")
    assert {file.stat().st_mode & 0o077 for file in (home.path / "secrets").iterdir()} == {0}


def test_a_file_is_as_before_when_writing_it_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    files.write_whole(file, b"before")
    for step in ("os.fsync", "os.replace"):
        with monkeypatch.context() as cut:
            cut.setattr(step, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            with pytest.raises(OSError, match="No space"):
                files.write_whole(file, b"after")
        assert file.read_bytes() == b"before"
    files.write_whole(file, b"after")
    assert file.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [file]


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
    with pytest.raises(NewerData, match="schema version 99, this code knows 3"):
        await check_schema_version(db)
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
