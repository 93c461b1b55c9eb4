"""What every reading has: `HEAD`, compression, CSV by parameter, and pages of other origins where they are named."""

import gzip
from datetime import date
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.kit.web import app as http
from shared.kit.web.reading import SMALLEST_BYTES, Compressed, Heads, takes_gzip
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)
ELSEWHERE = "https://dasbor.example"
KNOWN = {"month": "2026-09", "iso_week": "2026-W37", "day": "2026-09-07", "since": "2026-09-30T17:00:00Z"}
KNOWN |= {"from": "2026-08", "to": "2026-10", "kind": "units", "building_id": "bld-0001"}


CHANGES = "/v1/changes"
"""Goes on for as long as somebody listens."""


async def test_every_get_has_its_head(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    tried = 0
    for service, app in memory.apis.clients.items():
        token = {"Authorization": f"Bearer {memory.token(subject('citra'))}"}
        for path, ways in memory.apps[service].openapi()["paths"].items():
            if "get" not in ways or path == CHANGES:
                continue
            parameters = ways["get"].get("parameters", [])
            query = {one["name"]: KNOWN[one["name"]] for one in parameters if one["in"] == "query" and one["required"]}
            for name, value in KNOWN.items():
                path = path.replace(f"{{{name}}}", value)
            got, headed = [await app.request(way, path, params=query, headers=token) for way in ("GET", "HEAD")]
            assert (headed.status_code, headed.content) == (got.status_code, b""), path
            lengths = {"content-length", "date", "content-language"}
            assert {*got.headers} - lengths == {*headed.headers} - lengths, path
            assert got.headers.get("etag") == headed.headers.get("etag"), path
            tried += 1
        scraped = await app.get("/metrics")
        assert 'method="HEAD",route="/v1/me"' in scraped.text, "a head is counted as one, at its route"
        headed = await app.head(CHANGES, headers=token)
        assert (headed.status_code, headed.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        refused = await app.head("/v1/me")
        assert refused.status_code == 401
    assert tried > 35


@pytest.mark.parametrize(
    ("said", "takes"),
    [
        *(("gzip", True), ("br, GZIP;q=0.1", True), ("*", True), ("gzip;q=0", False), ("br", False), ("", False)),
        *(("x-gzip", False), ("gzip;q=x", False), ("gzip;q=0, *", False)),
    ],
)
def test_who_takes_gzip(said: str, takes: bool) -> None:
    assert takes_gzip(said) is takes


gzip_of = gzip.compress


def of_size(size: int, **headers: str) -> httpx.AsyncClient:
    """What answers so many bytes of JSON with a tag, or 304."""

    async def answer(request: Request) -> Response:
        status = 304 if '"t"' in request.headers.get("if-none-match", "") else 200
        body = b"" if status == 304 else b"x" * size
        told = {"ETag": '"t"', "Vary": "accept", "Content-Type": "application/json", **headers}
        return Response(body, status, headers=told)

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    whole = Compressed(Heads(app))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=whole), base_url="http://kit")


async def test_a_large_answer_is_compressed_under_a_weak_tag() -> None:
    client = of_size(SMALLEST_BYTES)
    packed = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.headers["etag"]) == ("gzip", 'W/"t"')
    assert (packed.headers["vary"], packed.content) == ("accept, Accept-Encoding", b"x" * SMALLEST_BYTES)
    assert int(packed.headers["content-length"]) == len(gzip.compress(packed.content, 1)) < 100
    head = await client.head("/", headers={"Accept-Encoding": "gzip"})
    assert (head.headers["content-encoding"], head.headers["etag"], head.content) == ("gzip", 'W/"t"', b"")
    assert "content-length" not in head.headers
    for tag in ('W/"t"', '"t"'):
        unchanged = await client.get("/", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)


@pytest.mark.parametrize(
    ("size", "way", "asked", "told"),
    [
        (SMALLEST_BYTES - 1, "GET", "gzip", {}),
        (SMALLEST_BYTES, "GET", "identity", {}),
        (SMALLEST_BYTES, "POST", "gzip", {}),
        (SMALLEST_BYTES, "GET", "gzip", {"Content-Type": "application/zip"}),
        (SMALLEST_BYTES, "GET", "gzip", {"Content-Encoding": "br-like"}),
        (SMALLEST_BYTES, "GET", "gzip", {"ETag": '"3"'}),
    ],
    ids=["small", "not asked for", "an answer to a command", "packed already", "encoded already", "a version"],
)
async def test_any_other_answer_is_left_as_it_is(size: int, way: str, asked: str, told: dict[str, str]) -> None:
    answer = await of_size(size, **told).request(way, "/", headers={"Accept-Encoding": asked})
    assert answer.headers.get("content-encoding") in (None, "br-like")
    assert (answer.headers["etag"], len(answer.content)) == (told.get("ETag", '"t"'), size)


