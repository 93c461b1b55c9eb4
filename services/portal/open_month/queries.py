"""Asking the services for what strangers may read."""

from typing import NamedTuple

from services.portal.open_month.model import OpenSavings
from services.portal.reach import Asker, Reach, Read
from services.portal.results.model import ResultsSeries


class Download(NamedTuple):
    """A file of open data: the service and its address."""

    service: str
    path: str


SAVINGS, RESULTS = Download("savings", "/v1/open/savings"), Download("performance", "/v1/open/results")
DOWNLOADS = {
    "savings": SAVINGS,
    "results": RESULTS,
    "savings-columns": Download("savings", f"{SAVINGS.path}/columns"),
    "results-columns": Download("performance", f"{RESULTS.path}/columns"),
}
"""Files by name; those of columns are about no months."""


async def savings(reach: Reach, who: Asker, first: str, last: str) -> Read[OpenSavings]:
    """Savings from a month to another. Raises `Broken`, or `Away`."""
    return await reach.get(who, *SAVINGS, OpenSavings, **{"from": first, "to": last})


async def results(reach: Reach, who: Asker, first: str, last: str) -> Read[ResultsSeries]:
    """Results from a month to another. Raises `Broken`, or `Away`."""
    return await reach.get(who, *RESULTS, ResultsSeries, **{"from": first, "to": last})


async def rows(reach: Reach, who: Asker, name: str, first: str, last: str) -> str:
    """A file. Raises `Broken`, or `Away`."""
    span = {} if name.endswith("-columns") else {"from": first, "to": last}
    return await reach.rows(who, *DOWNLOADS[name], **span)
