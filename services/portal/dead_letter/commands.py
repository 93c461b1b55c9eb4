"""From a form to what is done."""

import re
from collections.abc import Iterable

from services.portal.access import Form
from services.portal.dead_letter.model import APART, DECISIONS, Choice

BOX = re.compile(r"([a-z]{1,40}):([A-Za-z0-9_-]{1,800})")
CHOSEN_MAX = 200


def chosen(values: Iterable[str], services: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The service and the id of each box that is ticked. What is no box is left out."""
    known = set(services)
    found = (BOX.fullmatch(one) for one in values)
    return tuple((one[1], one[2]) for one in found if one and one[1] in known)[:CHOSEN_MAX]


def choice(form: Form, services: Iterable[str]) -> Choice:
    """What was chosen."""
    decision = form.one("decision")
    ticked = chosen(form.many("letter"), services)
    return Choice(ticked, decision if decision in DECISIONS else "", form.one("reason")[:2000])


def box(service: str, letter_id: str) -> str:
    """What a box sends."""
    return f"{service}{APART}{letter_id}"
