"""Which of several published versions hold, whatever order they came in. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar


class Published(Protocol):
    """Something published with an id, in force from a day on; it may correct another of the same day."""

    @property
    def subject(self) -> str: ...
    @property
    def corrects(self) -> str | None: ...
    @property
    def effective_from(self) -> date: ...


V = TypeVar("V", bound=Published)


def standing(versions: Iterable[V]) -> list[V]:
    """Those that no other has taken the place of, oldest first. Where data of before that rule have two of one day, the
    one that corrects another holds, or else the one with the later id."""
    found = list(versions)
    corrected = {version.corrects for version in found}
    by_day = {one.effective_from: one for one in sorted(found, key=_order) if one.subject not in corrected}
    return sorted(by_day.values(), key=_order)


def in_force(versions: Sequence[V], day: date) -> V | None:
    """The version that holds on a day."""
    begun = [version for version in standing(versions) if version.effective_from <= day]
    return begun[-1] if begun else None


def _order(version: Published) -> tuple[date, bool, str]:
    return version.effective_from, version.corrects is not None, version.subject
