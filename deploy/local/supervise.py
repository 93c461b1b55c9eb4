"""Who watches over a local stack: supervisord, which starts its processes, restarts what dies, and keeps their logs."""

import fcntl
import hashlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from deploy.base.failure import Failure
from deploy.base.files import write_whole
from deploy.base.home import ROOT, Home, demo_is_meant
from deploy.local import ours
from deploy.local.stack import Program

RESTARTS_MAX = 1_000_000
ANSWERS_WITHIN_S = 10.0
STOPS_WITHIN_S = 40.0
"""Longer than the supervisor waits before it kills what it was asked to stop."""

GONE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)


@dataclass(frozen=True, slots=True)
class State:
    """One process as the supervisor sees it."""

    name: str
    state: str
    pid: int
    since: int
    told: str


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of the file system, which does not wait for ever for one who was stopped."""

    def __init__(self, file: Path, within_s: float) -> None:
        super().__init__("localhost", timeout=within_s)
        self._file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._file))


class Supervisor:
    """The supervisor of one stack."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.path / "logs" / "supervisor.log"
        self.socket = _beside(home, "sock")

    def _rpc(self, within_s: float = ANSWERS_WITHIN_S) -> Any:
        """A new connection for each call: the library's cannot be used again after a refusal."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        transport._get_connection = lambda: _Connection(self.socket, within_s)
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def running(self) -> bool:
        """Whether it is there, if only to refuse since it is shutting down."""
        try:
            self._rpc().getState()
        except xmlrpc.client.Fault:
            return True
        except GONE:
            return False
        return True

    def launch(self, programs: Iterable[Program]) -> None:
        """Start the supervisor itself, with nothing running yet. Raises `Failure`."""
        config = self._write(programs)
        self.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "deploy.local.preloaded", "-c", str(config)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=ours.marked(self.home.path),
            start_new_session=True,
        )
        deadline = time.monotonic() + 10
        while not self.running():
            if done.returncode or time.monotonic() > deadline:
                raise Failure(f"The supervisor did not start: {done.stderr.strip()[-300:]}", f"See {self.log}.")
            time.sleep(0.05)

    def update(self, programs: Iterable[Program]) -> None:
        """Go by other programs than those that it was started with: those that are gone or that have changed are
        stopped. Raises `Failure`."""
        self._write(programs)
        try:
            ((added, changed, removed),) = self._rpc().reloadConfig()
            if set(changed) & set(ours.PARTS):
                raise Failure(
                    "What runs was started by another version, or with other settings of Kafka or MongoDB.",
                    "Stop it first: ./mkd down",
                )
            for name in (*changed, *removed):
                self._rpc(STOPS_WITHIN_S).stopProcessGroup(name)
                self._rpc().removeProcessGroup(name)
            for name in (*added, *changed):
                self._rpc().addProcessGroup(name)
        except xmlrpc.client.Fault as refused:
            cause = f"The supervisor does not take the new settings: {refused.faultString}."
            raise Failure(cause, "Stop the stack and start it again: ./mkd down, ./mkd up.") from None

    def start(self, name: str) -> None:
        """Start a process unless it runs."""
        try:
            self._rpc().startProcess(name, False)
        except xmlrpc.client.Fault as refused:
            if refused.faultCode != Faults.ALREADY_STARTED:
                cause = f"{name} could not be started: {refused.faultString}."
                raise Failure(cause, f"See ./mkd logs {name}.") from None

    def stop(self, name: str, wait: bool = True) -> None:
        """Stop a process, if it runs, and wait for its end."""
        try:
            self._rpc(STOPS_WITHIN_S).stopProcess(name, wait)
        except xmlrpc.client.Fault as refused:
            if refused.faultCode != Faults.NOT_RUNNING:
                raise

    def signal(self, name: str, signal: str) -> None:
        """Send a process a signal."""
        self._rpc().signalProcess(name, signal)

    def states(self) -> list[State]:
        """Every process."""
        found: list[dict[str, Any]] = self._rpc().getAllProcessInfo()
        return [State(i["name"], i["statename"], i["pid"], i["start"], i["description"]) for i in found]

    def workers(self) -> list[str]:
        """The services' workers, as many as it watches over."""
        return [state.name for state in self.states() if "-worker" in state.name]

    def end(self) -> None:
        """Stop everything, services before what they stand on, then the supervisor. What is left of it afterwards has
        to be ended otherwise."""
        with suppress(*GONE, xmlrpc.client.Fault):
            ours.wake(self.home.path)
            names = {state.name for state in self.states()} - set(ours.PARTS)
            for name in names:
                self.stop(name, wait=False)
            self._wait_stopped(names)
            self._rpc().shutdown()
        deadline = time.monotonic() + STOPS_WITHIN_S
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _wait_stopped(self, names: set[str]) -> None:
        deadline = time.monotonic() + STOPS_WITHIN_S
        while time.monotonic() < deadline:
            if all(state.pid == 0 for state in self.states() if state.name in names):
                return
            time.sleep(0.1)

    def _write(self, programs: Iterable[Program]) -> Path:
        config = self.home.folder("run") / "supervisord.conf"
        write_whole(config, self._config(programs).encode())
        return config

    def _config(self, programs: Iterable[Program]) -> str:
        logs = self.home.folder("logs")
        parts = [
            f"[unix_http_server]\nfile={self.socket}\nchmod=0700\n",
            f"[supervisord]\nlogfile={self.log}\npidfile={self.home.path / 'run' / 'supervisord.pid'}\n"
            f"loglevel=info\nchildlogdir={logs}\nlogfile_backups=2\n",
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
        ]
        parts += [
            f"[program:{program.name}]\ncommand={_quoted(program.command)}\ndirectory={ROOT}\n"
            f"environment={_environment(program.environment)}\nautostart=false\nautorestart=true\n"
            f"startsecs=2\nstartretries={RESTARTS_MAX}\nstopwaitsecs=25\nstopasgroup=false\nkillasgroup=true\n"
            f"stdout_logfile={logs / program.name}.log\nredirect_stderr=true\n"
            f"stdout_logfile_maxbytes=20MB\nstdout_logfile_backups=1\n"
            for program in programs
        ]
        return "\n".join(parts)


