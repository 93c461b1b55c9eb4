"""Asking three services for a request's course, and two to take days of it back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.portal.course.model import Decided, Followed, Taken, Worked
from services.portal.person.model import Person
from services.portal.person.queries import named
from services.portal.reach import Asker, Lacking, Reach, part

SYSTEM = "sys-"
"""What the ids of the software itself begin with."""


@dataclass(frozen=True)
class Course:
    """What the services say of a request; its case and its plan may not be there yet."""

    request: Followed
    case: Decided | None
    plan: Worked | None
    away: bool

    @property
    def actors(self) -> set[str]:
        """Who did something, and in whose place; not the system."""
        histories = (its.history for its in (self.request, self.case, self.plan) if its)
        found = {step.actor for history in histories for step in history}
        found |= {self.case.acting_for} if self.case and self.case.acting_for else set()
        return {id_ for id_ in found if not id_.startswith(SYSTEM)}


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


async def names(reach: Reach, who: Asker, me: Person, its: Course) -> Mapping[str, str]:
    """Names that somebody may know: their own, their superior's, and that of whose request it is; and for the personnel
    agency, of everybody who did something."""
    known = {me.employee_id: me.name}
    if me.superior:
        known[me.superior.employee_id] = me.superior.name
    wanted = {its.request.employee_id, *(its.actors if me.is_agency else ())} - known.keys()
    return known | {one.employee_id: one.name for one in await named(reach, who, [], wanted)}


async def withdraw(reach: Reach, who: Asker, request_id: str, days: list[str], seen: int, key: str) -> None:
    """Take days back that one has asked for; all that may be where none is named. Raises `Broken`, or `Away`."""
    body: dict[str, object] = {"days": days} if days else {}
    await reach.post(who, "requests", f"/v1/requests/{request_id}:withdraw", body, Taken, key, seen)


async def revoke(reach: Reach, who: Asker, request_id: str, days: list[str], reason: str, seen: int, key: str) -> None:
    """Take days back that one has approved. Raises `Broken`, or `Away`."""
    body: dict[str, object] = {"reason": reason, "days": days}
    await reach.post(who, "approvals", f"/v1/cases/{request_id}:revoke", body, Taken, key, seen)
