"""What savings answers of what is lacking."""

from collections.abc import Mapping

from services.portal.person.model import Answered

WHERE: Mapping[str, str] = {
    "employee": "/imports?kind=employees",
    "commute": "/imports?kind=employees",
    "grade": "/imports?kind=employees",
    "unit": "/imports?kind=units",
    "seat": "/imports?kind=units",
    "building": "/imports?kind=buildings",
    "zone": "/imports?kind=buildings",
    "factor-set": "/factor-sets",
    "price": "/factor-sets",
    "tariff": "/factor-sets",
    "meal-allowance": "/factor-sets",
    "charging": "/factor-sets",
}
"""Where what is lacking is given. Approval, verification and days to come are nobody's of the agency."""


class Gaps(Answered):
    """A unit's month, at savings' `GET /v1/completeness`."""

    unit_id: str
    unit_name: str
    days_agreed: int
    days_realised: int
    lacks: dict[str, int]
