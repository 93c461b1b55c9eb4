"""Asking three services for a request's course, and two to take days of it back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.portal.course.model import Decided, Followed, Taken, Worked
from services.portal.person.model import Employee, Person
from services.portal.reach import Asker, Lacking, Reach, part


@dataclass(frozen=True)
class Course:
    """What the services say of a request; its case and its plan may not be there yet."""

    request: Followed
    case: Decided | None
    plan: Worked | None
    away: bool


async def request(reach: Reach, who: Asker, request_id: str) -> Followed:
    """Raises `Broken` for a request that there is not, or that is not for them to see, and `Away`."""
    return (await reach.get(who, "requests", f"/v1/requests/{request_id}", Followed)).value


async def course(reach: Reach, who: Asker, request_id: str) -> Course:
    """Raises `Broken` for a request that there is not, or that is not for them to see, and `Away`."""
    asked, case, plan = await asyncio.gather(
        request(reach, who, request_id),
        part(reach.get(who, "approvals", f"/v1/cases/{request_id}", Decided)),
        part(reach.get(who, "performance", f"/v1/plans/{request_id}", Worked)),
    )
    return Course(
        asked,
        None if isinstance(case, Lacking) else case.value,
        None if isinstance(plan, Lacking) else plan.value,
        any(isinstance(one, Lacking) and one.why == "away" for one in (case, plan)),
    )


async def names(reach: Reach, who: Asker, me: Person, employee_id: str) -> Mapping[str, str]:
    """Names that somebody may know: their own, their superior's, and that of whose request it is."""
    known = {me.employee_id: me.name}
    if me.superior:
        known[me.superior.employee_id] = me.superior.name
    if employee_id not in known:
        found = await part(reach.get(who, "organisation", f"/v1/employees/{employee_id}", Employee))
        known |= {} if isinstance(found, Lacking) else {employee_id: found.value.name}
    return known


async def withdraw(reach: Reach, who: Asker, request_id: str, days: list[str], seen: int, key: str) -> None:
    """Take days back that one has asked for; all that may be where none is named. Raises `Broken`, or `Away`."""
    body: dict[str, object] = {"days": days} if days else {}
    await reach.post(who, "requests", f"/v1/requests/{request_id}:withdraw", body, Taken, key, seen)


async def revoke(reach: Reach, who: Asker, request_id: str, days: list[str], reason: str, seen: int, key: str) -> None:
    """Take days back that one has approved. Raises `Broken`, or `Away`."""
    body: dict[str, object] = {"reason": reason, "days": days}
    await reach.post(who, "approvals", f"/v1/cases/{request_id}:revoke", body, Taken, key, seen)
