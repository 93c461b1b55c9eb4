"""Asking performance for several months."""

from services.portal.reach import Asker, Reach, Read
from services.portal.results.model import ResultsSeries

PATH = "/v1/results/series"


async def results(reach: Reach, who: Asker, first: str, last: str) -> Read[ResultsSeries]:
    """Months from one to another. Raises `Broken`, or `Away`."""
    return await reach.get(who, "performance", PATH, ResultsSeries, **{"from": first, "to": last})


async def rows(reach: Reach, who: Asker, first: str, last: str) -> str:
    """The same as CSV. Raises `Broken`, or `Away`."""
    return await reach.rows(who, "performance", PATH, **{"from": first, "to": last})
