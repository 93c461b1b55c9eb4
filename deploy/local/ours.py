"""Which processes of this machine a stack has started, and how they are ended.

Each carries the stack's folder in its environment, which nobody else's process does: neither a port nor a word of its
command line says whose it is."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psutil

MARK = "MKD_STACK"
PARTS = ("kafka", "mongod")
"""What services stand on: ended after them."""

ENDS_WITHIN_S = 45.0
Say = Callable[[str], None]


def marked(path: Path) -> dict[str, str]:
    """The environment that a stack's processes are started with."""
    return {**os.environ, MARK: str(path.resolve())}


def processes(path: Path) -> list[psutil.Process]:
    """Every process that a stack has started and that has not ended."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(path.resolve()) and _runs(process):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def wake(path: Path) -> None:
    """Let those go on that somebody has stopped (SIGSTOP): a stopped process does not end when it is asked to."""
    for process in processes(path):
        _tell(process, psutil.Process.resume)


def end(path: Path, say: Say) -> bool:
    """End what a supervisor that is gone, or does not answer, has left: the supervisor, so that it restarts nothing,
    then services, then what they stand on; by force what does not end when asked. False when there was nothing."""
    left = processes(path)
    if not left:
        return False
    wake(path)
    supervisors = [process for process in left if not _name(process)]
    services = [process for process in left if _name(process) not in ("", *PARTS)]
    parts = [process for process in left if _name(process) in PARTS]
    for group in (supervisors, services, parts):
        _end(group, say)
    _end(processes(path), say)
    return True


def _end(those: Iterable[psutil.Process], say: Say) -> None:
    running = [process for process in those if _runs(process)]
    if not running:
        return
    names = ", ".join(f"{_name(process) or 'supervisor'} (process {process.pid})" for process in running)
    say(f"Stopping what was left over: {names}")
    for process in running:
        _tell(process, psutil.Process.terminate)
    deaf = _still_running(running, ENDS_WITHIN_S)
    for process in deaf:
        say(f"Process {process.pid} does not end within {ENDS_WITHIN_S:.0f} s when asked, and is killed")
        _tell(process, psutil.Process.kill)
    _still_running(deaf, ENDS_WITHIN_S)


def _still_running(those: Sequence[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Wait for processes to end; those that have not by then."""
    deadline = time.monotonic() + within_s
    while (left := [process for process in those if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended. One that has and that nobody has waited for, as in a container without an init, is
    still in the list of processes."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return bool(process.is_running())
        process.wait(0)
    except psutil.Error:
        pass
    return False


def _tell(process: psutil.Process, what: Callable[[psutil.Process], None]) -> None:
    """It may have ended meanwhile; another that got its number is not told."""
    try:
        what(process)
    except psutil.Error:
        return


def _name(process: psutil.Process) -> str:
    """What the supervisor calls it, or, of its copies, the beginning of that; nothing for the supervisor itself."""
    try:
        called = process.environ().get("SUPERVISOR_PROCESS_NAME")
        return str(called or ("" if os.getsid(process.pid) == process.pid else process.name()))
    except (psutil.Error, OSError):
        return ""


def ended(path: Path, within_s: float) -> bool:
    """Wait until nothing of a stack runs; false when something still does."""
    deadline = time.monotonic() + within_s
    while processes(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def held_bytes(pid: int) -> int:
    """The memory that a process holds: of what several share, its part, where the system tells; nothing of one that has
    ended."""
    try:
        held = psutil.Process(pid).memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(held, "pss", held.rss))
