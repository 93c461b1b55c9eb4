"""Asking savings for several months."""

from services.portal.reach import Asker, Reach, Read
from services.portal.series.model import Series


async def series(reach: Reach, who: Asker, asked: dict[str, str]) -> Read[Series]:
    """Months as they are asked for. Raises `Broken`, or `Away`."""
    return await reach.get(who, "savings", "/v1/series", Series, **asked)
