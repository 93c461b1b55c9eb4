"""What commands say to who runs them, and how a failure is said."""

import errno
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.base.failure import Failure
from deploy.base.home import ROOT

AS_IT_IS: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False, "soft_wrap": True}
"""What is printed is mostly data: none of it is taken for markup. What stands out is a `Text` with a style."""

out = Console(**AS_IT_IS, width=None if sys.stdout.isatty() else 150)
err = Console(**AS_IT_IS, stderr=True)
STARTED = time.monotonic()
INTERRUPTED = 130
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def say(text: str) -> None:
    """A step, with the seconds since the command began."""
    out.print(Text.assemble((f"{time.monotonic() - STARTED:6.1f} s", "dim"), "  ", plain(text)))


def plain(words: object) -> Text:
    """Words as they are, whoever wrote them: nothing in them is taken for markup, steers the terminal, or begins a line
    that looks like one of ours. All that is data is printed so."""
    shown = (char if char.isprintable() else f"\\x{ord(char):02x}" for char in str(words))
    return Text("".join(shown))


def tell(words: object) -> None:
    """Print words as they are."""
    out.print(plain(words))


def add(table: Table, *cells: object) -> None:
    """Add a row of words as they are."""
    table.add_row(*map(plain, cells))


def complain(cause: str, remedy: str) -> None:
    """Say what went wrong, and what to do."""
    err.print(Text.assemble(("mkd:", "bold red"), " ", plain(cause), "\n     ", plain(remedy)))


def run(app: typer.Typer, name: str, args: Sequence[str] | None = None) -> None:
    """Run a command. What goes wrong is said as its cause and what to do; how it came about is kept in a file, unless
    it is asked for (MKD_DEBUG=1)."""
    try:
        app(args, prog_name=name)
    except Failure as failure:
        complain(failure.cause, failure.remedy)
        sys.exit(1)
    except KeyboardInterrupt:
        complain("Interrupted.", "Run the command again to go on; ./mkd down stops what still runs.")
        sys.exit(INTERRUPTED)
    except Exception as failed:
        if os.environ.get("MKD_DEBUG") == "1":
            raise
        cause, remedy = told(failed)
        complain(cause, f"{remedy} How it came about is in {_kept()}")
        sys.exit(1)


def told(failed: Exception) -> tuple[str, str]:
    """The cause of a failure that nobody foresaw, and what to do, as far as can be said."""
    from confluent_kafka import KafkaException  # each takes a while to load, and most commands end well
    from pydantic import ValidationError
    from pymongo.errors import PyMongoError

    match failed:
        case ValidationError():
            wrong = "; ".join(_setting(error["loc"], error["msg"]) for error in failed.errors())
            return f"The settings are wrong: {wrong}.", "Set the environment variables that are named, and try again."
        case KafkaException():
            return f"Kafka does not do it: {failed}.", "See ./mkd status and ./mkd logs kafka."
        case PyMongoError():
            return f"MongoDB does not do it: {str(failed)[:300]}.", "See ./mkd status and ./mkd logs mongod."
        case OSError():
            where = f" ({failed.filename})" if failed.filename else ""
            remedy = "Make room on the disk." if failed.errno in NO_ROOM else "Mend that, and try again."
            return f"{failed.strerror or failed}{where}.", remedy
    return f"Something went wrong that nobody foresaw: {type(failed).__name__}: {str(failed)[:300]}.", "Report it."


def _setting(place: tuple[int | str, ...], message: str) -> str:
    name = f"MKD_{'_'.join(map(str, place)).upper()}: " if place else ""
    return name + message.removeprefix("Value error, ")


def _kept() -> Path:
    """The file that keeps what a developer asks for."""
    folder = ROOT / ".mkd" if os.access(ROOT / ".mkd", os.W_OK) else Path(tempfile.gettempdir())
    file = folder / "errors.log"
    with file.open("a") as kept:
        kept.write(f"{datetime.now().astimezone().isoformat()} {' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    return file
