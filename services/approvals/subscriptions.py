"""What approvals subscribes to, and the command that each event becomes."""

from services.approvals.case.decide import CloseCase, OpenCase, cases
from shared.contracts import requests
from shared.contracts.organisation import AccountRecorded, ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.requests import RequestSubmitted, RequestWithdrawn
from shared.kit.messaging.reactor import Reaction, react
from shared.people.directory import directory, erasures


def open_case(event: RequestSubmitted) -> OpenCase:
    return OpenCase(event)


def close_case(event: RequestWithdrawn) -> CloseCase:
    return CloseCase(event.days, event.replaced_by)


CONSUMERS = (
    directory("approvals.directory", keep=(EmployeeRecorded, ActingRecorded, AccountRecorded)),
    directory("approvals.units", keep=(UnitRecorded,)),
    erasures("approvals.erasures"),
    react(
        "approvals.cases",
        subscribes_to=(requests.PUBLISHER,),
        reactions={
            RequestSubmitted: Reaction(cases, open_case, new=True),
            RequestWithdrawn: Reaction(cases, close_case),
        },
    ),
)
