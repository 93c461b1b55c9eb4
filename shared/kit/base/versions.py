"""Which of several published versions hold, whatever order they came in. Pure."""

from collections.abc import Iterable, Mapping, Sequence
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
    one with the later id holds; what corrects one of them is as it was."""
    known = {version.subject: version for version in versions}
    corrected = {version.corrects for version in known.values()}
    left = [version for version in known.values() if version.subject not in corrected]
    by_day = {one.effective_from: one for one in sorted(left, key=lambda one: _first(known, one))}
    return sorted(by_day.values(), key=lambda one: one.effective_from)


def in_force(versions: Sequence[V], day: date) -> V | None:
    """The version that holds on a day."""
    begun = [version for version in standing(versions) if version.effective_from <= day]
    return begun[-1] if begun else None


def _first(known: Mapping[str, Published], version: Published) -> str:
    """The id of what a version corrects in the end; its own where it corrects nothing."""
    passed, id_, corrects = {version.subject}, version.subject, version.corrects
    while corrects and corrects not in passed:
        passed.add(corrects)
        id_ = corrects
        corrects = known[id_].corrects if id_ in known else None
    return id_
