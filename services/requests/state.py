"""What a request is, between what happened and what may happen next. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.requests import RequestSubmitted


class Status(StrEnum):
    """Where a request stands; `returned` means that the superior asks for it to be changed."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


LIVE = (Status.SUBMITTED, Status.APPROVED, Status.RETURNED)


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what has become of it; `replaced_by` is the one that it was changed into."""

    submitted: RequestSubmitted
    status: Status = Status.SUBMITTED
    replaced_by: str | None = None

    @property
    def live(self) -> bool:
        """Whether it holds its days, and can still be taken back or changed."""
        return self.status in LIVE
