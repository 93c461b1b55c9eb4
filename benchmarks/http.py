"""A load of HTTP requests from one process, cheap enough to leave the cores to who answers."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SEPARATOR = b"\r\n\r\n"


@dataclass
class Load:
    """What was answered: how long each took in milliseconds, how often which status, and the last body and ETag."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    last: bytes = b""
    bodies: list[bytes] = field(default_factory=list)


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
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in requests:
            started = time.perf_counter()
            writer.write(one)
            head = await reader.readuntil(SEPARATOR)
            body = await answer_of(reader, head)
            done.latencies_ms.append((time.perf_counter() - started) * 1000)
            done.statuses[int(head[9:12])] += 1
            done.last = head + body
            if keep:
                done.bodies.append(body)
            if time.perf_counter() > deadline:
                break
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return done


async def answer_of(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The body that follows a head."""
    headers = {name.strip().lower(): value.strip() for name, _, value in _lines(head)}
    if length := headers.get(b"content-length"):
        return await reader.readexactly(int(length))
    if headers.get(b"transfer-encoding") != b"chunked":
        return b""
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


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
