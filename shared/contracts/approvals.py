"""Events published by `services/approvals`.

`acting_for` names the superior in whose place somebody decided by mandate.
"""

from shared.contracts.event import Event, Publisher
from shared.contracts.values import Days, EmployeeId, RequestEvent, RequestId, TextId, WorkEvent


class CaseOpened(WorkEvent):
    """A submitted request lies on the superior's desk. `replaces` names the one that it was changed from."""

    replaces: RequestId | None = None


class RequestApproved(WorkEvent):
    """The superior agreed to the days, the place and the outputs. Tells all that the next services need."""

    approved_by: EmployeeId
    acting_for: EmployeeId | None = None


class RequestRejected(RequestEvent):
    """The superior declined, with a reason."""

    rejected_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class RequestReturned(RequestEvent):
    """The superior sent the request back to be changed, with a reason."""

    returned_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class ApprovalRevoked(RequestEvent):
    """The superior took an approval back, for all of its days or for some, with a reason; `days` no longer count."""

    days: Days
    revoked_by: EmployeeId
    acting_for: EmployeeId | None = None
    reason_text_id: TextId


class CaseClosed(RequestEvent):
    """The request was withdrawn, for `days` or, where they are left out, for all, so that nothing is left to decide of
    them. `replaced_by` names what it was changed into; `lapsed`: nobody had decided when its first day was over."""

    days: Days | None = None
    replaced_by: RequestId | None = None
    lapsed: bool = False


EVENTS: tuple[type[Event], ...] = (
    CaseOpened,
    RequestApproved,
    RequestRejected,
    RequestReturned,
    ApprovalRevoked,
    CaseClosed,
)
PUBLISHER = Publisher("approvals", EVENTS)
