"""How much one caller, and all of them together, may take of a process. Pure: the time is given."""

import math
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

REMEMBERED_MAX = 10_000
"""Of how many callers it is known what they have left; who was longest away is forgotten, and has all of it again."""

ONE_CALL = 1 - 1e-9
"""What is enough for a call: after exactly the seconds that somebody was told, a sum of fractions may lack the last
digit."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """How often each caller may come: `per_minute`, all of a minute's at once if need be (a token bucket)."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, who: str, now_s: float) -> int:
        """Nothing, and the call is counted; or the whole seconds after which there is room for another."""
        bucket = self._buckets.setdefault(who, _Bucket(self._most, now_s))
        self._buckets.move_to_end(who)
        if len(self._buckets) > REMEMBERED_MAX:
            self._buckets.popitem(last=False)
        bucket.left = min(self._most, bucket.left + (now_s - bucket.at) * self._most / 60)
        bucket.at = now_s
        if bucket.left < ONE_CALL:
            return math.ceil((1 - bucket.left) * 60 / self._most)
        bucket.left -= 1
        return 0


class Turns:
    """How many calls of one caller run at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[str] = Counter()

    @contextmanager
    def turn(self, who: str) -> Iterator[bool]:
        """Whether there is room for another call; the room is taken until the end of it."""
        if self._running[who] >= self._most:
            yield False
            return
        self._running[who] += 1
        try:
            yield True
        finally:
            self._running[who] -= 1
            if not self._running[who]:
                del self._running[who]


class Room:
    """How many bytes all calls together hold."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, size: int) -> bool:
        """Whether there is room, which is then taken."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """What was taken is held no more."""
        self._left += size
