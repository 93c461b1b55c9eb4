"""What `./mkd` ends and removes is a stack's own: foreign processes and folders survive whatever it does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import psutil
import pytest

from deploy.base import home
from deploy.base.failure import Failure
from deploy.base.home import ROOT, Home
from deploy.lifecycle import up
from deploy.local import folder, ours
from deploy.local.supervise import Supervisor, alone
from tests.deploy.typed import Mkd, typing
from tests.harness.parts import free_port_base

Run = Callable[..., subprocess.Popen[bytes]]
SLEEPS = "import time; print(flush=True); time.sleep(600)"
LISTENS = "import socket, time; s = socket.create_server(('127.0.0.1', {})); print(flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts Python with a program and an environment; what is left of it in the end is killed."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(program: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", program, *words]
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()


@pytest.fixture
def mkd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mkd:
    return typing(monkeypatch, capsys)


def stack_at(path: Path, **more: object) -> Home:
    """A stack's folder, as a start leaves it."""
    stack = Home(path, free_port_base(), **more)  # type: ignore[arg-type]
    folder.take(stack)
    (stack.folder("logs") / "kafka.log").write_text("said\n")
    (stack.folder("kafka", "data") / "meta.properties").write_text("cluster.id=x\n")
    stack.secret("mongo-admin")
    return stack


ORPHANS = """import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"], stdout=-1)
child.stdout.readline()
print(flush=True)
time.sleep(600)
"""


def test_who_has_ended_and_was_waited_for_by_nobody_is_not_waited_for(tmp_path: Path, run: Run) -> None:
    """As in a container without an init, where nobody waits for orphans."""
    stack = Home(tmp_path, free_port_base())
    parent = run(ORPHANS)
    (child,) = psutil.Process(parent.pid).children()
    begun = time.monotonic()
    ours._end([child], print)
    assert time.monotonic() - begun < ours.ENDS_WITHIN_S / 2
    assert child.status() == psutil.STATUS_ZOMBIE
    assert ours.processes(stack.path) == []


def test_down_ends_what_the_stack_has_started_and_nothing_else(tmp_path: Path, run: Run) -> None:
    stack, other = Home(tmp_path / "a", free_port_base()), tmp_path / "a-2"
    mine = [
        run(SLEEPS, **{ours.MARK: str(stack.path)}),
        run(SLEEPS, **{ours.MARK: str(stack.path), "SUPERVISOR_PROCESS_NAME": "savings-worker"}),
        run(SLEEPS, **{ours.MARK: str(stack.path), "SUPERVISOR_PROCESS_NAME": "kafka"}),
    ]
    on_my_port = LISTENS.format(stack.api_port("savings"))
    theirs = [
        run(on_my_port, "services.savings.app:api", str(stack.path)),
        run(SLEEPS, "--dbpath", str(stack.path / "mongo" / "data")),
        run(SLEEPS, "kafka.Kafka", str(stack.path / "kafka" / "server.properties")),
        run(SLEEPS, **{ours.MARK: str(other)}),
        run(SLEEPS, **{ours.MARK: str(stack.path / "demo")}),
    ]
    assert {process.pid for process in ours.processes(stack.path)} == {process.pid for process in mine}
    assert up.down(stack, print)
    assert [psutil.pid_exists(process.pid) for process in mine] == [False] * 3
    assert [process.poll() for process in theirs] == [None] * 5
    assert not up.down(stack, print)


def test_down_also_ends_what_was_stopped_and_what_does_not_listen(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "ENDS_WITHIN_S", 1.0)
    stack, said = Home(tmp_path / "a", free_port_base()), list[str]()
    stopped, deaf = (run(program, **{ours.MARK: str(stack.path)}) for program in (SLEEPS, DEAF))
    psutil.Process(stopped.pid).suspend()
    assert up.down(stack, said.append)
    assert not psutil.pid_exists(stopped.pid)
    assert not psutil.pid_exists(deaf.pid)
    assert [line for line in said if "is killed" in line] == [
        f"Process {deaf.pid} does not end within 1 s when asked, and is killed"
    ]


