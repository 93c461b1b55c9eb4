"""What savings tells strangers."""

from services.portal.dashboard.model import InstanceMonth
from services.portal.person.model import Answered


class Words(Answered):
    """How ranges are made, by category, in the reader's language."""

    ranges: dict[str, str]


class OpenSavings(Answered):
    """Months, at savings' `GET /v1/open/savings`."""

    months: list[InstanceMonth]
    words: Words
