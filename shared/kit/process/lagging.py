"""Whether consumers that are behind catch up. Pure."""

from collections import deque
from collections.abc import Mapping

Lag = Mapping[tuple[str, str], int]
"""Records that a consumer group has yet to make durable, by group and topic."""

LOOKED_AT_S = 600.0
"""How long a consumer may be behind without getting nearer: as in deploy/prometheus/alerts.yaml."""


class Lags:
    """What was read of the lag within the last minutes."""

    def __init__(self) -> None:
        self._read: deque[tuple[float, Lag]] = deque()

    def note(self, now_s: float, lag: Lag) -> None:
        """Keep what was read at a moment of a steady clock, and the last of what is older than need be."""
        self._read.append((now_s, dict(lag)))
        while len(self._read) > 1 and self._read[1][0] <= now_s - LOOKED_AT_S:
            self._read.popleft()

    def not_falling(self) -> frozenset[tuple[str, str]]:
        """Of whom each reading of the whole time has found some left, and the last no less than the first."""
        if not self._read or self._read[-1][0] - self._read[0][0] < LOOKED_AT_S:
            return frozenset()
        first, last = self._read[0][1], self._read[-1][1]
        behind = [of for of in last if all(one.get(of, 0) > 0 for _, one in self._read)]
        return frozenset(of for of in behind if last[of] >= first.get(of, 0))
