"""Puts each mutant into a copy of the project and runs its tests there: they must fail.

`./mkd test --mutants [words …] [--fast]`: those whose names hold all the words, or all of them; `--fast` leaves the
play out, and those that are for it alone. First, without any, all tests must pass. Ends with 1 where fewer than 95 %
die, or one lives that must die.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import Any

import pymongo
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from deploy.base.home import listening
from deploy.local import mongod
from tests.harness.examples import MANY
from tests.mutants.known import PLAY, ROOT, Mutant, mutants

SHARE_MIN = 0.95
LIMIT_S = 300
"""Of one test: where a fault makes it run for ever, that is noticed."""

PATIENCE_S = 1800
COPIES = os.cpu_count() or 2
NOT_COPIED = shutil.ignore_patterns(".git", ".mkd", "__pycache__", ".*_cache", "docs", "benchmarks")
NO_KAFKA = "not long and not kafka"
"""There is a MongoDB for them; what needs a Kafka is left out."""
PASSED, FAILED, HANGS = 0, 1, -1


HOW = {FAILED: "died", HANGS: "hangs"}


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the test that it died of, or that it lives, hangs, or was no program any more."""

    mutant: Mutant
    how: str
    by: str = ""
    seconds: float = 0.0


def main(words: Sequence[str]) -> int:
    """Run, print, and say how it went."""
    out = Console()
    chosen = [one for one in mutants() if all(word in one.name for word in words if word != "--fast")]
    if "--fast" in words:
        chosen = [fast for one in chosen if (fast := one.without_play()).tests]
    with tempfile.TemporaryDirectory() as folder, _mongo(Path(folder) / "mongo") as url:
        copies: Queue[Path] = Queue()
        for number in range(COPIES):
            copies.put(_copy(Path(folder) / f"copy-{number}"))
        files = {test for one in chosen for test in one.shown_to}
        for some in (sorted(files - {PLAY}), files & {PLAY}):
            if some and _run(copies.queue[0], url, *some, show=True) != PASSED:
                out.print("The tests fail without any mutant: nothing can be said.")
                return 2
        with ThreadPoolExecutor(COPIES) as pool:
            outcomes = list(pool.map(lambda one: _said(out, _outcome(one, copies, url)), chosen))
    return _judged(out, outcomes)


def _outcome(mutant: Mutant, copies: "Queue[Path]", url: str) -> Outcome:
    copy, started = copies.get(), time.monotonic()
    try:
        with _put_in(mutant, copy):
            outcome = _shown(mutant, copy, url)
        return replace(outcome, seconds=time.monotonic() - started)
    finally:
        copies.put(copy)


def _shown(mutant: Mutant, copy: Path, url: str) -> Outcome:
    """One of its tests is enough; and the play, where it has to notice."""
    found = Outcome(mutant, "lives" if mutant.tests else "died")
    for test in mutant.tests:
        code = _run(copy, url, test)
        if code != PASSED:
            found = Outcome(mutant, HOW.get(code, "broken"), test)
            break
    if found.how != "died" or not mutant.play:
        return found
    if _run(copy, url, PLAY) == PASSED:
        return Outcome(mutant, "unseen", f"{found.by}, and not by the play")
    return replace(found, by=f"{found.by} and the play")


@contextmanager
def _put_in(mutant: Mutant, copy: Path) -> Iterator[None]:
    """Files are written with times of their own, so that nothing compiled is taken for them."""
    file = copy / mutant.file
    was = file.read_text()
    _write(file, mutant.applied(was))
    try:
        yield
    finally:
        _write(file, was)


def _write(file: Path, text: str) -> None:
    later = file.stat().st_mtime + 2
    file.write_text(text)
    os.utime(file, (later, later))


def _copy(folder: Path) -> Path:
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    return folder


def _run(copy: Path, url: str, *tests: str, show: bool = False) -> int:
    """The exit code of pytest, which is given time enough on a busy machine."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-o", f"timeout={LIMIT_S}"]
    command += ["--hypothesis-profile", MANY]
    command += ["-m", NO_KAFKA, "-k", "not kafka"]
    given = os.environ | {"MKD_TEST_MONGO": url, "MKD_TEST_KAFKA": "127.0.0.1:9"}
    try:
        done = subprocess.run(
            [*command, *tests], cwd=copy, env=given, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return HANGS
    if done.returncode not in ((PASSED,) if show else (PASSED, FAILED)):
        print(done.stdout[-2000:], done.stderr[-1000:])
    return done.returncode


@contextmanager
def _mongo(folder: Path) -> Iterator[str]:
    """A MongoDB of its own, which asks nobody who they are."""
    folder.mkdir(parents=True)
    port = next(
        port for port in iter(lambda: random.SystemRandom().randrange(20_000, 32_000), 0) if not listening(port)
    )
    command = [mongod.binary(), "--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1"]
    command += ["--replSet", mongod.REPLICA_SET, "--wiredTigerCacheSizeGB", mongod.WIRED_TIGER_GB, "--quiet"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _initiate(port)
        yield f"mongodb://127.0.0.1:{port}/?replicaSet={mongod.REPLICA_SET}"
    finally:
        server.terminate()
        server.wait(30)


def _initiate(port: int) -> None:
    direct = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    deadline = time.monotonic() + 60
    with pymongo.MongoClient[dict[str, Any]](direct, serverSelectionTimeoutMS=1000) as client:
        while True:
            try:
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    return
                if hello.get("isreplicaset"):
                    client.admin.command("replSetInitiate", {"_id": mongod.REPLICA_SET, "members": members})
            except PyMongoError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)


def _said(out: Console, outcome: Outcome) -> Outcome:
    out.print(f"{outcome.how:7} {outcome.seconds:4.0f} s  {outcome.mutant.name}  {outcome.by}", highlight=False)
    return outcome


def _judged(out: Console, outcomes: Sequence[Outcome]) -> int:
    """The table of those that did not die, and the verdict."""
    alive = [one for one in outcomes if one.how != "died"]
    table = Table(box=None, title="Not noticed", title_justify="left")
    for heading in ("mutant", "file", "how", "must die"):
        table.add_column(heading)
    for one in alive:
        table.add_row(one.mutant.name, one.mutant.file, one.how, "yes" if one.mutant.must_die else "")
    if alive:
        out.print(table)
    died = len(outcomes) - len(alive)
    out.print(f"{died} of {len(outcomes)} mutants died")
    enough = died >= SHARE_MIN * len(outcomes) and not any(one.mutant.must_die for one in alive)
    return 0 if enough and outcomes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
