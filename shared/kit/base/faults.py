"""How a failure is written down without what it quotes.

An exception's words may hold a document, a body or a name: pydantic prints the input, PyMongo the duplicate key. So it
is written by its type and where it was raised, and in its own words only where those are about machines.
"""

import re
import traceback
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pymongo.errors import BulkWriteError, OperationFailure
from structlog.typing import ExcInfo

ABOUT_MACHINES = {"OSError", "KafkaError", "ConnectionFailure", "IssuerUnreachable", "NewerData", "Fenced"}
"""Types, their kinds included, whose words are about connections, files, versions and partitions."""
WORDS_MAX = 300
FRAMES_MAX = 12
ROOT = Path(__file__).resolve().parents[3]


def named(failed: BaseException) -> str:
    """The type of a failure, and what may be said of it."""
    kind = type(failed)
    if ABOUT_MACHINES & {base.__name__ for base in kind.__mro__}:
        said = str(failed)[:WORDS_MAX]
    elif isinstance(failed, ValidationError):
        faults = failed.errors(include_url=False, include_context=False, include_input=False)
        said = f"{failed.title}, {', '.join(sorted({fault['type'] for fault in faults}))}"
    elif isinstance(failed, BulkWriteError):
        said = f"codes {', '.join(sorted({str(fault['code']) for fault in failed.details['writeErrors']}))}"
    elif isinstance(failed, OperationFailure):
        said = f"code {failed.code}"
    else:
        said = ""
    return f"{kind.__name__}: {said}" if said else kind.__name__


def described(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """A failure and what led to it, each with where it was raised, the innermost place last."""
    chain: list[dict[str, Any]] = []
    failed: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while failed is not None and id(failed) not in seen:
        seen.add(id(failed))
        frames = traceback.extract_tb(failed.__traceback__)[-FRAMES_MAX:]
        at = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"type": f"{type(failed).__module__}.{named(failed)}", "at": at})
        failed = failed.__cause__ or (None if failed.__suppress_context__ else failed.__context__)
    return chain


def without_quotes(written: str) -> str:
    """One line of a text; and of one that somebody has made of an exception (`repr`) its type alone, unless that speaks
    of machines. Further lines are what libraries say of what they failed on."""
    line = written.strip().partition("\n")[0]
    found = re.match(r"([A-Z][A-Za-z0-9_]*)\(", line)
    return found[1] if found and found[1] not in ABOUT_MACHINES else line


def reason(rule: str, said: str) -> str:
    """Why a record was put aside, for eyes that must not see what it holds: what code fails on, it may quote."""
    by_code = rule == "handler-failed" or said.startswith("the body cannot be read as version") or "Value error" in said
    return said.partition(":")[0] if by_code else said[:WORDS_MAX]


def _short(file: str) -> str:
    """A file by its place in the project or among the libraries, not by this machine's folders."""
    path = file.rpartition("/site-packages/")[2]
    return str(Path(path).relative_to(ROOT)) if Path(path).is_relative_to(ROOT) else path
