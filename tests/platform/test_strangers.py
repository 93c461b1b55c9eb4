"""Nothing is read, parsed or held for somebody who is not known; and nothing for ever for anybody."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import uvicorn

from deploy.base.home import listening
from shared.kit.web import arriving, gate, serving
from shared.kit.web.app import api
from tests.harness.parts import free_port_base, wait_for
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject
from tests.kit.served import served

MONDAY = date(2026, 9, 7)
BODIES: tuple[dict[str, str], ...] = ({"content-length": str(2**20)}, {"transfer-encoding": "chunked"}, {})
NOT_TOKENS: tuple[dict[str, str], ...] = ({}, {"authorization": "Bearer x.y.z"}, {"authorization": "Basic eDp5"})


async def asked(app: Any, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[bytes, bytes]]:
    """What an app answers to a call of which the headers alone have come. It fails if a body is asked for first."""
    said: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        assert said, f"a body was asked for: {method} {path}"
        return {"type": "http.disconnect"}

    named = {"host": "localhost", **headers}.items()
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
    }
    scope |= {"path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "state": {}}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in named], "client": ("127.0.0.1", 1)}
    await app(scope, receive, send)
    return said[0]["status"], dict(said[0]["headers"])


async def test_every_operation_answers_401_before_it_asks_for_a_byte(memory: Platform) -> None:
    for service, app in memory.apps.items():
        documented = [(path, name.upper()) for path, ways in app.openapi()["paths"].items() for name in ways]
        others = [("/v9/nowhere", name) for name in ("GET", "PUT", "DELETE", "OPTIONS", "HEAD", "KENARI")]
        assert len(documented) > 5
        for path, method in documented + others + [(path, "POST") for path, _ in documented]:
            for body in BODIES:
                for token in NOT_TOKENS:
                    more = {"expect": "100-continue", "content-type": "application/json"}
                    status, headers = await asked(app, method, path, body | token | more)
                    assert status == 401, (service, method, path)
                    assert (headers.get(b"connection") == b"close") == bool(body), "who still sends is let go"


async def test_what_is_open_is_stated_and_takes_no_body(memory: Platform) -> None:
    app = memory.apps["requests"]
    for path in gate.PROBES | gate.OPEN | {"/problems/overlap", "/static-offline-docs/swagger-ui.css"}:
        assert (await memory.apis.clients["requests"].get(path)).status_code == 200, path
        status, _ = await asked(app, "POST", path, {"content-length": "99"})
        assert status == 413, path


async def test_somebody_without_the_role_is_refused_before_their_sheet_is_read(memory: Platform) -> None:
    await open_town(memory)
    headers = {"authorization": f"Bearer {memory.token(subject('ani'))}", "content-length": str(30 * 2**20)}
    headers |= {"idempotency-key": "k", "content-type": "text/csv"}
    status, _ = await asked(memory.apps["organisation"], "POST", "/v1/imports", headers)
    assert status == 403


async def test_only_a_sheet_may_be_large(memory: Platform) -> None:
    await open_town(memory)
    allowed = {"organisation": {"/v1/imports"}, "approvals": {"/v1/cases:decide"}}
    allowed["performance"] = {"/v1/plans:log", "/v1/plans:judge"}
    for service, app in memory.apps.items():
        token = {"authorization": f"Bearer {memory.token(subject('citra'))}", "content-length": str(300 * 1024)}
        for path in app.openapi()["paths"]:
            if path not in allowed.get(service, ()):
                assert (await asked(app, "POST", path, token))[0] == 413, (service, path)


@contextmanager
def quick(memory: Platform, service: str, **changed: Any) -> Iterator[tuple[str, int]]:
    """A service's API on a port, served as ours are, in a thread of its own."""
    port = free_port_base()
    app = api(memory.services[service], memory.settings[service].model_copy(update=changed))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", http=serving.Patient))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listening(port), "the API")
    try:
        yield "127.0.0.1", port
    finally:
        server.should_exit = True
        thread.join(10)


def _first_of(connection: socket.socket) -> bytes:
    """The status line that comes, and nothing where the connection ends without one."""
    return connection.recv(4096).partition(b"\r\n")[0]


