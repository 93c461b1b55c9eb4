"""What is documented as a table is one, with its heading also where it is empty; and what is read has its tag."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from shared.kit.base import generations
from shared.kit.base.csvcells import quoted
from shared.people.reads import as_csv, fields, table
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)
SENT = ("ETag", "Link", "Location", "Idempotency-Replayed", "Retry-After", "WWW-Authenticate")


class Line(BaseModel):
    name: str
    sen: int | None


@table(*fields(Line))
def line(item: Line) -> dict[str, Any]:
    return item.model_dump()


@pytest.mark.parametrize("text", ["", "=1+1", "-2+3+cmd|' /C calc'!A0", "|x", "a;=1", "@x", "+62", "Bagian Umum"])
def test_a_text_is_marked_and_a_number_is_not(text: str) -> None:
    told = as_csv(line, [Line(name=text, sen=-125_000), Line(name="", sen=None)]).decode()
    first, second = csv.DictReader(io.StringIO(told, newline=""))
    assert first == {"name": quoted(text), "sen": "-125000"}
    assert second == {"name": "", "sen": ""}, "an empty cell stays empty"


async def _read(
    memory: Platform,
    service: str,
    path: str,
    parameters: list[dict[str, Any]],
    month: str,
    how: dict[str, str] | None = None,
) -> Any:
    usual = {"month": month, "from": month, "to": month, "since": f"{month}-30T17:00:00Z", "building_id": "bld-0001"}
    query = {one["name"]: usual[one["name"]] for one in parameters if one["in"] == "query" and one["required"]}
    headers = {"Authorization": f"Bearer {memory.token(subject('citra'))}"} | (how or {})
    return await memory.apis.clients[service].get(path, params=query, headers=headers)


async def test_every_table_is_one_with_a_heading_and_a_tag(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    models = generations.of(memory.databases["savings"], generations.FIRST)
    await models["buildings"].insert_one({"_id": "bld-0001", "history": []})
    found = 0
    for service, app in memory.apps.items():
        for path, ways in app.openapi()["paths"].items():
            operation = ways.get("get", {"responses": {"200": {}}})
            is_table = "text/csv" in operation["responses"]["200"].get("content", {})
            if not is_table or path.startswith(("/v1/exports", "/v1/open/")):
                continue
            found += 1
            at = (memory, service, path, operation["parameters"])
            full, empty = [await _read(*at, month, {"Accept": "text/csv"}) for month in ("2026-09", "2031-04")]
            for answer in (full, empty):
                assert answer.status_code == 200, answer.text
                assert answer.headers["content-type"].startswith("text/csv"), path
            headings = [answer.text.splitlines()[0] for answer in (full, empty)]
            assert headings[0] == headings[1], path
            assert len(headings[0].split(",")) > 3
            assert len(empty.text.splitlines()) == 1, path
            assert not any(cell[:1] in "{[" and cell for row in csv.reader(io.StringIO(full.text)) for cell in row), (
                path
            )
            for accept in ("text/csv", "application/json"):
                first = await _read(*at, "2026-09", {"Accept": accept})
                for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}'):
                    again = await _read(*at, "2026-09", {"Accept": accept, "If-None-Match": tag})
                    assert (again.status_code, again.content) == (304, b""), path
    assert found >= 10


async def test_no_header_is_sent_that_is_not_documented(memory: Platform) -> None:
    """Of those that a client acts on, by every call of a story and of every reading."""
    town = await open_town(memory)
    heard: list[tuple[str, Any]] = []

    def listening(service: str) -> Any:
        async def hear(answer: Any) -> None:
            heard.append((service, answer))

        return hear

    for service, client in memory.apis.clients.items():
        client.event_hooks["response"].append(listening(service))
    await town.play_to_verified("ani", MONDAY)
    for service, app in memory.apps.items():
        for path, ways in app.openapi()["paths"].items():
            if "get" in ways and "{" not in path and path != "/v1/changes":
                await _read(memory, service, path, ways["get"].get("parameters", []), "2026-09")
        await memory.apis.clients[service].get("/v1/me")
    seen = set()
    for service, answer in heard:
        operation = _operation(memory.apps[service].openapi(), answer.request)
        if operation is None:
            continue
        responses = operation["responses"]
        documented = responses[str(answer.status_code)].get("headers", {})
        sent = {name for name in SENT if name in answer.headers}
        assert sent <= documented.keys(), (answer.request.method, answer.request.url, sent)
        seen |= sent
    assert seen >= {"ETag", "Location", "WWW-Authenticate"}


def _operation(document: dict[str, Any], request: Any) -> dict[str, Any] | None:
    parts = request.url.path.split("/")
    for path, ways in document["paths"].items():
        known = path.split("/")
        fits = len(known) == len(parts) and all(_fits(one, part) for one, part in zip(known, parts, strict=True))
        if fits and request.method.lower() in ways:
            return dict(ways[request.method.lower()])
    return None


def _fits(known: str, part: str) -> bool:
    name, _, verb = known.partition(":")
    return known == part or (name.startswith("{") and part.partition(":")[2] == verb)
