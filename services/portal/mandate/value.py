"""Mandates in the order in which they matter to somebody. Pure."""

from collections.abc import Sequence
from datetime import date

from services.portal.record.model import Mandate
from services.portal.record.value import state, terms_on

ORDER = ("in-force", "to-come", "over")
HELD, GIVEN, OTHERS = "mandates-held", "mandates-given", "mandates-others"


def groups(found: Sequence[Mandate], me: str, day: date) -> list[tuple[str, list[Mandate]]]:
    """Those that somebody holds, those that they gave, and others; each with those in force before what is to come, and
    that before what is over."""
    ordered = sorted(found, key=lambda one: _place(one, day))
    held = [one for one in ordered if any(terms.acting_id == me for terms in one.history)]
    given = [one for one in ordered if one not in held and any(terms.for_id == me for terms in one.history)]
    others = [one for one in ordered if one not in held and one not in given]
    return [(HELD, held), (GIVEN, given), *([(OTHERS, others)] if others else [])]


def _place(mandate: Mandate, day: date) -> tuple[int, int, str]:
    terms = terms_on(mandate.history, day)
    return ORDER.index(state(mandate, day)), -terms.effective_from.toordinal() if terms else 0, mandate.code