async def test_a_reading_that_was_compressed_is_known_again_and_a_refusal_is_never(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    first = await town.get("citra", "savings", "/v1/postings", month="2026-09")
    assert (first.headers["content-encoding"], first.headers["etag"][:3]) == ("gzip", 'W/"')
    seen = {"If-None-Match": first.headers["etag"], "Authorization": f"Bearer {memory.token(subject('citra'))}"}
    again = await memory.apis.clients["savings"].get("/v1/postings?month=2026-09", headers=seen)
    assert (again.status_code, again.headers["etag"]) == (304, first.headers["etag"])
    refused = await town.get("citra", "savings", "/v1/postings", **{"month": "2026-09", "x" * 60: "1"})
    assert (refused.status_code, "content-encoding" in refused.headers) == (422, False)


async def test_what_is_told_again_is_compressed_once(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    client, path = memory.apis.clients["savings"], "/v1/unit-months?month=2026-09"
    token = {"Authorization": f"Bearer {memory.token(subject('citra'))}"}
    told = [await client.get(path, headers=token) for _ in range(2)]
    packed: list[int] = []

    def compress(body: bytes, level: int, mtime: float) -> bytes:
        packed.append(len(body))
        return gzip_of(body, level, mtime=mtime)

    monkeypatch.setattr(gzip, "compress", compress)
    told += [await client.get(path, headers=token) for _ in range(2)]
    plain = [await client.get(path, headers=token | {"Accept-Encoding": "identity"}) for _ in range(2)]
    assert packed == []
    assert {answer.headers.get("content-encoding") for answer in told} == {"gzip"}
    assert {answer.headers.get("content-encoding") for answer in plain} == {None}
    assert len({answer.content for answer in (*told, *plain)}) == 1
    assert {answer.headers["vary"] for answer in told} == {told[0].headers["vary"]}
    assert all("Accept-Encoding" in answer.headers["vary"] for answer in (*told, *plain))
    assert {f"W/{answer.headers['etag']}" for answer in plain} == {answer.headers["etag"] for answer in told}


async def test_a_list_is_told_as_csv_by_parameter(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    token = {"Authorization": f"Bearer {memory.token(subject('citra'))}"}

    async def read(accept: str, **params: Any) -> httpx.Response:
        headers = token | {"Accept": accept}
        return await memory.apis.clients["savings"].get(
            "/v1/unit-months", params={"month": "2026-09"} | params, headers=headers
        )

    by_header, by_parameter = await read("text/csv"), await read("application/json", format="csv")
    assert by_header.content == by_parameter.content
    assert by_parameter.headers["content-type"].startswith("text/csv")
    assert (await read("text/csv", format="json")).json()["items"]
    (said,) = (await read("*/*", format="xls")).json()["errors"]
    assert (said["rule"], said["pointer"]) == ("field-invalid", "query:format")
    page = await read("*/*", format="csv", limit=1)
    assert "format=csv" in page.headers["link"], "the next page is in the same form"


async def test_pages_of_other_origins_read_only_where_they_are_named(memory: Platform) -> None:
    named = memory.settings["savings"].model_copy(update={"cors_origins": f"{ELSEWHERE},http://localhost:5173"})
    transport = httpx.ASGITransport(app=http.api(memory.services["savings"], named))
    opened = httpx.AsyncClient(transport=transport, base_url="http://savings")
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    granted = await opened.options("/v1/unit-months", headers={"Origin": ELSEWHERE} | asks)
    assert (granted.status_code, granted.headers["access-control-allow-origin"]) == (200, ELSEWHERE)
    assert "access-control-allow-credentials" not in granted.headers
    posting = {"Origin": ELSEWHERE} | asks | {"Access-Control-Request-Method": "POST"}
    assert (await opened.options("/v1/factor-sets", headers=posting)).status_code == 400
    read = await opened.get("/v1/me", headers={"Origin": ELSEWHERE})
    assert (read.status_code, read.headers["access-control-allow-origin"]) == (401, ELSEWHERE)
    assert read.headers["access-control-expose-headers"] == "Changes-Since, ETag, Link, Retry-After"
    assert {"origin", "authorization"} <= {one.strip().lower() for one in read.headers["vary"].split(",")}
    for client, origin in (
        (opened, "https://lain.example"),
        (opened, "null"),
        (memory.apis.clients["savings"], ELSEWHERE),
    ):
        answer = await client.get("/v1/me", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers, origin