def _headers(path: str, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def test_headers_and_bodies_have_a_time_to_arrive(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "BEGUN_WITHIN_S", 1)
    monkeypatch.setattr(serving, "HEADERS_WITHIN_S", 1)
    await open_town(memory)
    known = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Idempotency_Key": "k"}

    def play(address: tuple[str, int]) -> None:
        with closing(socket.create_connection(address)) as silent, closing(socket.create_connection(address)) as half:
            half.sendall(b"POST /v1/requests HTTP/1.1\r\nHost: loc")
            for one in (silent, half):
                one.settimeout(5)
                assert one.recv(10) == b""
        slow = _headers("/v1/requests", **known, Content_Length="99", Content_Type="application/json") + b"{"
        with closing(socket.create_connection(address)) as of_somebody:
            of_somebody.settimeout(5)
            of_somebody.sendall(slow)
            assert _first_of(of_somebody) == b"HTTP/1.1 408 Request Timeout"
        with closing(socket.create_connection(address)) as of_nobody:
            of_nobody.settimeout(5)
            began = time.monotonic()
            of_nobody.sendall(_headers("/v1/requests", Content_Length="99"))
            assert _first_of(of_nobody) == b"HTTP/1.1 401 Unauthorized"
            assert time.monotonic() - began < 1
            _until_ended(of_nobody)

    with quick(memory, "requests") as address:
        await asyncio.to_thread(play, address)


async def test_as_it_is_served_nobody_holds_connections(memory: Platform, tmp_path: Path) -> None:
    told = {"UVICORN_LIMIT_CONCURRENCY": "8"}
    with served("requests", memory.settings["requests"], tmp_path / "log", told) as address:
        place = (urlsplit(address).hostname or "", urlsplit(address).port or 0)
        idle = [socket.create_connection(place) for _ in range(10)]
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/livez")).status_code == 503, "there are as many as there may be"
            for _ in range(2 * (serving.HEADERS_WITHIN_S + 10)):
                await asyncio.sleep(0.5)
                if (again := await client.get("/livez")).status_code == 200:
                    break
            assert again.status_code == 200
        for one in idle:
            one.settimeout(1)
            assert one.recv(1) == b"", "let go, since nothing was asked"
            one.close()


def _until_ended(connection: socket.socket) -> None:
    """Who goes on sending after the answer is not held for it."""
    for _ in range(50):
        try:
            connection.sendall(b"x")
        except OSError:
            return
        time.sleep(0.1)
    raise AssertionError("the connection is still held")


async def test_what_a_body_says_of_its_size_is_not_believed(memory: Platform) -> None:
    """Over the limit in pieces: refused as what it is, whatever a route does with a body that breaks off."""
    await open_town(memory)
    for service, path in (("requests", "/v1/requests"), ("requests", "/v1/policies"), ("savings", "/v1/factor-sets")):
        for content in (b"[" * 10_000, b" " * 10_000):

            async def drip(piece: bytes = content) -> Any:
                for _ in range(40):
                    yield piece

            headers = {"Authorization": f"Bearer {memory.token(subject('citra'))}", "Idempotency-Key": "k"}
            headers |= {"Content-Type": "application/json"}
            answer = await memory.apis.clients[service].post(path, content=drip(), headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (413, "body-too-large"), path


async def test_all_bodies_together_have_an_end(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "HELD_MAX_BYTES", 100 * 1024)
    await open_town(memory)
    held: list[socket.socket] = []
    known = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Content_Type": "application/json"}

    def play(address: tuple[str, int]) -> list[bytes]:
        statuses = []
        for number in range(3):
            held.append(socket.create_connection(address))
            held[-1].settimeout(2)
            head = _headers("/v1/requests", **known, Idempotency_Key=str(number), Content_Length="60000")
            held[-1].sendall(head + b" " * 59_000)
            try:
                statuses.append(_first_of(held[-1]))
            except TimeoutError:
                statuses.append(b"")
        for one in held:
            one.close()
        return statuses

    with quick(memory, "requests") as address:
        statuses = await asyncio.to_thread(play, address)
        assert statuses[:2] == [b"", b"HTTP/1.1 503 Service Unavailable"], statuses
        headers = {"Authorization": known["Authorization"], "Idempotency-Key": "after"}
        async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as client:
            for _ in range(50):
                answer = await client.post("/v1/requests", content=b" " * 90_000, headers=headers)
                if answer.status_code != 503:
                    break
                assert answer.headers["retry-after"] == "2"
                await asyncio.sleep(0.1)
        assert answer.status_code == 422, "what they held is given back when they go"


async def test_who_asks_too_often_is_told_when_to_come_again(memory: Platform) -> None:
    await open_town(memory)
    settings = memory.settings["requests"].model_copy(update={"calls_per_minute": 5, "strangers_per_minute": 5})
    app = api(memory.services["requests"], settings)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}"}
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        client.headers["Host"] = "localhost"
        for path, how, good in (("/v1/me", {}, 401), ("/v1/me", headers, 200)):
            statuses = [(await client.get(path, headers=how)).status_code for _ in range(7)]
            assert statuses == [good] * 5 + [429] * 2
            answer = await client.get(path, headers=how)
            assert 1 <= int(answer.headers["retry-after"]) <= 12
            assert answer.headers["content-type"] == "application/problem+json"
        others = {"Authorization": f"Bearer {memory.token(subject('budi'))}"}
        assert (await client.get("/v1/me", headers=others)).status_code == 200, "each has a pace of their own"
        assert (await client.get("/docs")).status_code == 429
        assert (await client.get("/livez")).status_code == 200


async def test_one_subject_has_so_many_calls_at_a_time(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "AT_ONCE_MAX", 2)
    await open_town(memory)
    app = api(memory.services["requests"], memory.settings["requests"])
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as c,
    ):
        await c.get("/v1/me", headers=headers)
        answers = await asyncio.gather(*(c.get("/v1/me", headers=headers) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
        assert (await c.get("/v1/me", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:18101", 200),
        ("[::1]:18101", 200),
        ("LOCALHOST.", 200),
        ("requests", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("requests@evil.example", 421),
        ("", 400),
        ("[", 421),
        ("[::1", 421),
        ("]:[", 421),
        ("local host", 421),
        ("localhost:x", 421),
        ("localhost:80/evil?", 421),
    ],
)
async def test_only_names_of_this_instance_are_answered(host: str, status: int, memory: Platform) -> None:
    await open_town(memory)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Host": host}
    answer = await memory.apis.clients["requests"].get("/v1/me", headers=headers)
    assert answer.status_code == status, answer.text
    assert (await memory.apis.clients["requests"].get("/readyz", headers=headers)).status_code == 200


async def test_many_scrapes_are_made_once(memory: Platform) -> None:
    client = memory.apis.clients["requests"]
    answers = {answer.text for answer in await asyncio.gather(*(client.get("/metrics") for _ in range(64)))}
    assert len(answers) == 1


async def test_a_flood_of_strangers_bodies_takes_nothing_from_others(memory: Platform, tmp_path: Path) -> None:
    """40 slow and 8 large bodies without a token, at a process of its own."""
    await open_town(memory)
    headers = {"Authorization": f"Bearer {memory.token('administrator')}"}
    with served("organisation", memory.settings["organisation"], tmp_path / "log") as address:
        place = (urlsplit(address).hostname or "", urlsplit(address).port or 0)
        process = next(p for p in psutil.Process().children(True) if f"{place[1]}" in p.cmdline())
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            assert (await client.get("/v1/me")).status_code == 200
            stop = threading.Event()
            floods = [threading.Thread(target=_slow, args=(place, stop)) for _ in range(40)]
            floods += [threading.Thread(target=_large, args=(place, stop)) for _ in range(8)]
            for flood in floods:
                flood.start()
            took, held = [], 0
            for _ in range(100):
                began = time.monotonic()
                assert (await client.get("/v1/me")).status_code == 200
                took.append(time.monotonic() - began)
                held = max(held, process.memory_info().rss)
            stop.set()
            for flood in floods:
                await asyncio.to_thread(flood.join, 20)
        assert held < 200 * 2**20, f"{held / 2**20:.0f} MiB"
        assert sorted(took)[98] < 2, "seconds: before, everybody waited for five and more"


def _slow(place: tuple[str, int], stop: threading.Event) -> None:
    while not stop.is_set():
        with closing(socket.create_connection(place)) as connection:
            connection.sendall(_headers("/v1/imports", Content_Length=str(30 * 2**20)))
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x" * 1024)
                except OSError:
                    break


def _large(place: tuple[str, int], stop: threading.Event) -> None:
    piece = b"x" * 2**16
    while not stop.is_set():
        with closing(socket.create_connection(place)) as connection:
            try:
                connection.sendall(_headers("/v1/imports", Content_Length=str(30 * 2**20)))
                for _ in range(480):
                    connection.sendall(piece)
            except OSError:
                stop.wait(0.02)
