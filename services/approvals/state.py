"""What a case is. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.approvals import CaseOpened


class Status(StrEnum):
    """Where a case stands; `closed` means that the request was withdrawn."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """A request on somebody's desk, and what was decided."""

    opened: CaseOpened
    status: Status = Status.OPEN
    decided_by: str | None = None
    reason_text_id: str | None = None
