"""What requests hears, and the command that each event becomes."""

from services.requests.decide import RecordOutcome, RecordReturn, requests
from shared.contracts import approvals
from shared.contracts.approvals import ApprovalRevoked, RequestApproved, RequestRejected, RequestReturned
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, PositionRecorded, UnitRecorded
from shared.contracts.requests import Outcome
from shared.kit.directory import directory, erasures
from shared.kit.react import Reaction, react


def note_approval(_: RequestApproved) -> RecordOutcome:
    return RecordOutcome(Outcome.APPROVED)


def note_rejection(_: RequestRejected) -> RecordOutcome:
    return RecordOutcome(Outcome.REJECTED)


def note_return(_: RequestReturned) -> RecordReturn:
    return RecordReturn()


def note_revocation(_: ApprovalRevoked) -> RecordOutcome:
    return RecordOutcome(Outcome.REVOKED)


CONSUMERS = (
    directory("requests.directory", keep=(EmployeeRecorded, ActingRecorded, PositionRecorded, UnitRecorded)),
    erasures("requests.erasures"),
    react(
        "requests.outcomes",
        hears=(approvals.PUBLISHER,),
        reactions={
            RequestApproved: Reaction(requests, note_approval),
            RequestRejected: Reaction(requests, note_rejection),
            RequestReturned: Reaction(requests, note_return),
            ApprovalRevoked: Reaction(requests, note_revocation),
        },
    ),
)
