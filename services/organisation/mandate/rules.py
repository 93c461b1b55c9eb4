"""How long somebody may act for another. Pure."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date

from shared.contracts.organisation import ActingKind, ActingTerms
from shared.kit.decisions.decider import Violation

PLT_MONTHS_MAX = 3
PLT_MONTHS_IN_ALL_MAX = 6
PLT_EXTENSIONS_MAX = 1
SOURCE = "UU 30/2014 Ps. 14; SE BKN 1/SE/I/2021"


def faults(history: Sequence[ActingTerms]) -> Iterator[tuple[ActingTerms, Violation]]:
    """The terms that the law does not allow of some by day, which are of one mandate, or of all by which somebody acts
    for another: a Plt has three months, and three more once, however many letters say so. After as many months without
    any, it is another."""
    first, extensions, until = date.min, 0, date.min
    for terms in history:
        if terms.kind is not ActingKind.PLT or terms.ends_on < terms.effective_from:
            continue
        if until == date.min or terms.effective_from > months_after(until, PLT_MONTHS_MAX):
            first, extensions, until = terms.effective_from, 0, terms.ends_on
        elif terms.ends_on > until:
            extensions, until = extensions + 1, terms.ends_on
        if terms.ends_on >= months_after(terms.effective_from, PLT_MONTHS_MAX):
            yield terms, Violation("plt-too-long", "", PLT_MONTHS_MAX, SOURCE)
        elif terms.ends_on >= months_after(first, PLT_MONTHS_IN_ALL_MAX):
            yield terms, Violation("plt-too-long-in-all", "", PLT_MONTHS_IN_ALL_MAX, SOURCE)
        elif extensions > PLT_EXTENSIONS_MAX:
            yield terms, Violation("plt-extended-twice", "", PLT_EXTENSIONS_MAX, SOURCE)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
