"""What savings subscribes to."""

from services.savings.employee_day.projection import HANDLED, fields, fold, load_plan, looked_up
from services.savings.factor_set.queries import DECIDED
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.organisation import AccountRecorded, ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.kit.projections.projector import Projection, project
from shared.people.directory import directory

CONSUMERS = (
    directory("savings.directory", keep=(EmployeeRecorded, UnitRecorded, ActingRecorded, AccountRecorded)),
    project(
        "savings.days",
        subscribes_to=(organisation.PUBLISHER, requests.PUBLISHER, approvals.PUBLISHER, performance.PUBLISHER),
        projection=Projection(HANDLED, load_plan, fold, fields, looked_up, DECIDED),
    ),
)
