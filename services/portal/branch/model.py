"""What savings answers of sums along the tree of units."""

from datetime import datetime

from services.portal.dashboard.model import Amounts, Tags
from services.portal.person.model import Answered


class UnitName(Answered):
    """A unit by name."""

    unit_id: str
    unit_name: str


class BranchSum(Tags):
    """A part of the tree, with what its units come to in one kind."""

    unit_id: str
    unit_name: str
    has_parts: bool
    units: int
    withheld: int
    days: int | None
    amounts: Amounts | None


class BranchMonth(Answered):
    """A month of the parts of a unit."""

    month: str
    as_of: datetime | None
    parts: list[BranchSum]


class Branches(Answered):
    """At savings' `GET /v1/branches`."""

    way: list[UnitName]
    months: list[BranchMonth]
