"""What a page follows, and how it is told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

PATH = "/changes"
OVER = b"event: over\ndata: {}\n\n"
"""What a page is told whose session is over."""
IDS_MAX = 20
"""Of more ids none is named, and a page hears of all."""


@dataclass(frozen=True)
class Live:
    """What of a service a page shows: some kinds of things, of certain people, or of certain ids."""

    service: str
    kinds: tuple[str, ...]
    whose: str = ""
    ids: tuple[str, ...] = ()

    def asked(self, since: str | None) -> str:
        """The same as a stream is asked for: the service, and what it is told of."""
        ids = self.ids if len(self.ids) <= IDS_MAX else ()
        said = [*(("kind", kind) for kind in self.kinds), *(("id", one) for one in ids)]
        said += [(name, value) for name, value in (("whose", self.whose), ("since", since)) if value]
        return f"{self.service}?{urlencode(said)}"


def address(follows: Sequence[Live], points: Mapping[str, str]) -> str:
    """Where a page hears of what it follows, from the points on that its answers were made after."""
    return f"{PATH}?{urlencode([('on', one.asked(points.get(one.service))) for one in follows])}"


def earlier(one: str | None, other: str) -> str:
    """The earlier of two points."""
    return other if one is None or _order(other) < _order(one) else one


def _order(point: str) -> tuple[int, ...]:
    return tuple(int(part) for part in point.split(".") if part.isdecimal())


def told_ids(ids: Mapping[str, str]) -> str:
    """How far each service was followed, as the id of an event."""
    return urlencode(sorted(ids.items()))


def known_ids(told: str) -> dict[str, str]:
    """The same as it was told."""
    return dict(parse_qsl(told))
