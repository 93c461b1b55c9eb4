"""Forms with files as browsers send them (RFC 7578), read without keeping a second copy of what is large. Pure."""

import re
from dataclasses import dataclass
from email.message import Message

PARTS_MAX = 200
HEADERS_MAX_BYTES = 4096


class Unreadable(ValueError):
    """What was sent is no form with files."""


@dataclass(frozen=True)
class Part:
    """A field of a form: its name, what it holds, and what the file is called, where it is one."""

    name: str
    body: bytes
    filename: str | None = None


def parts(content_type: str, body: bytes) -> list[Part]:
    """The fields of a form, in order. Raises `Unreadable`."""
    boundary = _boundary(content_type)
    found: list[Part] = []
    start = 0 if body.startswith(boundary) else body.find(b"\r\n" + boundary) + 2
    if start == 1:
        raise Unreadable
    at = start + len(boundary)
    while body[at : at + 2] == b"\r\n":
        head = body.find(b"\r\n\r\n", at, at + HEADERS_MAX_BYTES)
        end = body.find(b"\r\n" + boundary, head + 2)
        if head < 0 or end < 0 or len(found) == PARTS_MAX:
            raise Unreadable
        found.append(_part(body[at + 2 : head], body[head + 4 : end] if end > head + 2 else b""))
        at = end + 2 + len(boundary)
    if body[at : at + 2] != b"--":
        raise Unreadable
    return found


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    named = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(named, str):
        raise Unreadable
    if not re.fullmatch(r"[ -~]{1,70}", named):
        raise Unreadable
    return b"--" + named.encode()


def _part(head: bytes, body: bytes) -> Part:
    for line in head.decode(errors="replace").split("\r\n"):
        if line.lower().startswith("content-disposition:"):
            names = dict(re.findall(r';\s*(name|filename)="([^"]*)"', line))
            if "name" in names:
                return Part(names["name"], body, names.get("filename"))
    raise Unreadable
