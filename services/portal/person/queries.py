"""Asking who somebody is."""

import asyncio
from collections.abc import Iterable, Sequence

from services.portal.pages import OPERATION, Link
from services.portal.person.model import Employee, Employees, Person, Profile
from services.portal.reach import PAGE_SIZE, Asker, Lacking, Reach, part
from shared.kit.web.problems import Refusal

MISSING_MAX = 50
"""Names that are asked for one by one; who is beyond them is shown by id."""


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
        operates=who.operates,
    )


async def operator_links(reach: Reach, who: Asker) -> tuple[Link, ...]:
    """The pages that somebody who operates the instance has a use for, on record or not. Raises `Refusal` for others,
    whom the services would tell nothing."""
    if not who.operates:
        raise Refusal(403, "operators-only")
    read = await part(person(reach, who))
    return (OPERATION,) if isinstance(read, Lacking) else links(read)


async def known(reach: Reach, who: Asker) -> list[Employee]:
    """Those whom somebody sees, as far as one call tells: all of a superior's, the first of the agency's. Nobody where
    they cannot be had."""
    read = await part(reach.get(who, "organisation", "/v1/employees", Employees, limit=PAGE_SIZE))
    return [] if isinstance(read, Lacking) else read.value.items


async def named(reach: Reach, who: Asker, people: Sequence[Employee], ids: Iterable[str]) -> list[Employee]:
    """These people, and those of some ids who are not among them."""
    missing = sorted(set(ids) - {one.employee_id for one in people})[:MISSING_MAX]
    asked = (part(reach.get(who, "organisation", f"/v1/employees/{id_}", Employee)) for id_ in missing)
    return [*people, *(read.value for read in await asyncio.gather(*asked) if not isinstance(read, Lacking))]


def links(person: Person) -> tuple[Link, ...]:
    """The pages that somebody has a use for."""
    if not person.is_on_record:
        return (*agency(person), *((OPERATION,) if person.operates else ()), Link("/me", "page-me"))
    own = (
        Link("/today", "page-today"),
        Link("/calendar", "page-calendar"),
        Link("/outputs", "page-report"),
        Link("/requests/new", "page-ask"),
    )
    led = ("/team", "/mandates", *(() if person.is_agency else ("/people",)))
    desk = (Link("/desk", "page-desk", led),) if person.leads else ()
    figures = (Link("/savings", "page-savings"), Link("/dashboard", "page-dashboard"))
    pages = agency(person)
    covered = tuple(page.address for page in pages)
    records = (Link(covered[0], "page-agency", covered),) if pages else ()
    operation = (OPERATION,) if person.operates else ()
    return (*own, *desk, *figures, *records, *operation, Link("/me", "page-me"))


def agency(person: Person) -> tuple[Link, ...]:
    """The pages of those who keep the reference data; none for others, who reach single ones from their own pages."""
    if not person.loads_sheets:
        return ()
    people = (Link("/people", "page-people"),) if person.is_agency else ()
    lacks = (Link("/completeness", "page-completeness"),) if person.is_agency else ()
    records = (Link("/units", "page-units"), Link("/positions", "page-positions"), Link("/imports", "page-imports"))
    of_others = (Link("/policies", "page-policies"), Link("/factor-sets", "page-factor-sets"))
    rules = of_others if person.is_on_record else ()
    return (*people, *records, *lacks, *rules, Link("/accounts", "page-accounts"))
