"""Asking every service for what it knows of whoever asks."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.portal.employee.queries import Known, known
from services.portal.own.model import CSV, Days, Whole
from services.portal.own.value import joined, months
from services.portal.person.model import Person
from services.portal.reach import Asker, Lacking, Reach, part
from services.portal.record.model import Names
from services.portal.today.value import month_of

ME = ("requests", "approvals", "performance", "savings")
"""Services that say at `GET /v1/me` how they know somebody; organisation says it at `GET /v1/profile`."""


@dataclass(frozen=True)
class Own:
    """What the page shows: the record, and how much else there is; nothing counted where a service is away."""

    known: Known | None
    requests: int | None
    plans: int | None


async def own(reach: Reach, who: Asker, me: Person, day: date) -> Own:
    """What is on record of somebody, and how many requests and plans they have."""
    record, requests, plans = await asyncio.gather(
        part(known(reach, who, me.employee_id, day)),
        part(reach.every(who, "requests", "/v1/requests", Days)),
        part(reach.every(who, "performance", "/v1/plans", Whole)),
    )
    return Own(
        None if isinstance(record, Lacking) else replace(record, names=_with_superior(record.names, me)),
        None if isinstance(requests, Lacking) else len(requests.value),
        None if isinstance(plans, Lacking) else len(plans.value),
    )


def _with_superior(names: Names, me: Person) -> Names:
    """Whoever may not see a superior's record knows who they are all the same."""
    if me.superior is None:
        return names
    return replace(names, people={**names.people, me.superior.employee_id: me.superior.name})


async def everything(reach: Reach, who: Asker, me: Person, day: date) -> dict[str, object]:
    """All that the services answer about somebody to themselves, as they answer it. Raises `Broken`, or `Away`: half of
    it is not handed over as the whole."""
    id_ = me.employee_id
    profile, record, absences, mandates, requests, plans = await asyncio.gather(
        reach.get(who, "organisation", "/v1/profile", Whole),
        reach.get(who, "organisation", f"/v1/employees/{id_}", Whole),
        reach.every(who, "organisation", "/v1/absences", Whole, employee_id=id_),
        reach.every(who, "organisation", "/v1/acting-assignments", Whole, employee_id=id_),
        reach.every(who, "requests", "/v1/requests", Whole),
        reach.every(who, "performance", "/v1/plans", Whole),
    )
    known_by = await asyncio.gather(*(reach.get(who, service, "/v1/me", Whole) for service in ME))
    found = await _months(reach, who, day)
    outputs, saved = await asyncio.gather(
        _by_month(reach, who, id_, "performance", "/v1/results/days", found),
        _by_month(reach, who, id_, "savings", "/v1/days", found),
    )
    return {
        "organisation": {
            "profile": _plain(profile.value),
            "employee": _plain(record.value),
            "absences": [_plain(one) for one in absences.value],
            "acting_assignments": [_plain(one) for one in mandates.value],
        },
        "requests": [_plain(one) for one in requests.value],
        "plans": [_plain(one) for one in plans.value],
        "days": outputs,
        "savings": saved,
        "known_by": {service: _plain(read.value) for service, read in zip(ME, known_by, strict=True)},
    }


async def rows(reach: Reach, who: Asker, me: Person, name: str, day: date) -> str:
    """Rows of one's own as CSV, of all months of which there is something. Raises `Broken`, or `Away`."""
    service, path = CSV[name]
    found = await _months(reach, who, day)
    return joined([await reach.rows(who, service, path, month=month, employee_id=me.employee_id) for month in found])


async def _months(reach: Reach, who: Asker, day: date) -> list[str]:
    """The months of one's requests, and this one."""
    asked = (await reach.every(who, "requests", "/v1/requests", Days)).value
    return months([day, *(one for request in asked for one in request.days if month_of(one) <= month_of(day))])


async def _by_month(reach: Reach, who: Asker, id_: str, service: str, path: str, found: Iterable[str]) -> list[object]:
    """Whoever may read everybody's is told of themselves alone."""
    read = [await reach.every(who, service, path, Whole, month=month, employee_id=id_) for month in found]
    return [_plain(one) for month in read for one in month.value]


def _plain(answer: Whole) -> object:
    return answer.model_dump(mode="json")
