"""What approvals hears, and the command that each event becomes."""

from services.approvals.decide import CloseCase, OpenCase, cases
from shared.contracts import requests
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded
from shared.contracts.requests import RequestSubmitted, RequestWithdrawn
from shared.kit.directory import directory, erasures
from shared.kit.react import Reaction, react


def open_case(event: RequestSubmitted) -> OpenCase:
    return OpenCase(event)


def close_case(event: RequestWithdrawn) -> CloseCase:
    return CloseCase(event.replaced_by)


CONSUMERS = (
    directory("approvals.directory", keep=(EmployeeRecorded, ActingRecorded)),
    erasures("approvals.erasures"),
    react(
        "approvals.cases",
        hears=(requests.PUBLISHER,),
        reactions={
            RequestSubmitted: Reaction(cases, open_case),
            RequestWithdrawn: Reaction(cases, close_case),
        },
    ),
)
