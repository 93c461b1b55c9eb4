"""What performance subscribes to, and the command that each event becomes."""

from collections.abc import Collection, Sequence

from services.performance.plan.decide import ClosePlan, OpenPlan, plans
from services.performance.plan.model import Plan
from services.performance.plan.rules import office_day
from services.performance.result.projection import HANDLED, fold, load_plan
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.organisation import AccountRecorded, ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.requests import RequestWithdrawn
from shared.kit.messaging.reactor import Others, Reaction, react
from shared.kit.projections.projector import Projection, project
from shared.people.directory import directory, erasures


def open_plan(event: RequestApproved) -> OpenPlan:
    return OpenPlan(event)


def close_plan(event: RequestWithdrawn | ApprovalRevoked) -> ClosePlan:
    return ClosePlan(event.request_id, event.employee_id, event.days)


def office_days(event: RequestApproved) -> list[str]:
    return [office_day(event.employee_id, day) for day in event.days]


def give_way(event: RequestApproved, mine: Plan | None, holders: Collection[str]) -> Sequence[tuple[str, ClosePlan]]:
    """Office plans of days that were approved as MKD, and that were not taken back meanwhile, give those days up."""
    plans_at_the_office = sorted({id_ for id_ in holders if id_.startswith("off-")})
    if not plans_at_the_office:
        return []
    days = tuple(day for day in event.days if mine is None or day not in mine.taken)
    return [(id_, ClosePlan(id_, event.employee_id, days)) for id_ in plans_at_the_office] if days else []


CONSUMERS = (
    directory("performance.directory", keep=(EmployeeRecorded, ActingRecorded, UnitRecorded, AccountRecorded)),
    erasures("performance.erasures"),
    react(
        "performance.plans",
        subscribes_to=(approvals.PUBLISHER, requests.PUBLISHER),
        reactions={
            RequestApproved: Reaction(plans, open_plan, Others(office_days, give_way), new=True),
            ApprovalRevoked: Reaction(plans, close_plan),
            RequestWithdrawn: Reaction(plans, close_plan),
        },
    ),
    project(
        "performance.results",
        subscribes_to=(organisation.PUBLISHER, performance.PUBLISHER, requests.PUBLISHER),
        projection=Projection(HANDLED, load_plan, fold),
    ),
)
