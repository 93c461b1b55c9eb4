"""What lacks, with the most first. Pure."""

from collections.abc import Sequence

from services.portal.completeness.model import WHERE, Gaps
from shared.kit.base.alphabet import place


def rows(found: Sequence[Gaps]) -> list[Gaps]:
    """Units, those that lack most of what the agency can give before others."""
    return sorted(found, key=lambda one: (-to_give(one), place(one.unit_name)))


def to_give(unit: Gaps) -> int:
    """Days that lack something which the agency can give."""
    return sum(days for name, days in unit.lacks.items() if name in WHERE)


def in_order(unit: Gaps) -> list[tuple[str, int, str]]:
    """What a unit lacks: its name, on how many days, and where it is given."""
    found = ((name, days, WHERE.get(name, "")) for name, days in unit.lacks.items())
    return sorted(found, key=lambda one: (not one[2], -one[1], one[0]))
