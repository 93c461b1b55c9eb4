"""From a form to decisions."""

from services.portal.access import Form
from services.portal.desk.model import DECISIONS, Choice

APART = ":"


def choice(form: Form) -> Choice:
    """What was chosen. A box names the request and the version that was seen."""
    named = (one.rpartition(APART) for one in form.many("case"))
    seen = {request_id: int(version) for request_id, _, version in named if version.isdecimal() and len(version) < 10}
    decision = form.one("decision")
    return Choice(seen, decision if decision in DECISIONS else "", form.one("reason"))


def items(chosen: Choice) -> list[dict[str, object]]:
    """What approvals is sent."""
    reason = {} if chosen.decision == "approve" else {"reason": chosen.reason}
    return [
        {"request_id": request_id, "version": version, "decision": chosen.decision, **reason}
        for request_id, version in chosen.chosen.items()
    ]
