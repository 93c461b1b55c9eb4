"""Which figures may be shown: none from which a few people's own could be worked out. Pure.

Figures of fewer than five people are for those people and the personnel agency; nor may they be had by taking what is
shown from a total. (UU 27/2022; the threshold is the usual one for small cells.)
"""

from collections.abc import Mapping

PEOPLE_MIN = 5


def withheld(people_by_unit: Mapping[str, int]) -> set[str]:
    """The units whose figures of one month are withheld: the small ones, and where these together are still few, the
    next smallest too, so that the total less what is shown is never about fewer than five people or a single unit."""
    small = {unit for unit, people in people_by_unit.items() if people < PEOPLE_MIN}
    if not small:
        return set()
    others = sorted((people, unit) for unit, people in people_by_unit.items() if unit not in small)
    while others and (len(small) < 2 or sum(people_by_unit[unit] for unit in small) < PEOPLE_MIN):
        small.add(others.pop(0)[1])
    return small
