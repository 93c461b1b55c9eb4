"""Whose folder it is that a stack writes in: a mark is put there when it is made, and nothing is removed without it."""

import json
import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.base.failure import Failure
from deploy.base.files import flush, write_whole
from deploy.base.home import ROOT, Home

MARK = ".mkd-stack"
KAFKA_MADE = r"data|data\.new|damaged-[0-9T-]+|format\.properties|server\.properties|log4j2\.properties"
PARTS = {
    "kafka": KAFKA_MADE,
    "mongo": "data",
    "secrets": r"issuer\.pem|mongo-members\.key|demo-sign-in|(portal|program)-client|portal-sessions"
    r"|(kafka|mongo)-[a-z-]+",
    "logs": r"[a-z0-9-]+\.log(\.\d+)?",
    "run": r"supervisord\.(conf|pid)|clock|cast\.json|clients\.json",
    "demo": ".*",
}
"""What a stack's folder holds, and what each of those does: anything else is somebody else's. What the last holds is
for its own mark to say."""


def known(home: Home) -> dict[str, Any] | None:
    """What the mark of a stack says; None where there is none that a stack has made."""
    try:
        said: Any = json.loads((home.path / MARK).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return said if isinstance(said, dict) and "id" in said else None


def take(home: Home) -> None:
    """Make a stack's folder, or go on with one. Raises `Failure` when it holds anything that is not a stack's."""
    said = known(home)
    if said is None:
        strangers = sorted(entry.name for entry in _entries(home.path) if not _is_its_demo(home, entry))
        if strangers and not (_of_old(home) or _is_bare(home)):
            raise Failure(
                f"{home.path} is no stack's, and holds other things ({_some(strangers)}).",
                "Name an empty folder, or one that is not there yet: MKD_HOME=…",
            )
        home.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        _note(home, {"id": secrets.token_hex(8), "demo": home.is_demo, "begun": bool(strangers)})
    elif said.get("demo", home.is_demo) != home.is_demo:
        what = "the data of a demo" if said["demo"] else "a stack's own data"
        raise Failure(f"{home.path} holds {what}.", "Name another folder: MKD_HOME=…")


def begun(home: Home) -> bool:
    """Whether services have ever been started on the stack's data, so that these may hold what somebody has said."""
    return bool((known(home) or {}).get("begun", False))


def note(home: Home, **told: Any) -> None:
    """Add to what the mark of a stack says."""
    said = known(home) or {}
    if said | told != said:
        _note(home, said | told)


def _note(home: Home, said: dict[str, Any]) -> None:
    write_whole(home.path / MARK, json.dumps(said).encode())
    flush(home.path.parent)


def forget(home: Home) -> bool:
    """Remove a stack's data, logs and secrets. False when there are none. Raises `Failure`, and removes nothing, when
    the folder is not marked as a stack's or holds anything else."""
    if not _entries(home.path):
        return False
    if (said := known(home)) is None or said.get("demo", home.is_demo) != home.is_demo:
        raise Failure(
            f"{home.path} does not say that it is {'a demo' if home.is_demo else 'a stack'}'s, and is left alone.",
            f"If it may go, remove it yourself: rm -r {home.path}",
        )
    if strangers := _strangers(home):
        raise Failure(
            f"{home.path} holds what is not the stack's ({_some(strangers)}), and is left alone.",
            "Take that elsewhere, and try again.",
        )
    for entry in _entries(home.path):
        if entry.name != MARK:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    (home.path / MARK).unlink()
    home.path.rmdir()
    return True


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        raise Failure(f"{folder} is a file.", "Name a folder: MKD_HOME=…") from None


def _strangers(home: Home) -> list[str]:
    """What a stack's folder holds that a stack does not make: as deep as people put things."""
    found = []
    for entry in _entries(home.path):
        if entry.name in (MARK, f"{MARK}.new"):
            continue
        if entry.is_symlink() or not entry.is_dir() or entry.name not in PARTS or entry.name == "demo":
            found.append(entry.name)
            continue
        may_be = re.compile(rf"({PARTS[entry.name]})(\.new)?")
        found += [f"{entry.name}/{one.name}" for one in entry.iterdir() if not _may_be(one, may_be)]
    return sorted(found)


def _may_be(entry: Path, named: re.Pattern[str]) -> bool:
    return not entry.is_symlink() and bool(named.fullmatch(entry.name))


def _of_old(home: Home) -> bool:
    """Whether a stack of a version that left no mark has made this folder: its supervisor was told to write there."""
    try:
        config = (home.path / "run" / "supervisord.conf").read_text()
    except (FileNotFoundError, NotADirectoryError):
        return False
    logs = re.search(r"^childlogdir=(.+)$", config, re.MULTILINE)
    if logs is None or (ROOT / logs[1]).resolve() != (home.path / "logs").resolve():
        return False
    return not _strangers(home)


def _is_bare(home: Home) -> bool:
    """Whether there are empty folders alone, with names of a stack's, as commands of a version that left no mark made
    them by looking."""
    return not _strangers(home) and not any(one.is_file() or one.is_symlink() for one in home.path.rglob("*"))


def _is_its_demo(home: Home, entry: Path) -> bool:
    inner = replace(home, path=entry, is_demo=True)
    return entry.name == "demo" and not home.is_demo and bool((known(inner) or {}).get("demo"))


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
