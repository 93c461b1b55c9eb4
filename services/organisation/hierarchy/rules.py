"""Whether units belong to each other, or people lead each other, in a circle on any day. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

LEVELS_MAX = 20


@dataclass(frozen=True, slots=True)
class Belonging:
    """From a day on, a unit belongs to another, or to none (or somebody is led by another); `row` is where a sheet says
    so."""

    since: date
    parent: str | None
    row: int | None = None


def circles(units: Mapping[str, list[Belonging]], deep: bool = False) -> list[int]:
    """The rows after which a unit would belong to itself, or stand deeper than `LEVELS_MAX` (as `deep` as it may be
    otherwise). Each list is by day, each unit named by its code."""
    found = {
        row
        for unit, belongings in units.items()
        for belonging in belongings
        for row in (_closed if deep else _circle)(units, unit, belonging)
    }
    return sorted(found)


def _closed(units: Mapping[str, list[Belonging]], unit: str, belonging: Belonging) -> Iterator[int]:
    """A circle and nothing else: one that is further up is not of whoever is below it."""
    walked, seen, above = [belonging], {unit}, belonging.parent
    while above is not None and above not in seen:
        seen.add(above)
        link = _on(units.get(above, []), belonging.since)
        walked.append(link)
        above = link.parent
    if above == unit:
        yield from (link.row for link in walked if link.row is not None)


def _circle(units: Mapping[str, list[Belonging]], unit: str, belonging: Belonging) -> Iterator[int]:
    """A circle closes on the day of its newest link, so that it is enough to walk up from each link on its own day."""
    walked, above = [belonging], belonging.parent
    while above is not None and above != unit and len(walked) <= LEVELS_MAX:
        link = _on(units.get(above, []), belonging.since)
        walked.append(link)
        above = link.parent
    if above is not None:
        yield from (link.row for link in walked if link.row is not None)


def _on(belongings: list[Belonging], day: date) -> Belonging:
    at = bisect_right(belongings, day, key=lambda one: one.since)
    return belongings[at - 1] if at else Belonging(day, None)
