"""Who watches over a local stack: supervisord, which starts its processes, restarts what dies, and keeps their logs."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.failure import Failure
from deploy.home import ROOT, Home
from deploy.stack import Program

RESTARTS_MAX = 1_000_000
GONE = (OSError, xmlrpc.client.ProtocolError)


@dataclass(frozen=True, slots=True)
class State:
    """One process as the supervisor sees it."""

    name: str
    state: str
    pid: int
    since: int
    told: str


class Supervisor:
    """The supervisor of one stack."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.folder("logs") / "supervisor.log"
        mark = hashlib.sha256(str(home.path.resolve()).encode()).hexdigest()[:12]
        self.socket = Path(tempfile.gettempdir()) / f"mkd-{mark}.sock"

    @property
    def _rpc(self) -> Any:
        """A new connection for each call: the library's cannot be used again after a refusal."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def running(self) -> bool:
        """Whether it is there, if only to refuse since it is shutting down."""
        try:
            self._rpc.getState()
        except xmlrpc.client.Fault:
            return True
        except GONE:
            return False
        return True

    def launch(self, programs: Iterable[Program]) -> None:
        """Start the supervisor itself, with nothing running yet. Raises `Failure`."""
        config = self.home.folder("run") / "supervisord.conf"
        config.touch(mode=0o600)
        config.write_text(self._config(programs))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        deadline = time.monotonic() + 10
        while not self.running():
            if done.returncode or time.monotonic() > deadline:
                raise Failure(f"The supervisor did not start: {done.stderr.strip()[-300:]}", f"See {self.log}.")
            time.sleep(0.05)

    def start(self, name: str) -> None:
        """Start a process unless it runs."""
        try:
            self._rpc.startProcess(name, False)
        except xmlrpc.client.Fault as refused:
            if "ALREADY_STARTED" not in refused.faultString:
                cause = f"{name} could not be started: {refused.faultString}."
                raise Failure(cause, f"See ./mkd logs {name}.") from None

    def stop(self, name: str) -> None:
        """Stop a process and wait for its end."""
        self._rpc.stopProcess(name, True)

    def signal(self, name: str, signal: str) -> None:
        """Send a process a signal."""
        self._rpc.signalProcess(name, signal)

    def states(self) -> list[State]:
        """Every process."""
        found: list[dict[str, Any]] = self._rpc.getAllProcessInfo()
        return [State(i["name"], i["statename"], i["pid"], i["start"], i["description"]) for i in found]

    def end(self) -> None:
        """Stop everything, services before what they stand on, then the supervisor."""
        names = [state.name for state in self.states()]
        for name in sorted(names, key=lambda name: name in ("kafka", "mongod")):
            if name not in ("kafka", "mongod"):
                self._rpc.stopProcess(name, False)
        self._wait_stopped({name for name in names if name not in ("kafka", "mongod")})
        self._rpc.shutdown()
        deadline = time.monotonic() + 40
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _wait_stopped(self, names: set[str]) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            if all(state.pid == 0 for state in self.states() if state.name in names):
                return
            time.sleep(0.1)

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


def forget(home: Home) -> None:
    """Remove a stack's data, logs and secrets."""
    shutil.rmtree(home.path, ignore_errors=True)


def first_running(*homes: Home) -> Home | None:
    """The first of some stacks that runs."""
    return next((home for home in homes if Supervisor(home).running()), None)


def running_stack() -> Home:
    """The stack that runs, the checkout's own before the demo's. Raises `Failure` when none does."""
    home = first_running(Home.default(), Home.demo())
    if home is None:
        raise Failure("No stack runs.", "Start it: ./mkd up")
    return home
