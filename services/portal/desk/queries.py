"""Asking three services for a desk, and sending one the decisions."""

import asyncio

from services.portal.desk.model import AllDone, Asked, Case, Row
from services.portal.desk.value import rows
from services.portal.person.queries import known, named
from services.portal.reach import Asker, Lacking, Reach, part

AT_ONCE = 100
"""Decisions that approvals takes in one call."""


async def desk(reach: Reach, who: Asker) -> list[Row]:
    """Every request that waits for somebody. Names, reasons and titles may lack; the cases may not. Raises `Broken`, or
    `Away`."""
    cases, asked, people = await asyncio.gather(
        reach.every(who, "approvals", "/v1/cases", Case, status="open"),
        part(reach.every(who, "requests", "/v1/requests", Asked, whose="led", status="submitted")),
        known(reach, who),
    )
    people = await named(reach, who, people, [case.employee_id for case in cases.value])
    return rows(cases.value, [] if isinstance(asked, Lacking) else asked.value, people)


async def decide(reach: Reach, who: Asker, items: list[dict[str, object]], key: str) -> list[AllDone]:
    """Each decision, and what became of it. Raises `Broken`, or `Away`."""
    return [
        await reach.post(
            who, "approvals", "/v1/cases:decide", {"items": items[n : n + AT_ONCE]}, AllDone, f"{key}.{n // AT_ONCE}"
        )
        for n in range(0, len(items), AT_ONCE)
    ]
