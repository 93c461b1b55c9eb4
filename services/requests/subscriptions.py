"""What requests hears, and the command that each event becomes."""

from services.requests.request.decide import RecordClosing, RecordOutcome, RecordReturn, requests
from shared.contracts import approvals
from shared.contracts.approvals import ApprovalRevoked, CaseClosed, RequestApproved, RequestRejected, RequestReturned
from shared.contracts.organisation import (
    AbsenceRecorded,
    AccountRecorded,
    ActingRecorded,
    EmployeeRecorded,
    PositionRecorded,
    UnitRecorded,
)
from shared.contracts.requests import Outcome
from shared.kit.messaging.reactor import Reaction, react
from shared.people.directory import directory, erasures


def note_approval(_: RequestApproved) -> RecordOutcome:
    return RecordOutcome(Outcome.APPROVED)


def note_rejection(_: RequestRejected) -> RecordOutcome:
    return RecordOutcome(Outcome.REJECTED)


def note_return(_: RequestReturned) -> RecordReturn:
    return RecordReturn()


def note_revocation(event: ApprovalRevoked) -> RecordOutcome:
    return RecordOutcome(Outcome.REVOKED, event.days)


def note_closing(event: CaseClosed) -> RecordClosing:
    return RecordClosing(event.lapsed)


CONSUMERS = (
    directory(
        "requests.directory", keep=(EmployeeRecorded, ActingRecorded, PositionRecorded, UnitRecorded, AccountRecorded)
    ),
    directory("requests.absences", keep=(AbsenceRecorded,)),
    erasures("requests.erasures"),
    react(
        "requests.outcomes",
        subscribes_to=(approvals.PUBLISHER,),
        reactions={
            RequestApproved: Reaction(requests, note_approval),
            RequestRejected: Reaction(requests, note_rejection),
            RequestReturned: Reaction(requests, note_return),
            ApprovalRevoked: Reaction(requests, note_revocation),
            CaseClosed: Reaction(requests, note_closing),
        },
    ),
)
