"""What a case is. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.contracts.approvals import CaseOpened


class Status(StrEnum):
    """Status of a case: `open`, waiting for a decision; `approved`; `returned`, to be changed by the employee;
    `rejected`; `revoked` after approval; `closed`, withdrawn by the employee or undecided when its first day was
    over."""

    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    REVOKED = "revoked"
    CLOSED = "closed"


UNDECIDED = (Status.OPEN, Status.RETURNED)


@dataclass(frozen=True, slots=True)
class Case:
    """A request on somebody's desk, and what was decided: by whom, in whose place, and why. `taken` are the days that
    were withdrawn or revoked."""

    opened: CaseOpened
    status: Status = Status.OPEN
    decided_by: str | None = None
    acting_for: str | None = None
    reason_text_id: str | None = None
    replaced_by: str | None = None
    taken: frozenset[date] = frozenset()

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are left of it."""
        return tuple(day for day in self.opened.days if day not in self.taken)

    @property
    def lapses_at(self) -> datetime | None:
        """When it is too late to decide: its first day is over where the unit is."""
        if self.status not in UNDECIDED:
            return None
        return datetime.combine(min(self.opened.days) + timedelta(1), time(), ZoneInfo(self.opened.time_zone))
