"""Asking for reports that wait, and sending the judgements."""

import asyncio
from collections.abc import Sequence

from services.portal.person.queries import known, named
from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.verification.model import AllDone, Plan, Row, Titled
from services.portal.verification.value import WAITING, rows

AT_ONCE = 100
"""Judgements that performance takes in one call."""
IDS_MAX = 200


async def reports(reach: Reach, who: Asker) -> list[Row]:
    """Every report that waits for somebody. Names and titles may lack. Raises `Broken`, or `Away`."""
    plans, people = await asyncio.gather(
        reach.every(who, "performance", "/v1/plans", Plan, whose="led", progress=WAITING),
        known(reach, who),
    )
    people = await named(reach, who, people, [plan.employee_id for plan in plans.value])
    asked = sorted({plan.request_id for plan in plans.value if plan.mode == "mkd"})
    titled = [await part(_titled(reach, who, asked[n : n + IDS_MAX])) for n in range(0, len(asked), IDS_MAX)]
    return rows(
        plans.value,
        [one for read in titled if not isinstance(read, Lacking) for one in read],
        people,
    )


async def judge(reach: Reach, who: Asker, items: Sequence[dict[str, object]], key: str) -> list[AllDone]:
    """Each judgement, and what became of it. Raises `Broken`, or `Away`."""
    return [
        await reach.post(
            who, "performance", "/v1/plans:judge", {"items": items[n : n + AT_ONCE]}, AllDone, f"{key}.{n // AT_ONCE}"
        )
        for n in range(0, len(items), AT_ONCE)
    ]


async def _titled(reach: Reach, who: Asker, ids: list[str]) -> list[Titled]:
    return (await reach.every(who, "requests", "/v1/requests", Titled, id=ids)).value