def _quoted(command: Iterable[str]) -> str:
    return " ".join('"' + part.replace("%", "%%").replace('"', '\\"') + '"' for part in command)


def _environment(said: Mapping[str, str]) -> str:
    escaped = {name: value.replace("%", "%%").replace('"', '\\"') for name, value in said.items()}
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())


def _beside(home: Home, kind: str) -> Path:
    """A file about a stack that is not in its folder: a socket's path must be short, and who waits for a lock must not
    wait for one that was removed with the folder."""
    mark = hashlib.sha256(str(home.path.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mkd-{mark}.{kind}"


@contextmanager
def alone(home: Home, doing: str) -> Iterator[None]:
    """Have no other command start, stop or remove the same stack meanwhile. Raises `Failure` that names who is at it.
    The lock goes with the process that holds it."""
    descriptor = os.open(_beside(home, "lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, what = file.read().partition(" ")
            raise Failure(
                f"{home.path} is being worked on: ./mkd {what or '…'} (process {pid or '?'}).",
                "Wait until that is done, or interrupt it (Ctrl-C where it runs); then try again.",
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {doing}")
        file.flush()
        yield
        file.truncate(0)


def first_running(*homes: Home) -> Home | None:
    """The first of some stacks that runs."""
    return next((home for home in homes if Supervisor(home).running()), None)


def meant() -> list[Home]:
    """The stacks that a command may be about: with `./mkd --demo …` the demo's alone; else the checkout's own, and the
    demo's where that does not run."""
    return [Home.demo()] if demo_is_meant() else [Home.default(), Home.demo()]


def running_stack() -> Home:
    """The stack that is meant and runs. Raises `Failure` when none does."""
    home = first_running(*meant())
    if home is None:
        which = "No demo runs." if demo_is_meant() else "No stack runs."
        raise Failure(which, "Start it: ./mkd demo" if demo_is_meant() else "Start it: ./mkd up")
    return home
