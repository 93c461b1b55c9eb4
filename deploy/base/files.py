"""How files are written that must be whole or not there, whatever happens in between."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file anew: after a power cut at any moment it is as before, or as told here. Its folder is there."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(new, file)
    flush(file.parent)


def flush(folder: Path) -> None:
    """Have the disk hold which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_tree(folder: Path) -> None:
    """Have the disk hold all that is below a folder, and the folder itself."""
    for path, _, names in os.walk(folder):
        for name in names:
            flush(Path(path) / name)
        flush(Path(path))


def is_empty(file: Path) -> bool:
    """Whether a file is not there, or holds nothing: no byte, or only those that a lost write leaves."""
    return not file.is_file() or not file.read_bytes().strip(b"\0 \n")


@contextmanager
def in_turn(file: Path) -> Iterator[None]:
    """Wait until no other process is at what a lock file stands for. The lock goes with the process that holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
