"""What performance tells those who follow changes."""

from collections.abc import Iterable

from shared.contracts.organisation import Role
from shared.kit.base import points
from shared.kit.base.following import Changed
from shared.kit.projections.writeset import VERSIONS
from shared.people.live import Item, Kind, of_employees, of_months
from shared.people.published import of_publications


def _result(changed: Changed) -> Iterable[Item]:
    whose, month, *_ = changed.id.split("|")
    yield Item("result", month, points.written(changed.point), whose)


AGENCY = Role.PERSONNEL_AGENCY
KINDS = (
    of_employees("plan", "a plan with its reports, for those who may see it.", "plans"),
    Kind("employee_months", "result", "results of an employee's month, by `YYYY-MM`.", _result, of_models=True),
    of_months(
        "month", "results of a month, by `YYYY-MM`, for the personnel agency.", VERSIONS, [Role.PERSONNEL_AGENCY]
    ),
    of_publications("a month that was published, by `YYYY-MM`."),
)
