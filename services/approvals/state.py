"""What a case is. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.approvals import CaseOpened


class Status(StrEnum):
    """Where a case stands; `returned` means that the employee is to change it, `closed` that it was withdrawn."""

    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    REVOKED = "revoked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """A request on somebody's desk, and what was decided: by whom, in whose place, and why."""

    opened: CaseOpened
    status: Status = Status.OPEN
    decided_by: str | None = None
    acting_for: str | None = None
    reason_text_id: str | None = None
    replaced_by: str | None = None