def test_a_process_that_got_the_number_of_one_of_ours_is_left_alone(tmp_path: Path, run: Run) -> None:
    process = psutil.Process(run(SLEEPS).pid)
    process._create_time = process.create_time() - 100  # type: ignore[attr-defined]
    ours._tell(process, psutil.Process.terminate)
    time.sleep(0.2)
    assert psutil.Process(process.pid).is_running()


@pytest.mark.parametrize("where", ["mine", "demo"])
def test_reset_and_a_demo_leave_folders_that_are_not_theirs(tmp_path: Path, mkd: Mkd, where: str) -> None:
    """Beside the stack's, inside it, above it, and in its very place."""
    mine = tmp_path / where
    thesis = tmp_path / "demo" / "thesis.txt"
    thesis.parent.mkdir(exist_ok=True)
    thesis.write_text("years of work")
    place = {"MKD_HOME": str(mine), "MKD_PORT_BASE": str(free_port_base())}
    for command in (["down"], ["reset", "--yes"]):
        mkd(*command, **place)
        assert thesis.read_text() == "years of work"
    if where == "demo":
        for command in (["up", "--detach"], ["demo", "--once", "--employees", "12", "--days", "1"]):
            done = mkd(*command, **place)
            assert (done.code, "is no stack's" in done.err) == (1, True), done.err
        assert list((tmp_path / "demo").iterdir()) == [thesis]


def test_a_demo_is_not_played_over_a_stack_of_ones_own(tmp_path: Path) -> None:
    """Not where a stack's folder is called demo, and not where a demo's own folder holds another stack."""
    named_demo = stack_at(tmp_path / "demo")
    assert Home(tmp_path, 20_000).path / "demo" == named_demo.path
    inner = stack_at(tmp_path / "outer" / "demo")
    for demo in (Home(named_demo.path, 20_000, is_demo=True), Home(inner.path, 20_000, is_demo=True)):
        with pytest.raises(Failure, match="left alone"):
            folder.forget(demo)
        with pytest.raises(Failure, match="a stack's own data"):
            folder.take(demo)
    assert (inner.path / "logs" / "kafka.log").exists()


@pytest.mark.parametrize("stranger", ["notes.txt", "logs/notes.txt", "mongo/dump/x.bson", "kafka/mine", "run/link"])
def test_nothing_is_removed_where_there_is_anything_foreign(tmp_path: Path, stranger: str) -> None:
    stack = stack_at(tmp_path / "home")
    file = stack.path / stranger
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(tmp_path) if file.name == "link" else file.write_text("mine")
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(Failure, match="left alone"):
        folder.forget(stack)
    assert sorted(path for path in tmp_path.rglob("*")) == before
    file.unlink()
    for path in (file.parent, *file.parent.parents):
        if path.is_relative_to(stack.path / "mongo") and path.is_dir():
            path.rmdir()
    assert folder.forget(stack)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mark", [None, "", "{}", "[1]"])
def test_a_folder_without_the_mark_of_a_stack_is_never_removed(tmp_path: Path, mark: str | None) -> None:
    stack = stack_at(tmp_path / "home")
    (stack.path / folder.MARK).unlink()
    if mark is not None:
        (stack.path / folder.MARK).write_text(mark)
    with pytest.raises(Failure, match="left alone"):
        folder.forget(stack)
    assert (stack.path / "kafka" / "data" / "meta.properties").exists()


def test_a_folder_of_a_version_that_left_no_mark_is_gone_on_with(tmp_path: Path) -> None:
    stack = stack_at(tmp_path / "home")
    (stack.path / folder.MARK).unlink()
    (stack.folder("run") / "supervisord.conf").write_text(f"[supervisord]\nchildlogdir={stack.path}/logs\n")
    folder.take(stack)
    assert folder.begun(stack), "its data are somebody's"
    assert folder.forget(stack)


def test_one_command_at_a_time_works_on_a_stack(tmp_path: Path) -> None:
    stack, other = Home(tmp_path / "a", 20_000), Home(tmp_path / "b", 20_000)
    busy = pytest.raises(Failure, match=rf"\./mkd up \(process {os.getpid()}\)")
    with alone(stack, "up"), alone(other, "up"), busy:
        up.down(stack, print)
    assert not up.down(stack, print)


