"""What commands say to who runs them, and how a failure is said."""

import sys
import time

import typer
from rich.console import Console

from deploy.failure import Failure

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 150)
err = Console(stderr=True, highlight=False, soft_wrap=True)
STARTED = time.monotonic()


def say(text: str) -> None:
    """A step, with the seconds since the command began."""
    out.print(f"[dim]{time.monotonic() - STARTED:6.1f} s[/dim]  {text}")


def run(app: typer.Typer, name: str) -> None:
    """Run a command; a failure that somebody can act on is said in two sentences."""
    try:
        app(prog_name=name)
    except Failure as failure:
        err.print(f"[bold red]mkd:[/bold red] {failure.cause}\n     {failure.remedy}")
        sys.exit(1)
