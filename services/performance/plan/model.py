"""What a plan is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from shared.contracts.performance import (
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    PlanOpened,
    VerificationWithdrawn,
)

PlanEvent = PlanOpened | OutputLogged | OutputVerified | OutputReturned | VerificationWithdrawn | PlanClosed


class Progress(StrEnum):
    """Progress of one agreed output: `agreed`; `logged` by the employee; `returned` by the superior to be done again;
    `verified` by the superior."""

    AGREED = "agreed"
    LOGGED = "logged"
    RETURNED = "returned"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Achieved:
    """What has been reported of one agreed output, how many times since it was last judged, and what the superior made
    of it."""

    progress: Progress = Progress.AGREED
    quantity: Decimal | None = None
    days_late: int | None = None
    evidence_text_id: str | None = None
    reason_text_id: str | None = None
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The outputs agreed for one request, or for days at the office. `taken` are days that were taken back, or all
    where `wholly`: perhaps before it was heard that there is a plan."""

    opened: PlanOpened | None
    outputs: Mapping[str, Achieved]
    taken: frozenset[date] = frozenset()
    wholly: bool = False

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are left of it."""
        agreed = {output.day for output in self.opened.outputs} if self.opened else set()
        return () if self.wholly else tuple(sorted(agreed - self.taken))

    @property
    def closed(self) -> bool:
        """Whether nothing is left of it."""
        return not self.days