def test_looking_at_a_stack_makes_nothing(tmp_path: Path, mkd: Mkd) -> None:
    place = {"MKD_HOME": str(tmp_path / "nowhere"), "MKD_PORT_BASE": str(free_port_base())}
    for command in (["status"], ["down"], ["logs"], ["token", "x"], ["reset", "--yes"], ["resend"], ["demo", "--keep"]):
        mkd(*command, **place)
        assert list(tmp_path.iterdir()) == []


def test_no_two_parts_of_a_stack_or_its_demo_share_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many services and workers as there may be; today's addresses stay."""
    today = Home(Path(), home.DEFAULT_PORT_BASE)
    addresses = {"organisation": 18101, "requests": 18102, "approvals": 18103, "performance": 18104, "savings": 18105}
    assert today.issuer_port == 18100
    assert {name: today.api_port(name) for name in home.SERVICES}.items() >= addresses.items()
    monkeypatch.setattr(home, "SERVICES", tuple(f"s{number}" for number in range(home.SERVICES_MAX)))
    for workers, demos in product((1, 2, 9, home.WORKERS_MAX), (1, home.WORKERS_MAX)):
        own = Home(Path(), 18100, workers)
        demo = Home(Path(), 18100 + home.DEMO_PORTS_AFTER, demos, is_demo=True)
        assert len({*own.ports.values(), *demo.ports.values()}) == len(own.ports) + len(demo.ports)
    monkeypatch.setattr(home, "SERVICES", tuple(f"s{number}" for number in range(40)))
    with pytest.raises(Failure, match="same port"):
        Home(Path(), 18100)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"MKD_PORT_BASE": "abc"}, "MKD_PORT_BASE"),
        ({"MKD_PORT_BASE": "65530"}, "MKD_PORT_BASE"),
        ({"MKD_PORT_BASE": "-1"}, "MKD_PORT_BASE"),
        ({"MKD_WORKERS": "zwei"}, "MKD_WORKERS"),
        ({"MKD_WORKERS": "0"}, "MKD_WORKERS"),
        ({"MKD_WORKERS": "99"}, "MKD_WORKERS"),
        ({"MKD_ISSUER": "http://sso.example"}, "https"),
        ({"MKD_ISSUER": "sso.example"}, "MKD_ISSUER"),
        ({"MKD_INSTANCE": "Jawa Barat"}, "MKD_INSTANCE"),
        ({"MKD_ACCEPTED_SOURCES": "/garut/requests"}, "MKD_ACCEPTED_SOURCES"),
        ({"MKD_HOME": "/dev/null"}, "MKD_HOME"),
        ({"MKD_HOME": "/proc/1/nowhere"}, ""),
        ({"MKD_HOME": str(ROOT / "deploy")}, "MKD_HOME"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_starts(
    tmp_path: Path, mkd: Mkd, wrong: dict[str, str], said: str
) -> None:
    place = {"MKD_HOME": str(tmp_path / "home"), "MKD_PORT_BASE": str(free_port_base())} | wrong
    done = mkd("up", "--detach", **place)
    assert (done.code, said in done.err) == (1, True), done.err
    assert done.err.startswith("mkd: ")
    assert ours.processes(tmp_path / "home") == []
    assert not Supervisor(Home(tmp_path / "home", 20_000)).running()


def test_empty_folders_that_an_earlier_version_made_by_looking_are_taken(tmp_path: Path) -> None:
    stack = Home(tmp_path / "local", 20_000)
    stack.path.joinpath("logs").mkdir(parents=True)
    folder.take(stack)
    assert folder.known(stack)
    other = Home(tmp_path / "other", 20_000)
    other.path.joinpath("logs").mkdir(parents=True)
    (other.path / "logs" / "diary.log").write_text("somebody's")
    with pytest.raises(Failure, match="is no stack's"):
        folder.take(other)


def test_memory_that_processes_share_counts_once() -> None:
    """A copy of this process has all that it had, and holds little of its own."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(reads, 1)
        os._exit(0)
    try:
        together = ours.held_bytes(pid) + ours.held_bytes(os.getpid())
        resident = sum(psutil.Process(of).memory_info().rss for of in (pid, os.getpid()))
        assert 0 < together < 0.8 * resident
    finally:
        os.write(writes, b".")
        os.waitpid(pid, 0)
    assert ours.held_bytes(pid) == 0
