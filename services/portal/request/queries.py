"""Asking requests for weeks and for a judgement, and sending it a request."""

import asyncio
from collections.abc import Sequence

from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.request.model import Aim, Checked, Submitted
from services.portal.today.model import Request, Requests, Week


async def weeks(reach: Reach, who: Asker, names: list[str]) -> list[Week]:
    """Weeks of one's own. Raises `Broken`, or `Away`."""
    asked = (reach.get(who, "requests", f"/v1/weeks/{name}", Week) for name in names)
    return [read.value for read in await asyncio.gather(*asked)]


async def earlier(reach: Reach, who: Asker) -> Sequence[Request]:
    """One's newest requests; none where they cannot be had, as the form does without. Raises `Broken` for a token that
    is not good any more."""
    read = await part(reach.get(who, "requests", "/v1/requests", Requests, whose="mine", limit=50))
    return () if isinstance(read, Lacking) else read.value.items


async def check(reach: Reach, who: Asker, body: dict[str, object], aim: Aim) -> Checked:
    """How a request, or a change of one, would be judged now. Raises `Broken`, or `Away`."""
    replaces = {"replaces": aim.changes} if aim.changes else {}
    return await reach.check(who, "requests", "/v1/requests:check", body, Checked, **replaces)


async def send(reach: Reach, who: Asker, body: dict[str, object], aim: Aim, key: str) -> Submitted:
    """Submit a request, or change one. Raises `Broken` with every rule that it breaks, or `Away`."""
    if not aim.changes:
        return await reach.post(who, "requests", "/v1/requests", body, Submitted, key)
    path = f"/v1/requests/{aim.changes}:change"
    return await reach.post(who, "requests", path, body, Submitted, key, aim.seen)
