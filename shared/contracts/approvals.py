"""Events published by `services/approvals`.

`acting_for` names the superior in whose place somebody decided by mandate.
"""

from shared.contracts.event import Event, Publisher
from shared.contracts.values import Days, EmployeeId, RequestEvent, RequestId, TextId, WorkEvent


class CaseOpened(WorkEvent):
    """A submitted request lies on the superior's desk."""

    replaces: RequestId | None = None
    """Request from which this one was changed, if any."""


class RequestApproved(WorkEvent):
    """The superior agreed to the days, the place and the outputs. Tells all that the next services need."""

    approved_by: EmployeeId
    """Employee who approved, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they decided by mandate (Plh, Plt); null if they decided as superior."""


class RequestRejected(RequestEvent):
    """The superior declined, with a reason."""

    rejected_by: EmployeeId
    """Employee who rejected, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they decided by mandate (Plh, Plt); null if they decided as superior."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""


class RequestReturned(RequestEvent):
    """The superior sent the request back to be changed, with a reason."""

    returned_by: EmployeeId
    """Employee who returned it, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they decided by mandate (Plh, Plt); null if they decided as superior."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""


class ApprovalRevoked(RequestEvent):
    """The superior took an approval back, for all of its days or for some, with a reason."""

    days: Days
    """Days that no longer count."""

    revoked_by: EmployeeId
    """Employee who revoked, by id."""

    acting_for: EmployeeId | None = None
    """Superior in whose place they decided by mandate (Plh, Plt); null if they decided as superior."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""


class CaseClosed(RequestEvent):
    """The request was withdrawn, wholly or for some days, or lapsed: nothing is left to decide of these days."""

    days: Days | None = None
    """Days that are closed; null for all of them."""

    replaced_by: RequestId | None = None
    """Request into which this one was changed, if it was."""

    lapsed: bool = False
    """True if it was closed because nobody had decided when the first day was over."""


EVENTS: tuple[type[Event], ...] = (
    CaseOpened,
    RequestApproved,
    RequestRejected,
    RequestReturned,
    ApprovalRevoked,
    CaseClosed,
)
PUBLISHER = Publisher("approvals", EVENTS)
