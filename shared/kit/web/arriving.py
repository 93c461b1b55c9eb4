"""How a body arrives: when it is asked for and not before, so much and no more, and soon; and how its connection is
parted with when nobody wants the rest."""

import asyncio
from contextlib import suppress
from typing import NoReturn

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from shared.kit.web.limits import Room
from shared.kit.web.problems import Refusal

BEGUN_WITHIN_S = 10
BYTES_PER_S = 128 * 1024
"""The slowest line that a body may come over: about a megabit."""
SENT_WITHIN_S = 60
"""How long one piece of an answer may take to be taken."""
LINGER_S = 1
LINGER_BYTES = 256 * 1024


class Arriving:
    """The body of one call. What is read of it is counted until `leave`."""

    def __init__(self, scope: Scope, receive: Receive, room: Room) -> None:
        headers = Headers(scope=scope)
        self.said = _length(headers)
        """Bytes, as the call says; none where it does not say."""
        self.over = self.said == 0
        """Whether all of it has arrived."""
        self.broken: Refusal | None = None
        """Why no more of it is read."""
        self._receive = receive
        self._room = room
        self._size = 0
        self._limit = 0
        self._until = 0.0

    def expect(self, limit: int) -> None:
        """So much may come from now on. Raises `Refusal` for what says that it is more."""
        if self.said and self.said > limit:
            raise Refusal(413, "body-too-large", value=limit)
        expected = limit if self.said is None else self.said
        self._limit = limit
        self._until = asyncio.get_running_loop().time() + BEGUN_WITHIN_S + expected / BYTES_PER_S

    async def receive(self) -> Message:
        """The next piece. Raises `Refusal` when no more of it is read."""
        if self.over:
            return await self._receive()
        if self.broken:
            raise self.broken
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self._break(408, "body-too-slow")
        if message["type"] == "http.disconnect":
            self._break(400, "body-broken-off")
        size = len(message.get("body", b""))
        if self._size + size > self._limit:
            self._break(413, "body-too-large", self._limit)
        if not self._room.take(size):
            self._break(503, "busy")
        self._size += size
        self.over = not message.get("more_body", False)
        return message

    def _break(self, status: int, rule: str, value: int | None = None) -> NoReturn:
        self.broken = Refusal(status, rule, value=value)
        raise self.broken

    def leave(self) -> None:
        """The call is over and holds nothing any more."""
        self._room.give_back(self._size)
        self._size = 0

    async def linger(self) -> None:
        """Read on for a moment and keep nothing: who is still sending sees the answer, and not a broken connection."""
        left = LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while left > 0 and (message := await self._receive()).get("more_body"):
                    left -= len(message.get("body", b""))


class Answering:
    """Sends the answer to one call. Where its body has not arrived, the connection ends with it."""

    def __init__(self, send: Send, body: Arriving) -> None:
        self._send = send
        self._body = body
        self._parting = False
        self._left = False
        self.begun = False

    async def send(self, message: Message) -> None:
        """What a route says of a body that was broken off is not sent."""
        if not self._body.broken:
            await self.deliver(message)

    async def deliver(self, message: Message) -> None:
        """An answer that nobody takes is not waited for; the server then ends the connection."""
        if self._left:
            return
        if message["type"] == "http.response.start":
            self.begun = True
            self._parting = not self._body.over
            if self._parting:
                MutableHeaders(scope=message)["Connection"] = "close"
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                await self._end(message) if self._parting and _is_last(message) else await self._send(message)
        except TimeoutError:
            self._left = True

    async def _end(self, message: Message) -> None:
        await self._send({**message, "more_body": True})
        await self._body.linger()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)


def _length(headers: Headers) -> int | None:
    if "transfer-encoding" in headers:
        return None
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() else None
