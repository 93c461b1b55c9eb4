"""What savings tells those who follow changes: the agency of every month, others of their own and of what is
published."""

from collections.abc import Iterable

from shared.contracts.organisation import Role
from shared.kit.base import points
from shared.kit.base.following import Changed
from shared.kit.projections.writeset import VERSIONS
from shared.people.live import Item, Kind, of_everybody, of_months
from shared.people.published import of_publications


def _own(changed: Changed) -> Iterable[Item]:
    whose, _, month = changed.id.rpartition(":")
    yield Item("own-month", month, points.written(changed.point), whose, led=False)


AGENCY = Role.PERSONNEL_AGENCY
KINDS = (
    Kind("employee_months", "own-month", "your own savings of a month, by `YYYY-MM`.", _own, of_models=True),
    of_months(
        "month", "figures of a month, by `YYYY-MM`, for the personnel agency.", VERSIONS, [Role.PERSONNEL_AGENCY]
    ),
    of_publications("a month that was published, by `YYYY-MM`."),
    of_everybody("factor-set", "a factor set that was published.", "factor_sets"),
)
