"""What a page shows of somebody."""

from dataclasses import dataclass
from datetime import date

from services.portal.person.model import Answered

PAGE = 50
"""People on a page of a list."""


class Asked(Answered):
    """A request of theirs, at requests' `GET /v1/requests`."""

    request_id: str
    status: str
    submitted_on: date
    days: list[date]


class AskedPage(Answered):
    """A page of their requests."""

    items: list[Asked]
    next_cursor: str | None


@dataclass(frozen=True)
class Search:
    """What is searched for, and where its page begins."""

    text: str = ""
    unit_id: str = ""
    cursor: str = ""

    @property
    def asked(self) -> dict[str, str | int]:
        """The same, as organisation has it: digits are a NIP, everything else is a name."""
        digits = self.text.replace(" ", "")
        said = {"nip": digits} if digits.isdecimal() and digits.isascii() else {"name": self.text}
        return {**said, "unit_id": self.unit_id, "cursor": self.cursor, "limit": PAGE}
