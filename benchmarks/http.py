"""A load of HTTP requests from one process, cheap enough to leave the cores to who answers."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

SEPARATOR = b"\r\n\r\n"


@dataclass
class Load:
    """What was answered: how long each took in milliseconds, how often which status, the last answer whole, whether all
    bodies were like it, and those that were to be kept."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    head: bytes = b""
    body: bytes = b""
    alike: bool = True
    bodies: list[bytes] = field(default_factory=list)

    @property
    def last(self) -> bytes:
        return self.head + self.body

    def add(self, took_ms: float, head: bytes, body: bytes, *, keep: bool) -> None:
        """One more answer."""
        self.latencies_ms.append(took_ms)
        self.statuses[int(head[9:12])] += 1
        self.alike = self.alike and (not self.head or body == self.body)
        self.head, self.body = head, body
        if keep:
            self.bodies.append(body)


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """One request as it goes over the wire; `_` in names of headers stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + SEPARATOR + body


async def load(port: int, requests: Iterator[bytes], clients: int, seconds: float = 1e9, *, keep: bool = False) -> Load:
    """Send requests over as many connections as there are clients, each its next when the last is answered, until they
    end or the time is over. `keep` keeps every body."""
    done, deadline = Load(), time.perf_counter() + seconds

    async def client() -> None:
        connection = await Connection.to(port)
        for one in requests:
            started = time.perf_counter()
            head, body = await connection.ask(one)
            done.add((time.perf_counter() - started) * 1000, head, body, keep=keep)
            if time.perf_counter() > deadline:
                break
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return done


class Connection(asyncio.Protocol):
    """One call at a time. Streams would copy each large body several times over, on the cores of who answers."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[bytes, bytes]] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport
        self._head, self._parts, self._left = b"", [b""], 0

    @classmethod
    async def to(cls, port: int) -> "Connection":
        """A connection to a port of this machine."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request; the head and the body of its answer, which has to say how long it is."""
        self._answer = asyncio.get_running_loop().create_future()
        self._head, self._parts = b"", []
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        if not self._head.endswith(SEPARATOR):
            head, separator, data = (self._head + data).partition(SEPARATOR)
            self._head = head + separator
            if not separator:
                return
            self._left = _length(self._head)
        self._parts.append(data)
        self._left -= len(data)
        if self._left == 0:
            self._answer.set_result((self._head, b"".join(self._parts)))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over; whoever waits is told."""
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server has ended the connection"))


def _length(head: bytes) -> int:
    if head[9:12] in (b"204", b"304"):
        return 0
    return int(header(head, "content-length"))


def _lines(head: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    return (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)


def header(of: bytes, name: str) -> str:
    """A header of a whole answer."""
    wanted = name.lower().encode()
    found = [value for key, _, value in _lines(of.partition(SEPARATOR)[0]) if key.lower() == wanted]
    return found[0].strip().decode() if found else ""


def forever(requests: Sequence[bytes]) -> Iterator[bytes]:
    """The same requests again and again."""
    while True:
        yield from requests
