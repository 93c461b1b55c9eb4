"""What a request is, between what happened and what may happen next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.contracts.requests import RequestSubmitted


class Status(StrEnum):
    """Status of a request: `submitted`, waiting for a decision; `approved`; `returned`, to be changed by the employee;
    `rejected`; `withdrawn` by the employee; `revoked` by the superior after approval; `lapsed`, undecided when its
    first day was over."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    LAPSED = "lapsed"


LIVE = (Status.SUBMITTED, Status.APPROVED, Status.RETURNED)


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what has become of it. `taken` are the days that were taken back: withdrawn, or revoked;
    `replaced_by` is the request that it was changed into."""

    submitted: RequestSubmitted
    status: Status = Status.SUBMITTED
    replaced_by: str | None = None
    taken: Mapping[date, Status] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are left of it."""
        return tuple(day for day in self.submitted.days if day not in self.taken)

    def status_on(self, day: date) -> Status:
        """Where it stands with one of its days."""
        return self.taken.get(day, self.status)

    @property
    def live(self) -> bool:
        """Whether it holds its days, and can still be taken back or changed."""
        return self.status in LIVE


def iso_week(day: date) -> str:
    """The week of a day, as `YYYY-Www` (ISO 8601)."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
