"""`./mkd check` is clean: what reviewers need not look for."""

import ast
from pathlib import Path

import pytest
from rich.console import Console

from deploy import check
from deploy.home import ROOT

PURE = ("decide", "projection", "state", "estimate", "net", "disclosure", "rows", "sheets", "calendar", "admission")
BANNED = {"now", "utcnow", "today", "uuid4", "uuid7", "token_hex", "random_id", "new_id"}


def test_everything_that_check_checks_is_clean() -> None:
    out = Console(width=200, record=True)
    assert check.run(out), out.export_text()


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(ROOT.glob("services/*/*.py")) + sorted(ROOT.glob("shared/*/*.py")) if file.stem in PURE],
    ids=lambda file: f"{file.parent.name}/{file.stem}",
)
def test_a_pure_room_has_no_clock_no_chance_and_waits_for_nothing(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), f"{file}:{node.lineno} waits"
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        assert name not in BANNED, f"{file}:{getattr(node, 'lineno', 0)} calls {name}"
