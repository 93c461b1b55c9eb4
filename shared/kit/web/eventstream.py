"""Server-sent events (WHATWG HTML, 9.2): an answer that goes on until somebody parts, and what waits to be told in it.

Whoever reads slowly is told once that there was much, and never what all of it was.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from fastapi import Response
from starlette.types import Receive, Scope, Send

from shared.kit.base import tasks
from shared.kit.web.middleware import STREAM
from shared.kit.web.reading import HEADERS_ALONE

HEARTBEAT_S = 15.0
ENDED_WITHIN_S = 1.0
"""Who does not read is not waited for."""
RETRY_MS = 1000
WAITING_MAX = 32
CHANGED, LOOK_AGAIN = "changed", "look-again"
Told = Mapping[str, str]


class Mailbox:
    """What waits for one reader, who is told once of what has changed several times. Of more than `most` nothing is
    kept but that there was much."""

    def __init__(self, most: int = WAITING_MAX) -> None:
        self._most = most
        self._waiting: dict[str, Told] = {}
        self._missed = False
        self._closed = False
        self._wake = asyncio.Event()
        self.id = ""
        """Whoever comes again with it is told what came after."""

    def put(self, name: str, told: Told, id_: str, wait_s: float = 0) -> None:
        """Something to tell, by its name, and the id of the event that tells it: at once, or after a moment."""
        self._waiting[name] = told
        if len(self._waiting) > self._most:
            self.miss(id_)
        else:
            self._call(id_, wait_s)

    def miss(self, id_: str, wait_s: float = 0) -> None:
        """All may have changed."""
        self._missed = True
        self._waiting.clear()
        self._call(id_, wait_s)

    def close(self) -> None:
        """The reader is to part."""
        self._closed = True
        self._wake.set()

    def _call(self, id_: str, wait_s: float) -> None:
        self.id = id_
        if wait_s and not self._wake.is_set():
            asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        else:
            self._wake.set()

    async def take(self, within_s: float) -> list[tuple[str, Told]] | None:
        """Events by their names, in the order in which they changed first; none of them when nothing has come within
        that time, and nothing when it is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), within_s)
        if self._closed:
            return None
        if not self._wake.is_set() and not self._waiting and not self._missed:
            return []
        self._wake.clear()
        waiting, missed = list(self._waiting.values()), self._missed
        self._waiting, self._missed = {}, False
        return [(LOOK_AGAIN, {})] if missed else [(CHANGED, told) for told in waiting]


class EventStream(Response):
    """What a mailbox gets, as an answer, for at most `length_s`. `left` is called when it is over."""

    media_type = STREAM

    def __init__(self, box: Mailbox, left: Callable[[], None], length_s: float, last: bytes = b"") -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._box = box
        self._left = left
        self._length_s = length_s
        self._last = last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parting = asyncio.Event()
        scope["state"]["part"] = parting.set
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope.get(HEADERS_ALONE):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await self._until_somebody_parts(parting, receive, send)
        finally:
            self._left()

    async def _until_somebody_parts(self, parting: asyncio.Event, receive: Receive, send: Send) -> None:
        telling = asyncio.create_task(self._tell(send))
        gone = asyncio.create_task(_gone(receive))
        ending = asyncio.create_task(parting.wait())
        try:
            await asyncio.wait({telling, gone, ending}, timeout=self._length_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_gone, told = gone.done(), telling.done() and not telling.cancelled()
            await tasks.end(telling, gone, ending)
        if told:
            telling.result()
        if not is_gone:
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDED_WITHIN_S):
                    await send({"type": "http.response.body", "body": self._last if told else b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        """What is told, and in between, so that whoever is gone is noticed, up to where that was all."""
        await _send(send, f"retry: {RETRY_MS}\n{_id(self._box.id)}\n")
        while (told := await self._box.take(HEARTBEAT_S)) is not None:
            events = [f"event: {name}\n{_id(self._box.id)}data: {json.dumps(what)}\n\n" for name, what in told]
            await _send(send, "".join(events) or f": still here\n{_id(self._box.id)}\n")


def _id(of: str) -> str:
    return f"id: {of}\n" if of else ""


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
