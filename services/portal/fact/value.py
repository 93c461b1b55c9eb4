"""Versions in order, and how two of them differ. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from services.portal.fact.model import Difference, Fact, Published, Version


def versions(published: Sequence[Published], day: date) -> list[Version]:
    """All versions, newest first. A version that was corrected holds on no day."""
    corrected = {one.corrects: one.key for one in published if one.corrects}
    holding = sorted((one for one in published if one.key not in corrected), key=_since)
    until = {one.key: following.effective_from for one, following in pairwise(holding)}
    found = [
        Version(
            key=one.key,
            title=one.title,
            since=one.effective_from,
            until=until.get(one.key),
            corrects=one.corrects,
            corrected_by=corrected.get(one.key),
            state=_state(one, one.key in corrected, until.get(one.key), day),
        )
        for one in published
    ]
    return sorted(found, key=lambda one: (one.since, one.corrected_by is None), reverse=True)


def differences(before: Iterable[Fact], after: Iterable[Fact]) -> list[Difference]:
    """What two versions say differently, in the order of the later one; what only the earlier one says comes last."""
    then, now = _by_name(before), _by_name(after)
    names = [*now, *(name for name in then if name not in now)]
    found = (Difference(then.get(name), now.get(name)) for name in names)
    return [one for one in found if one.before != one.after]


def _by_name(facts: Iterable[Fact]) -> dict[tuple[object, ...], Fact]:
    return {(fact.word, fact.about): fact for fact in facts}


def _since(one: Published) -> date:
    return one.effective_from


def _state(one: Published, corrected: bool, until: date | None, day: date) -> str:
    if corrected:
        return "corrected"
    if one.effective_from > day:
        return "to-come"
    return "in-force" if until is None or day < until else "over"
