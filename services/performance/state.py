"""What a plan is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """Where one agreed output stands."""

    AGREED = "agreed"
    LOGGED = "logged"
    RETURNED = "returned"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Achieved:
    """What has been reported of one agreed output, and what the superior made of it."""

    progress: Progress = Progress.AGREED
    quantity: Decimal | None = None
    days_late: int | None = None
    evidence_text_id: str | None = None
    reason_text_id: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The outputs agreed for one request, or for days at the office. One that was closed before it opened has none and
    never gets any."""

    opened: PlanOpened | None
    outputs: Mapping[str, Achieved]
    closed: bool = False
