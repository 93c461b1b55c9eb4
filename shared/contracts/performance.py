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
    """Mode of work on a day: `mkd`, as approved; `office`, as usual."""

    MKD = "mkd"
    OFFICE = "office"


class PlanOpened(RequestEvent):
    """The outputs agreed for an approved request, or by an employee for days at the office, wait to be logged."""

    time_zone: TimeZoneName
    """IANA time zone in which the days begin and end."""

    outputs: Annotated[tuple[AgreedOutput, ...], Field(min_length=1)]
    """Agreed outputs, each for one day."""

    mode: WorkMode = WorkMode.MKD
    """Mode of work on the days."""


class OutputEvent(RequestEvent):
    """What every event of one agreed output says: which output, of which day, and how that day is worked."""

    output_id: Identifier
    """The output that the event is about."""

    day: date
    """Day for which the output was agreed."""

    mode: WorkMode = WorkMode.MKD
    """Mode of work on that day."""


class OutputLogged(OutputEvent):
    """The employee reported what was achieved."""

    quantity: Quantity
    """Quantity achieved, in what the output's `measure` names; a decimal with at most 3 places."""

    days_late: Annotated[int, Field(ge=0)]
    """Days between the agreed day and the report; 0 for a report on the day itself."""

    evidence_text_id: TextId
    """Id of the evidence, a free text that the publisher keeps."""


class OutputVerified(OutputEvent):
    """The superior found the output done."""

    attained_ppm: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """min(quantity / target, 1) in parts per million; null in events of before it was stated."""

    verified_by: EmployeeId
    """Employee who verified, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they judged by mandate (Plh, Plt); null if they judged as superior."""


class OutputReturned(OutputEvent):
    """The superior sent the output back to be done again, with a reason."""

    returned_by: EmployeeId
    """Employee who returned it, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they judged by mandate (Plh, Plt); null if they judged as superior."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""


class VerificationWithdrawn(OutputEvent):
    """The superior took a verification back, with a reason."""

    withdrawn_by: EmployeeId
    """Employee who withdrew the verification, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they judged by mandate (Plh, Plt); null if they judged as superior."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""


class PlanClosed(RequestEvent):
    """The plan or its request was withdrawn, or the approval revoked: nothing more can be logged of these days."""

    days: Days | None = None
    """Days that are closed; null for all of them."""


EVENTS: tuple[type[Event], ...] = (
    PlanOpened,
    OutputLogged,
    OutputVerified,
    OutputReturned,
    VerificationWithdrawn,
    PlanClosed,
)
PUBLISHER = Publisher("performance", EVENTS)
