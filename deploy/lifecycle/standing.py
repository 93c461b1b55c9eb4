"""How a local stack stands: which processes run, and what each answers when it is asked whether it can do its work."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx
import psutil
import pymongo
from confluent_kafka import KafkaException
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from deploy.base.console import add, plain
from deploy.base.home import Home
from deploy.lifecycle.up import unready
from deploy.local import mongod, ours, stack
from deploy.local.supervise import GONE, State, Supervisor

ANSWERS_WITHIN_S = 4.0
READY = "ready"


@dataclass(frozen=True)
class Standing:
    """One stack, process by process; `left_over` are those that no supervisor watches over."""

    home: Home
    states: list[State]
    answers: Mapping[str, str]
    left_over: list[int]

    @property
    def well(self) -> bool:
        """Whether every process runs and can do its work."""
        return not self.left_over and all(self.answers.get(state.name) == READY for state in self.states)


def look(home: Home) -> Standing | None:
    """How a stack stands; nothing when nothing of it runs."""
    supervisor = Supervisor(home)
    try:
        states = supervisor.states() if supervisor.running() else []
    except GONE:
        states = []
    if not states:
        left = [process.pid for process in ours.processes(home.path)]
        return Standing(home, [], {}, left) if left else None
    with ThreadPoolExecutor(len(states)) as threads:
        questions = _questions(home)
        asked = {state.name: threads.submit(_answer, state, questions.get(state.name)) for state in states}
        return Standing(home, states, {name: answer.result() for name, answer in asked.items()}, [])


def _questions(home: Home) -> dict[str, Callable[[], str | None]]:
    """What to ask each process; the answer is what it lacks."""
    services = {
        program.name: partial(_asked, program.ready) for program in stack.programs(home) if program.ready is not None
    }
    return {**services, "kafka": partial(_kafka, home), "mongod": partial(_mongod, home)}


def _answer(state: State, question: Callable[[], str | None] | None) -> str:
    if not state.pid:
        return "does not run"
    if _is_stopped(state.pid):
        return "is stopped (SIGSTOP): kill -CONT lets it go on"
    return (question and question()) or READY


def _is_stopped(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def _asked(address: str) -> str | None:
    with httpx.Client(timeout=ANSWERS_WITHIN_S) as client:
        return unready(client, address)


def _kafka(home: Home) -> str | None:
    try:
        stack.cluster(home).client().list_topics(timeout=ANSWERS_WITHIN_S)
    except KafkaException:
        return "does not answer"
    return None


def _mongod(home: Home) -> str | None:
    try:
        with pymongo.timeout(ANSWERS_WITHIN_S), mongod.admin(home) as client:
            return None if client.admin.command("hello").get("isWritablePrimary") else "is no primary"
    except PyMongoError:
        return "does not answer"


def show(out: Console, found: Standing) -> None:
    """Print how a stack stands."""
    table = Table(box=None, pad_edge=False, title=plain(found.home.path), title_justify="left")
    for heading in ("process", "state", "process id", "since", "can do its work"):
        table.add_column(heading)
    for state in found.states:
        since = f"{datetime.fromtimestamp(state.since).astimezone():%d %b %H:%M:%S}" if state.pid else ""
        add(table, state.name, state.state.lower(), state.pid or "", since, found.answers.get(state.name, ""))
    if found.left_over:
        pids = ", ".join(map(str, found.left_over))
        out.print(plain(f"{found.home.path}: no supervisor answers, and processes are left over ({pids}): ./mkd down"))
    else:
        out.print(table)
