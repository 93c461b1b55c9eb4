"""The documentation as a site: the repository's Markdown and the pages of the reference, made into HTML by Sphinx.

The Markdown is plain, as a forge shows it. What Sphinx wants besides is added to a copy: the contents, which are the
lists of links of each `README.md` below `docs/`, and pages that are made from the API documents.
"""

import functools
import http.server
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.home import ROOT
from deploy.documents import hearers, picture, reference
from deploy.provision.resources import services

BESIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE")
"""What stands at the root of the repository and is of the documentation."""
INDEX = "docs/README.md"
LISTED = re.compile(r"^(- |\| )\[([^\]]+)\]\(([^)#:]+\.md)\)", re.MULTILINE)
"""A link that begins an item of a list or a row of a table: a page of the contents, by the words of the link in a list,
by its own title in a table."""
ENTRY = '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=docs/README.html">\n'


def listed(index: Path) -> list[str]:
    """The pages that an index lists, as its links say them, in order."""
    return [page for _, _, page in LISTED.findall(index.read_text())]


def stage(folder: Path, root: Path = ROOT) -> None:
    """Write what Sphinx reads into an empty folder."""
    for name in BESIDE:
        shutil.copy(root / name, folder / name)
    shutil.copytree(root / "docs", folder / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    platform = services()
    readme = folder / "README.md"
    readme.write_text(picture.replaced(readme.read_text(), hearers.table(platform)))
    api = folder / "docs" / "api"
    pages = {f"{service.name}.md": reference.api_page(service.name) for service in platform}
    pages["events.md"] = reference.events_page(platform)
    for name, text in pages.items():
        (api / name).write_text(text)
    with (api / "README.md").open("a") as contents:
        contents.write("\n## Pages\n\n" + "".join(f"- [{_title(text)}]({name})\n" for name, text in pages.items()))
    for index in folder.glob("docs/**/README.md"):
        index.write_text(_with_contents(index.read_text()))


def build(into: Path) -> Path:
    """Build the site into a folder, and return its first page. Raises `Failure` where Sphinx has a word to say."""
    source, built = into / "source", into / "html"
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(built, ignore_errors=True)
    source.mkdir(parents=True)
    stage(source)
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--conf-dir", str(source / "docs"), "--quiet"]
    command += ["--fail-on-warning", "--nitpicky", "--doctree-dir", str(into / "doctrees"), str(source), str(built)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.replace(f"{source}/", "").strip()
        raise Failure(f"The site could not be built.\n{told}", "Mend what is named, and build again.")
    (built / "index.html").write_text(ENTRY)
    return built / "index.html"


def serve(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Answer with a built site on loopback; whoever asked calls `serve_forever`. Raises `Failure` for a taken port."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as taken:
        raise Failure(f"Port {port} is not free: {taken.strerror}.", "Name another: --port 8123") from None


def _with_contents(text: str) -> str:
    """An index with a hidden table of contents below each of its headings that lists pages."""
    parts = re.split(r"(?m)^(?=## )", text)
    return "".join(part + _contents(part) for part in parts)


def _contents(part: str) -> str:
    pages = [f"{words} <{page}>" if item == "- " else page for item, words, page in LISTED.findall(part)]
    if not pages:
        return ""
    heading = re.match(r"## (.+)", part)
    caption = f":caption: {heading[1]}\n" if heading else ""
    return f"\n```{{toctree}}\n:hidden:\n:maxdepth: 2\n{caption}\n" + "\n".join(pages) + "\n```\n\n"


def _title(page: str) -> str:
    return page.partition("\n")[0].removeprefix("# ")
