"""What performance hears, and the command that each event becomes."""

from services.performance.decide import ClosePlan, OpenPlan, plans
from shared.contracts import approvals, requests
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded
from shared.contracts.requests import RequestWithdrawn
from shared.kit.directory import directory, erasures
from shared.kit.react import Reaction, react


def open_plan(event: RequestApproved) -> OpenPlan:
    return OpenPlan(event)


def close_plan(event: RequestWithdrawn | ApprovalRevoked) -> ClosePlan:
    return ClosePlan(event.request_id, event.employee_id)


CONSUMERS = (
    directory("performance.directory", keep=(EmployeeRecorded, ActingRecorded)),
    erasures("performance.erasures"),
    react(
        "performance.plans",
        hears=(approvals.PUBLISHER, requests.PUBLISHER),
        reactions={
            RequestApproved: Reaction(plans, open_plan),
            ApprovalRevoked: Reaction(plans, close_plan),
            RequestWithdrawn: Reaction(plans, close_plan),
        },
    ),
)
