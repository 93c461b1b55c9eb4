"""What savings answers of several months."""

from datetime import datetime

from services.portal.dashboard.model import Figures, UnitMonth
from services.portal.person.model import Answered


class SeriesMonth(Answered):
    """A month of a series."""

    month: str
    as_of: datetime | None
    instance: list[Figures]
    units: list[UnitMonth]


class Series(Answered):
    """Months, at savings' `GET /v1/series`."""

    months: list[SeriesMonth]
