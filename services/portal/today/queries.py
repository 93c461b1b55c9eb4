"""Asking the services for an employee's day."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.today.model import Case, Plan, Request, Requests, Summary, Week
from services.portal.today.value import OWED, iso_week

RETURNED_MAX = 5


@dataclass(frozen=True)
class Day:
    """What the services say of an employee's day; what cannot be had is lacking by itself."""

    week: Week | Lacking
    requests: Sequence[Request] | Lacking
    plans: Sequence[Plan] | Lacking
    reasons: dict[str, str | None]


async def day(reach: Reach, who: Asker, today: date) -> Day:
    """All of it, asked for at once. Raises `Broken` for a token that is not good any more."""
    week, requests, plans = await asyncio.gather(
        part(_week(reach, who, today)), part(_requests(reach, who)), part(_plans(reach, who))
    )
    back = [] if isinstance(requests, Lacking) else [one for one in requests if one.status == "returned"]
    reasons = await asyncio.gather(*(part(_case(reach, who, one.request_id)) for one in back[:RETURNED_MAX]))
    told = {one.request_id: one.reason for one in reasons if not isinstance(one, Lacking)}
    return Day(week, requests, plans, told)


async def _week(reach: Reach, who: Asker, today: date) -> Week:
    return (await reach.get(who, "requests", f"/v1/weeks/{iso_week(today)}", Week)).value


async def _requests(reach: Reach, who: Asker) -> Sequence[Request]:
    return (await reach.get(who, "requests", "/v1/requests", Requests, whose="mine", limit=100)).value.items


async def waiting(reach: Reach, who: Asker) -> int:
    """How many requests wait for somebody's decision. Raises `Broken`, or `Away`."""
    summary = await reach.get(who, "approvals", "/v1/cases:summary", Summary)
    return summary.value.counts.get("open", 0)


async def _plans(reach: Reach, who: Asker) -> Sequence[Plan]:
    return (await reach.every(who, "performance", "/v1/plans", Plan, progress=sorted(OWED))).value


async def _case(reach: Reach, who: Asker, request_id: str) -> Case:
    return (await reach.get(who, "approvals", f"/v1/cases/{request_id}", Case)).value
