"""What holds of a record on a day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from services.portal.record.model import Change, M, Mandate, Record, TermsChange


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


SHOWN_APART = ("effective_from", "reason_text_id")


def changed(one: TermsChange[M]) -> list[tuple[str, object, object]]:
    """The fields of terms that say something else than before, each with what it said and says; of terms before which
    there were none, all that they say."""
    told = one.after or one.before
    names = [name for name in type(told).model_fields if name not in SHOWN_APART] if told else []
    found = [(name, getattr(one.before, name, None), getattr(one.after, name, None)) for name in names]
    return [(name, before, after) for name, before, after in found if before != after]


def named_in(changes: Iterable[Change[M]], *fields: str) -> set[str]:
    """The ids that changes name in some fields."""
    sides = [side for change in changes for one in change.terms for side in (one.before, one.after)]
    return {id_ for side in sides for field in fields if (id_ := getattr(side, field, None))}


def state(mandate: Mandate, day: date) -> str:
    """What a mandate is on a day: `in-force`, `to-come`, or `over`."""
    terms = terms_on(mandate.history, day)
    if terms is None or terms.ends_on < max(day, terms.effective_from):
        return "over"
    return "in-force" if terms.effective_from <= day else "to-come"
