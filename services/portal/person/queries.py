"""Asking the services who somebody is."""

import asyncio

from services.portal.pages import Link
from services.portal.person.model import AGENCY, Employee, Employees, Me, Person, Summary
from services.portal.reach import Asker, Reach, Read


async def person(reach: Reach, who: Asker) -> Person:
    """Whom a call is for. Raises `Broken` for somebody who is on no record, and `Away`."""
    me, summary, known = await asyncio.gather(
        reach.get(who, "organisation", "/v1/me", Me),
        reach.get(who, "approvals", "/v1/cases:summary", Summary),
        reach.get(who, "organisation", "/v1/employees", Employees, limit=2),
    )
    its, counts, agency = me.value, summary.value.counts, AGENCY in me.value.roles
    own = next((one for one in known.value.items if one.employee_id == its.employee_id), None)
    employee = own or (await _employee(reach, who, its.employee_id)).value
    return Person(
        employee_id=its.employee_id,
        name=employee.name,
        unit_id=its.unit_id,
        roles=frozenset(its.roles),
        # The agency is shown everybody, and leads only those whose requests it finds on its desk.
        leads=any(counts.values()) or (not agency and len(known.value.items) > 1),
        waiting=counts.get("open", 0),
    )


async def _employee(reach: Reach, who: Asker, employee_id: str) -> Read[Employee]:
    return await reach.get(who, "organisation", f"/v1/employees/{employee_id}", Employee)


def links(person: Person) -> tuple[Link, ...]:
    """The pages that somebody has a use for."""
    own = (Link("/today", "page-today"), Link("/outputs", "page-report"), Link("/requests/new", "page-ask"))
    desk = (Link("/desk", "page-desk"),) if person.leads else ()
    return (*own, *desk, Link("/dashboard", "page-dashboard"))
