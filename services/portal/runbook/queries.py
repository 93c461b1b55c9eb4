"""Reading runbooks, which come with the software."""

from functools import cache
from pathlib import Path

from services.portal.runbook.model import Runbook
from services.portal.runbook.value import runbook

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "runbooks"


@cache
def read(name: str) -> Runbook | None:
    """One of them, if it is there."""
    file = FOLDER / f"{name}.md"
    return runbook(name, file.read_text("utf-8")) if file.is_file() else None
