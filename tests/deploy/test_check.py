"""`./mkd check` is clean: what reviewers need not look for."""

import ast
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from deploy.base.home import ROOT
from deploy.checks import run as check

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACT = next(c for c in CONFIG["tool"]["importlinter"]["contracts"] if c["name"] == "Pure rooms do no I/O")
PURE = sorted(
    file
    for room in CONTRACT["source_modules"]
    if room != "shared.contracts"
    for path in (room.replace(".", "/"),)
    for file in (*ROOT.glob(f"{path}.py"), *ROOT.glob(f"{path}/*.py"))
)
BANNED = {"now", "utcnow", "today", "uuid4", "uuid7", "token_hex", "random_id", "new_id"}


def test_pure_rooms_are_found() -> None:
    assert len(PURE) > 60


def test_everything_that_check_checks_is_clean() -> None:
    out = Console(width=200, record=True)
    assert check.run(out), out.export_text()


@pytest.mark.parametrize(
    "file",
    PURE,
    ids=lambda file: "/".join(file.relative_to(ROOT).with_suffix("").parts[1:]),
)
def test_a_pure_room_has_no_clock_no_chance_and_waits_for_nothing(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), f"{file}:{node.lineno} waits"
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        assert name not in BANNED, f"{file}:{getattr(node, 'lineno', 0)} calls {name}"
