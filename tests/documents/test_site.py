"""The site: what Sphinx is given, and, in the long run, what it makes of that."""

import json
import re
import threading
from pathlib import Path

import httpx
import pytest

from deploy.base.failure import Failure
from deploy.base.home import ROOT, SERVICES
from deploy.documents import picture, reference, site
from deploy.provision.resources import services
from shared.contracts.requests import RequestSubmitted
from tests.harness.parts import free_port_base

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|embed|object)\b[^>]*?\b(?:src|data)=["']?([^"'\s>]+)"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev|index|search|license))[^>]*?\bhref=["']?([^"'\s>]+)"""
    r"""|(?:url\(|@import\s+|\bfetch\(|\bimport\()\s*["']?((?:https?:)?//[^"'\s)]+)"""
)
"""What a page, a style or a script has the browser fetch."""


def from_outside(text: str) -> list[str]:
    """The addresses of other hosts that a file has a browser load."""
    found = (next(filter(None, groups)) for groups in LOADED.findall(text) if any(groups))
    return [address for address in found if address.startswith(("http:", "https:", "//"))]


def test_what_sphinx_is_given_has_a_page_for_each_api_and_lists_every_page(tmp_path: Path) -> None:
    site.stage(tmp_path)
    api = tmp_path / "docs" / "api"
    assert [*site.listed(api / "README.md")] == [f"{name}.md" for name in SERVICES] + ["events.md"]
    assert "```mermaid" not in (tmp_path / "README.md").read_text()
    assert "| request-submitted |  | publishes | consumes |" in (tmp_path / "README.md").read_text()
    contents = re.findall(r"```\{toctree\}\n(?:.*\n)*?```", (tmp_path / "docs" / "README.md").read_text())
    assert "\n".join(contents).count(".md") == len(site.listed(ROOT / "docs" / "README.md"))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_named_where_people_look_for_it(name: str) -> None:
    assert f"\n| {name} | " in (ROOT / "docs" / "architecture.md").read_text()
    assert f"]({name}.openapi.json) | [AsyncAPI]({name}.asyncapi.json) |" in (ROOT / "docs/api/README.md").read_text()


def test_a_call_is_told_with_what_it_takes_answers_and_refuses() -> None:
    page = reference.api_page("requests")
    call = page.partition("### POST /v1/requests\n")[2].partition("\n### ")[0]
    assert "| `idempotency-key` | header |" in call
    assert "[SubmitBody](#ref-requests-submitbody)" in call
    assert "Answers **201**: [RequestResponse](#ref-requests-requestresponse)" in call
    assert "\n- **422** " in call.partition("Refuses with:")[2]
    targets, links = re.findall(r"(?m)^\((.+)\)=$", page), re.findall(r"\]\(#(ref-[^)]+)\)", page)
    assert set(links) <= set(targets)
    assert len(targets) == len(set(targets))


def test_an_event_is_told_with_who_hears_it_its_fields_and_an_example() -> None:
    page = reference.events_page(services())
    event = page.partition("\n### request-submitted\n")[2].partition("\n### ")[0]
    assert "`mkd.requests.request-submitted.v1`, keyed by `employee_id`" in event
    assert "Consumed by: approvals." in event
    assert "| `employee_id` |" in event
    example = json.loads(re.findall(r"```json\n(.*?)```", event, re.DOTALL)[0])
    assert RequestSubmitted.model_validate(example, strict=False).request_id == example["request_id"]
    assert page.count("```json") == sum(len(service.publisher.events) for service in services())
    drawn = picture.mermaid(services())
    assert all((f"{event.type}" in drawn) <= (event.type in page) for s in services() for event in s.publisher.events)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script async src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/css">', ["//fonts.example/css"]),
        ("body {background: url(https://img.example/x.png)}", ["https://img.example/x.png"]),
        ('fetch("https://api.example/v1")', ["https://api.example/v1"]),
        ('<a href="https://law.example">a source</a> <img src="_static/x.svg">', []),
    ],
)
def test_what_is_loaded_from_outside_would_be_noticed(text: str, found: list[str]) -> None:
    assert from_outside(text) == found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site.build(tmp_path_factory.mktemp("site")).parent


@pytest.mark.long
def test_the_built_site_loads_nothing_from_outside(built: Path) -> None:
    files = [file for file in built.rglob("*") if file.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(files) > 40
    assert {file: found for file in files if (found := from_outside(file.read_text()))} == {}


@pytest.mark.long
def test_every_page_of_the_repository_is_on_the_site_and_is_served_on_loopback(built: Path) -> None:
    pages = [*site.BESIDE[:-1], *(str(file.relative_to(ROOT)) for file in ROOT.glob("docs/**/*.md"))]
    port = free_port_base()
    with site.serve(built, port) as server:
        assert server.server_address == ("127.0.0.1", port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        for page in pages:
            answer = httpx.get(f"http://127.0.0.1:{port}/{page.removesuffix('.md')}.html")
            assert answer.status_code == 200, page
        with pytest.raises(Failure, match=f"Port {port} is not free"):
            site.serve(built, port)
        server.shutdown()
        thread.join(10)


@pytest.mark.long
def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = site.stage

    def spoilt(folder: Path) -> None:
        whole(folder)
        with (folder / "docs" / "glossary.md").open("a") as page:
            page.write("\n[a section](architecture.md#no-such-heading)\n")

    monkeypatch.setattr(site, "stage", spoilt)
    with pytest.raises(Failure, match=r"docs/glossary\.md.*no-such-heading"):
        site.build(tmp_path)
