"""Asking three services for a desk, and sending one the decisions."""

import asyncio

from services.portal.desk.model import AllDone, Asked, Case, Row
from services.portal.desk.value import rows
from services.portal.person.model import Employee
from services.portal.reach import Asker, Lacking, Reach, part

AT_ONCE = 100
"""Decisions that approvals takes in one call."""


async def desk(reach: Reach, who: Asker) -> list[Row]:
    """Every request that waits for somebody. Names, reasons and titles may lack; the cases may not. Raises `Broken`, or
    `Away`."""
    cases, asked, people = await asyncio.gather(
        reach.every(who, "approvals", "/v1/cases", Case, status="open"),
        part(reach.every(who, "requests", "/v1/requests", Asked, whose="led", status="submitted")),
        part(reach.every(who, "organisation", "/v1/employees", Employee)),
    )
    return rows(
        cases.value,
        [] if isinstance(asked, Lacking) else asked.value,
        [] if isinstance(people, Lacking) else people.value,
    )


async def decide(reach: Reach, who: Asker, items: list[dict[str, object]], key: str) -> list[AllDone]:
    """Each decision, and what became of it. Raises `Broken`, or `Away`."""
    return [
        await reach.post(
            who, "approvals", "/v1/cases:decide", {"items": items[n : n + AT_ONCE]}, AllDone, f"{key}.{n // AT_ONCE}"
        )
        for n in range(0, len(items), AT_ONCE)
    ]
