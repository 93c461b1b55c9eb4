"""What a change made of a history: the days from which something else holds than before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...


T = TypeVar("T", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Difference(Generic[T]):
    """From a day on, what was on record and what is: nothing before where terms were added, and nothing after where
    they were taken out."""

    effective_from: date
    before: T | None
    after: T | None


def differences(before: Sequence[T], after: Sequence[T]) -> list[Difference[T]]:
    """What differs between two histories, in order. Terms that are added say what held on their day until then."""
    was, will = ({terms.effective_from: terms for terms in history} for history in (before, after))
    return [
        Difference(day, was.get(day) or _held(before, day), will.get(day))
        for day in sorted(was.keys() | will.keys())
        if was.get(day) != will.get(day)
    ]


def _held(history: Sequence[T], day: date) -> T | None:
    begun = [terms for terms in history if terms.effective_from <= day]
    return max(begun, key=lambda terms: terms.effective_from, default=None)
