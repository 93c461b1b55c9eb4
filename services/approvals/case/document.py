"""How a case is shown beside the log. Pure."""

from services.approvals.case.model import Case
from shared.kit.decisions.decider import Document


def show_case(case: Case) -> Document:
    """What was asked for, and where it stands."""
    return case.opened.model_dump(mode="json") | {
        "status": case.status.value,
        "decided_by": case.decided_by,
        "acting_for": case.acting_for,
        "reason_text_id": case.reason_text_id,
        "replaced_by": case.replaced_by,
        "days_taken_back": [day.isoformat() for day in sorted(case.taken)],
        "lapses_at": case.lapses_at,
    }
