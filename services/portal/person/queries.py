"""Asking who somebody is."""

from services.portal.pages import Link
from services.portal.person.model import Person, Profile
from services.portal.reach import Asker, Reach


async def person(reach: Reach, who: Asker) -> Person:
    """Whom a call is for. Raises `Broken` for somebody who is on no record, and `Away`."""
    its = (await reach.get(who, "organisation", "/v1/profile", Profile)).value
    return Person(
        employee_id=its.employee_id,
        name=its.name or its.employee_id,
        unit_id=its.unit.unit_id if its.unit else "",
        superior=its.superior,
        roles=frozenset(its.roles),
        leads=its.leads,
    )


def links(person: Person) -> tuple[Link, ...]:
    """The pages that somebody has a use for."""
    own = (
        Link("/today", "page-today"),
        Link("/calendar", "page-calendar"),
        Link("/outputs", "page-report"),
        Link("/requests/new", "page-ask"),
    )
    desk = (Link("/desk", "page-desk"),) if person.leads else ()
    return (*own, *desk, Link("/savings", "page-savings"), Link("/dashboard", "page-dashboard"))
