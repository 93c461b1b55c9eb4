"""From a form to decisions."""

from collections.abc import Iterable

from services.portal.access import Form
from services.portal.desk.model import APART, DECISIONS, Choice


def chosen(values: Iterable[str]) -> dict[str, int]:
    """The version that was seen of each request whose box is ticked. What is no box is left out."""
    named = (one.rpartition(APART) for one in values)
    return {request_id: int(version) for request_id, _, version in named if version.isdecimal() and len(version) < 10}


def choice(form: Form) -> Choice:
    """What was chosen."""
    decision = form.one("decision")
    return Choice(chosen(form.many("case")), decision if decision in DECISIONS else "", form.one("reason"))


def items(chosen: Choice) -> list[dict[str, object]]:
    """What approvals is sent."""
    reason = {} if chosen.decision == "approve" else {"reason": chosen.reason}
    return [
        {"request_id": request_id, "version": version, "decision": chosen.decision, **reason}
        for request_id, version in chosen.chosen.items()
    ]
