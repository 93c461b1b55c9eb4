"""Asking requests for weeks, and sending it a request."""

import asyncio

from services.portal.reach import Asker, Reach
from services.portal.request.model import Submitted
from services.portal.today.model import Week


async def weeks(reach: Reach, who: Asker, names: list[str]) -> list[Week]:
    """Weeks of one's own. Raises `Broken`, or `Away`."""
    asked = (reach.get(who, "requests", f"/v1/weeks/{name}", Week) for name in names)
    return [read.value for read in await asyncio.gather(*asked)]


async def submit(reach: Reach, who: Asker, body: dict[str, object], key: str) -> Submitted:
    """Raises `Broken` with every rule that the request breaks, or `Away`."""
    return await reach.post(who, "requests", "/v1/requests", body, Submitted, key)
