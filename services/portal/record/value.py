"""What holds of a record on a day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from services.portal.record.model import Mandate, Record


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...


T = TypeVar("T", bound=_Dated)
S = TypeVar("S")
PAGE = 50
"""Rows on a page of a list."""


@dataclass(frozen=True)
class Slice(Generic[S]):
    """A page of a list that is known whole; pages are counted from 1."""

    rows: tuple[S, ...]
    page: int
    pages: int


def sliced(found: Sequence[S], page: int) -> Slice[S]:
    """A page; the last one where there are not so many."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    return Slice(tuple(found[(page - 1) * PAGE : page * PAGE]), page, pages)


def terms_on(history: Sequence[T], day: date) -> T | None:
    """The terms that hold on a day; of a record that is yet to begin, its first."""
    begun = [terms for terms in history if terms.effective_from <= day]
    return begun[-1] if begun else (history[0] if history else None)


def newest_first(history: Sequence[T]) -> list[T]:
    """Terms, those that begin last before others."""
    return sorted(history, key=lambda terms: terms.effective_from, reverse=True)


def units_of(records: Iterable[Record]) -> set[str]:
    """The units that records name."""
    return {terms.unit_id for record in records for terms in record.history}


def positions_of(records: Iterable[Record]) -> set[str]:
    """The positions that records name."""
    return {terms.position_id for record in records for terms in record.history}


def superiors_of(records: Iterable[Record]) -> set[str]:
    """The superiors that records name."""
    return {terms.superior_id for record in records for terms in record.history if terms.superior_id}


def state(mandate: Mandate, day: date) -> str:
    """What a mandate is on a day: `in-force`, `to-come`, or `over`."""
    terms = terms_on(mandate.history, day)
    if terms is None or terms.ends_on < max(day, terms.effective_from):
        return "over"
    return "in-force" if terms.effective_from <= day else "to-come"
