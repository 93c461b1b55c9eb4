"""Points in the order of all that a database has made durable: what was read after a point was passed is no older."""

import re
import time
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from bson.timestamp import Timestamp
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession

WRITTEN = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})")


class _Passed(NamedTuple):
    point: Timestamp
    at_s: float


_passed: WeakKeyDictionary[AsyncMongoClient[dict[str, Any]], _Passed] = WeakKeyDictionary()


def written(point: Timestamp) -> str:
    """A point as text."""
    return f"{point.time}.{point.inc}"


def read(text: str) -> Timestamp | None:
    """The point of a text; none where it is no point."""
    found = WRITTEN.fullmatch(text)
    parts = (int(found[1]), int(found[2])) if found else (2**32, 0)
    return Timestamp(*parts) if max(parts) < 2**32 else None


def note(session: AsyncClientSession) -> None:
    """What a session's last question has told: all up to there is durable, and is read from now on."""
    told, before = session.operation_time, _passed.get(session.client)
    if told and (before is None or before.point <= told):
        _passed[session.client] = _Passed(told, time.monotonic())


def passed(client: AsyncMongoClient[dict[str, Any]], within_s: float) -> Timestamp | None:
    """The last point that was noted, if that was not longer ago."""
    found = _passed.get(client)
    return found.point if found and time.monotonic() - found.at_s <= within_s else None
