"""What `./mkd check` checks: format, lint, types, import contracts, committed documents, prose; and what it reports."""

import subprocess
import sys
import time

from rich.console import Console
from rich.text import Text

from deploy.base.console import plain
from deploy.base.home import ROOT
from deploy.checks import measures, prose, typed
from deploy.documents import contracts

PYTHON = sys.executable
STEPS = (
    ("format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
    ("lint", (PYTHON, "-m", "ruff", "check", "--quiet", ".")),
    ("types", (PYTHON, "-m", "mypy")),
    ("import contracts", (PYTHON, "-c", "from importlinter.cli import lint_imports_command as c; c()")),
)

LOOKS = (("schemas and documents", contracts.stale), ("typed core", typed.faults), ("prose", prose.faults))


def run(out: Console) -> bool:
    """Every step; true when all are clean."""
    clean = True
    for name, command in STEPS:
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        clean &= _say(out, name, done.returncode == 0, started)
        if done.returncode:
            for line in (done.stdout + done.stderr).rstrip().splitlines():
                out.print(plain(line))
    for name, look in LOOKS:
        started = time.monotonic()
        faults = look()
        clean &= _say(out, name, not faults, started)
        for what in faults:
            out.print(plain(f"  {what}"))
    for line in (*typed.report(), *measures.report()):
        out.print(plain(line))
    return clean


def _say(out: Console, name: str, good: bool, started: float) -> bool:
    verdict = ("clean", "green") if good else ("not clean", "bold red")
    out.print(Text.assemble(f"{name:24} ", verdict, f"  {time.monotonic() - started:.1f} s"))
    return good
