"""What one unit's day was worth when it was last settled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.savings.ledger.model import Counted, DayKey, Entry


@dataclass(frozen=True, slots=True)
class Position:
    """What a unit's day is worth: how many people belong there, how many were away, and by which factors."""

    unit_id: str
    factor_set_id: str
    heads: int
    away: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class UnitDay:
    """One unit's day. `lacks` are how many people's figures lack what; `postings` how many rows it took so far,
    `factors_seen` how many factor sets were known when it was last looked at."""

    unit_id: str
    day: str
    building_id: str | None = None
    position: Position | None = None
    lacks: Mapping[str, int] = field(default_factory=dict)
    postings: int = 0
    counted: Counted | None = None
    factors_seen: int = 0

    @property
    def key(self) -> DayKey:
        return DayKey(self.unit_id, self.day)


def initial(key: DayKey) -> UnitDay:
    """A day that has not been settled."""
    return UnitDay(key.whose, key.day)
