"""Events published by `services/performance`.

`acting_for` names the superior in whose place somebody judged by mandate.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.event import Event, Publisher
from shared.contracts.values import (
    AgreedOutput,
    Days,
    EmployeeId,
    Identifier,
    Quantity,
    RequestEvent,
    TextId,
    TimeZoneName,
)


class WorkMode(StrEnum):
    """How a day is worked: under MKD as approved, or at the office as usual."""

    MKD = "mkd"
    OFFICE = "office"


class PlanOpened(RequestEvent):
    """The outputs agreed for an approved request, or by an employee for days at the office, wait to be logged."""

    time_zone: TimeZoneName
    outputs: Annotated[tuple[AgreedOutput, ...], Field(min_length=1)]
    mode: WorkMode = WorkMode.MKD


class OutputEvent(RequestEvent):
    """What every event of one agreed output says: which output, of which day, and how that day is worked."""

    output_id: Identifier
    day: date
    mode: WorkMode = WorkMode.MKD


class OutputLogged(OutputEvent):
    """The employee reported what was achieved. `days_late` counts from the agreed day."""

    quantity: Quantity
    days_late: Annotated[int, Field(ge=0)]
    evidence_text_id: TextId


class OutputVerified(OutputEvent):
    """The superior found the output done. `attained_ppm` is min(quantity / target, 1) in parts per million."""

    attained_ppm: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    verified_by: EmployeeId
    acting_for: EmployeeId | None = None


class OutputReturned(OutputEvent):
    """The superior sent the output back to be done again, with a reason."""

    returned_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class VerificationWithdrawn(OutputEvent):
    """The superior took a verification back, with a reason."""

    withdrawn_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class PlanClosed(RequestEvent):
    """The plan or its request was withdrawn, or the approval revoked, for `days` or, where they are left out, for all:
    nothing more can be logged of them."""

    days: Days | None = None


EVENTS: tuple[type[Event], ...] = (
    PlanOpened,
    OutputLogged,
    OutputVerified,
    OutputReturned,
    VerificationWithdrawn,
    PlanClosed,
)
PUBLISHER = Publisher("performance", EVENTS)
