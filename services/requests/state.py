"""What a request is, between what happened and what may happen next. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.requests import RequestSubmitted


class Status(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what has become of it."""

    submitted: RequestSubmitted
    status: Status = Status.SUBMITTED

    @property
    def live(self) -> bool:
        """Whether it holds its days."""
        return self.status in (Status.SUBMITTED, Status.APPROVED)
