"""What the repository's Markdown must hold: width, links, contents, the status of decisions, paths that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.base.home import ROOT
from deploy.documents.site import BESIDE, INDEX, listed

WIDTH_MAX = 120
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
DRAWN = re.compile(r"^```mermaid\n.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:services|shared|deploy|demo|tests|docs|benchmarks|requirements)/[\w./-]+)`")
STATUS = re.compile(
    r"^\*\*Status\.\*\* (Proposed|Accepted|Superseded by \[\d{4}\]\([\w-]+\.md\))(; .+?)?\.$", re.MULTILINE | re.DOTALL
)
HISTORY = ("docs/adr/", "CHANGELOG.md")
"""Pages that tell of what was: the files that they name may have moved since."""


def faults(root: Path = ROOT) -> list[str]:
    """What is not as it should be, each with its file."""
    found = [f"{name}{fault}" for name, text in pages(root).items() for fault in _of_page(root, name, text)]
    return [*found, *_not_listed(root), *_decisions(root)]


def pages(root: Path) -> dict[str, str]:
    """Every page of Markdown, by its path."""
    files = [root / name for name in BESIDE if name.endswith(".md")]
    files += [*root.glob(".github/**/*.md"), *root.glob("docs/**/*.md")]
    return {file.relative_to(root).as_posix(): file.read_text() for file in sorted(files)}


def _of_page(root: Path, name: str, text: str) -> Iterator[str]:
    drawn = DRAWN.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(drawn.splitlines(), 1):
        if len(line) > WIDTH_MAX and not line.startswith("|"):
            yield f":{number}: is {len(line)} wide, and at most {WIDTH_MAX}"
    prose = CODE.sub("", FENCED.sub("", text))
    for target in LINK.findall(prose):
        if ":" not in target and not (root / name).parent.joinpath(target).exists():
            yield f": links to {target}, which is not there"
    if not name.startswith(HISTORY):
        for path in PATH.findall(FENCED.sub("", text)):
            if not (root / path).exists():
                yield f": names {path}, which is not there"


def _not_listed(root: Path) -> Iterator[str]:
    """Pages that the contents do not lead to."""
    reached, waiting = set(), [root / INDEX]
    while waiting:
        index = waiting.pop()
        reached.add(index)
        if index.name == "README.md" and index.is_relative_to(root / "docs"):
            targets = [(index.parent / page).resolve() for page in listed(index)]
            waiting += [file for file in targets if file.exists() and file not in reached]
    for file in sorted({*root.glob("docs/**/*.md")} - reached):
        yield f"{file.relative_to(root)}: no list of the contents leads to it"


def _decisions(root: Path) -> Iterator[str]:
    index = (root / "docs" / "adr" / "README.md").read_text()
    for file in sorted(root.glob("docs/adr/[0-9]*.md")):
        status = STATUS.search(file.read_text())
        row = next((line for line in index.splitlines() if line.startswith(f"| [{file.name[:4]}]({file.name})")), None)
        if status is None:
            yield f"docs/adr/{file.name}: has no status, such as `**Status.** Accepted.`"
        elif row is not None and f"| {status[1].split()[0].lower()}" not in row:
            yield f"docs/adr/README.md: says another status of {file.name} than the page"
        if row is None:
            yield f"docs/adr/README.md: has no row for {file.name}"
