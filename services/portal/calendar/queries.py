"""Asking requests for a month."""

from services.portal.calendar.model import Month
from services.portal.reach import Asker, Reach


async def month(reach: Reach, who: Asker, name: str) -> Month:
    """A month of one's own. Raises `Broken` where no policy holds in it, and `Away`."""
    return (await reach.get(who, "requests", f"/v1/months/{name}", Month)).value
