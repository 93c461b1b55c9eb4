"""Answers that go on, in the tests' process: what an app sends is read as it comes, and whoever reads may go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Message

WITHIN_S = 5.0


class _Body(httpx.AsyncByteStream):
    def __init__(self, pieces: "asyncio.Queue[bytes | None]", gone: asyncio.Event, running: asyncio.Task[None]) -> None:
        self._pieces = pieces
        self._gone = gone
        self._running = running

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece

    async def aclose(self) -> None:
        self._gone.set()
        await self._running


class Streaming(httpx.AsyncBaseTransport):
    """Calls an app as a server does. `scopes` are of the calls that were made."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.scopes: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        gone, body = asyncio.Event(), [await request.aread()]

        async def receive() -> Message:
            if body:
                return {"type": "http.request", "body": body.pop(), "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.set_result(message)
                return
            if message.get("body"):
                pieces.put_nowait(message["body"])
            if not message.get("more_body"):
                pieces.put_nowait(None)

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
            "state": {},
        }
        self.scopes.append(scope)

        async def run() -> None:
            try:
                await self._app(scope, receive, send)
            finally:
                pieces.put_nowait(None)

        running = asyncio.create_task(run())
        either: set[asyncio.Future[Any]] = {running, started}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            await running
        head = started.result()
        return httpx.Response(head["status"], headers=head["headers"], stream=_Body(pieces, gone, running))

    def stop(self) -> None:
        """What a server that stops says to the answers that go on."""
        for scope in self.scopes:
            scope["state"].get("part", lambda: None)()


class Events:
    """The events of a stream, as a browser takes them."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self._lines = answer.aiter_lines()

    async def next(self, within_s: float = WITHIN_S) -> tuple[str, dict[str, str]] | None:
        """The next event by its name and what it says; nothing when the stream is over. Raises `TimeoutError`."""
        name, data = "", None
        async with asyncio.timeout(within_s):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    self.last_id = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data = value
                elif not line and data is not None:
                    return name, json.loads(data) if data else {}
        return None

    async def silent(self, for_s: float = 0.7) -> bool:
        """Whether nothing is told for a while. The stream cannot be read on after that."""
        try:
            return await self.next(for_s) is None
        except TimeoutError:
            return True


@asynccontextmanager
async def opened(client: httpx.AsyncClient, path: str, **asked: Any) -> AsyncIterator[Events]:
    """A stream, which is parted with in the end."""
    async with client.stream("GET", path, **asked) as answer:
        if answer.status_code != httpx.codes.OK:
            await answer.aread()
        yield Events(answer)
