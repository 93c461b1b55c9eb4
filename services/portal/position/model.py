"""What a page of positions takes."""

from services.portal.person.model import Answered
from services.portal.record.model import Position

PAGE = 50


class Positions(Answered):
    """A page of positions, at organisation's `GET /v1/positions`."""

    items: list[Position]
    next_cursor: str | None
