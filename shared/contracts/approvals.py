"""Events published by `services/approvals`.

`acting_for` names the superior in whose place somebody decided by mandate.
"""

from shared.contracts.event import Event, Publisher
from shared.contracts.values import Days, EmployeeId, RequestEvent, TextId, WorkEvent


class CaseOpened(WorkEvent):
    """A submitted request lies on the superior's desk."""


class RequestApproved(WorkEvent):
    """The superior agreed to the days, the place and the outputs. Tells all that the next services need."""

    approved_by: EmployeeId
    acting_for: EmployeeId | None = None


class RequestRejected(RequestEvent):
    """The superior declined, with a reason."""

    rejected_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class ApprovalRevoked(RequestEvent):
    """The superior took an approval back, with a reason; its days no longer count."""

    days: Days
    revoked_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class CaseClosed(RequestEvent):
    """The request was withdrawn, so that there is nothing left to decide."""


EVENTS: tuple[type[Event], ...] = (CaseOpened, RequestApproved, RequestRejected, ApprovalRevoked, CaseClosed)
PUBLISHER = Publisher("approvals", EVENTS)
