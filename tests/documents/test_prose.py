"""What `./mkd check` says of the repository's Markdown, on a copy that is spoilt one fault at a time."""

import shutil
from pathlib import Path

import pytest

from deploy.base.home import ROOT
from deploy.checks import prose


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The documents, to be spoilt, and links to all that they name."""
    for name in ("services", "shared", "deploy", "demo", "tests", "benchmarks", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for file in ROOT.glob("*.md"):
        shutil.copy(file, tmp_path)
    shutil.copy(ROOT / "LICENSE", tmp_path)
    return tmp_path


def test_the_documents_are_as_they_should_be(tree: Path) -> None:
    assert prose.faults(tree) == prose.faults() == []


@pytest.mark.parametrize(
    ("page", "more", "fault"),
    [
        ("README.md", "x" * 121, "is 121 wide, and at most 120"),
        ("README.md", "```sh\n" + "x" * 121 + "\n```", "is 121 wide"),
        ("docs/glossary.md", "[a page](nowhere.md)", "links to nowhere.md, which is not there"),
        ("docs/architecture.md", "See `shared/kit/cellar.py`.", "names shared/kit/cellar.py, which is not there"),
        ("docs/alone.md", "# Alone", "docs/alone.md: no list of the contents leads to it"),
        ("docs/how-to/add-a-moon.md", "# Add a moon", "docs/how-to/add-a-moon.md: no list of the contents"),
        ("docs/adr/0999-so.md", "# 0999 So\n\n**Context.** None.", "docs/adr/0999-so.md: has no status"),
        ("docs/adr/0999-so.md", "**Status.** Perhaps.", "docs/adr/0999-so.md: has no status"),
        ("docs/adr/0999-so.md", "**Status.** Accepted.", "docs/adr/README.md: has no row for 0999-so.md"),
    ],
)
def test_a_fault_is_told(tree: Path, page: str, more: str, fault: str) -> None:
    file = tree / page
    file.write_text((file.read_text() if file.exists() else "") + f"\n{more}\n")
    assert any(fault in told for told in prose.faults(tree))


def test_page_and_index_say_the_same_status(tree: Path) -> None:
    file = next((tree / "docs" / "adr").glob("0001-*.md"))
    superseded = "**Status.** Superseded by [0002](0002-exactly-once-in-effect.md)."
    file.write_text(file.read_text().replace("**Status.** Accepted.", superseded))
    assert prose.faults(tree) == [f"docs/adr/README.md: says another status of {file.name} than the page"]


def test_tables_and_drawn_pictures_may_be_wide_and_history_may_name_what_is_gone(tree: Path) -> None:
    for page, more in (
        ("README.md", f"| {'x' * 130} |"),
        ("README.md", f"```mermaid\n{'x' * 130}\n```"),
        ("docs/adr/0001-commit-log-as-outbox.md", "Then in `shared/kit/log.py`."),
    ):
        with (tree / page).open("a") as file:
            file.write(f"\n{more}\n")
    assert prose.faults(tree) == []
