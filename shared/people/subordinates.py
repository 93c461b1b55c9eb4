"""Who leads whom today, as far as a service has heard. Today is the date where the unit of the one who is led is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, Role, as_of
from shared.kit.base.clock import local_date
from shared.kit.decisions.decider import Document
from shared.people.lookup import BELOW, BY_ROLE, EMPLOYEES, GIVEN, HELD, Actor, By, Directory
from shared.people.superiors import NOBODY, Mandates, Superiors, active, climb, terms_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
APART: Document = {"$or": [{"history.active": False}, {"$expr": {"$in": ["$_id", "$history.superior_id"]}}]}
"""Those below whom there may be somebody with nobody above: who has left, or is recorded as their own superior."""


@dataclass(frozen=True, slots=True)
class Today:
    """A moment, and the time zone of the instance, which holds for who is in no unit that is known."""

    now: datetime
    time_zone: str

    @property
    def around(self) -> tuple[date, ...]:
        """The dates that it may be anywhere."""
        day = local_date(self.now, self.time_zone)
        return day - timedelta(1), day, day + timedelta(1)

    @property
    def same_since(self) -> datetime:
        """Since then it is the same day in every time zone: each begins its days at a quarter of an hour of UTC."""
        return self.now - (self.now - EPOCH) % QUARTER


async def leaders_of(directory: Directory, employee_id: str, today: Today) -> Superiors:
    """Who leads an employee: the nearest place above that somebody fills, or else the personnel agency."""
    people = await directory.find(EMPLOYEES, [employee_id])
    if employee_id not in people:
        return NOBODY
    day = (await days_of(directory, people.values(), today))[employee_id]
    given: list[ActingRecorded] = []
    above, passed = _above(people, employee_id, day), {employee_id}
    while above and above not in passed:
        passed.add(above)
        mandates = await _mandates(directory, GIVEN, [above])
        given += mandates
        people |= await directory.find(
            EMPLOYEES, {above} | {terms.acting_id for mandate in mandates for terms in mandate.history}
        )
        if (found := climb(employee_id, people, _in_force(given, day), day)) is not NOBODY:
            return found
        above = _above(people, above, day)
    return Superiors(None, agency=frozenset(await _agency(directory, today) - {employee_id}))


async def subordinates_of(directory: Directory, leader: Actor, today: Today) -> list[str]:
    """Whom somebody leads: directly, in the place of another by mandate, for want of anybody between, or for the
    personnel agency for want of anybody above. Remembered for as long as it is the same day wherever anybody is."""
    return await directory.once(
        f"led by {leader.employee_id} {leader.has(Role.PERSONNEL_AGENCY)} {today.same_since} {today.time_zone}",
        lambda: _subordinates_of(directory, leader, today),
    )


async def _subordinates_of(directory: Directory, leader: Actor, today: Today) -> list[str]:
    me, agency = leader.employee_id, leader.has(Role.PERSONNEL_AGENCY)
    given = await _mandates(directory, HELD, [me])
    places = {me, *(terms.for_id for mandate in given for terms in mandate.history)}
    apart = await _apart(directory) if agency else {}
    below = {**await _below(directory, {*places, *apart, None} if agency else places, today), **apart}
    people = {**below, **await directory.find(EMPLOYEES, places)}
    given += await _mandates(directory, GIVEN, [id_ for id_, one in people.items() if not _active_around(one, today)])
    people |= await directory.find(
        EMPLOYEES, {terms.acting_id for mandate in given for terms in mandate.history} - people.keys()
    )
    days = await days_of(directory, below.values(), today)
    led = []
    for id_ in below:
        if id_ != me and active(people[id_], days[id_]):
            found = climb(id_, people, _in_force(given, days[id_]), days[id_])
            if me in found or (agency and found is NOBODY):
                led.append(id_)
    return led


async def days_of(directory: Directory, people: Iterable[EmployeeRecorded], today: Today) -> dict[str, date]:
    """The date where each of some people's unit is."""
    _, day, _ = today.around
    at = {one.employee_id: terms.unit_id for one in people if (terms := terms_of(one, day))}
    zones = {
        unit.unit_id: held.time_zone
        for unit in await directory.units(set(at.values()))
        if (held := as_of(unit.history, day))
    }
    return {one.employee_id: _date_in(zones.get(at.get(one.employee_id, "")), today) for one in people}


def _date_in(time_zone: str | None, today: Today) -> date:
    return local_date(today.now, time_zone or today.time_zone)


async def _below(directory: Directory, places: Iterable[str | None], today: Today) -> dict[str, EmployeeRecorded]:
    """Those whose superior ever was in one of the places, or in one that nobody fills and that is below them."""
    found: dict[str, EmployeeRecorded] = {}
    frontier: set[str | None] = set(places)
    passed = set(frontier)
    while frontier:
        new = await directory.find(BELOW, frontier)
        frontier = {id_ for id_, one in new.items() if id_ not in passed and not _active_around(one, today)}
        passed |= frontier
        found |= new
    return found


def _active_around(one: EmployeeRecorded, today: Today) -> bool:
    return all(active(one, day) for day in today.around)


def _above(people: Mapping[str, EmployeeRecorded], employee_id: str, day: date) -> str | None:
    terms = terms_of(people.get(employee_id), day)
    return terms.superior_id if terms else None


def _in_force(given: Iterable[ActingRecorded], day: date) -> Mandates:
    """Who acts for whom by the mandates that hold on a day."""
    terms = [found for mandate in given if (found := as_of(mandate.history, day)) and day <= found.ends_on]
    return lambda for_id: {one.acting_id for one in terms if one.for_id == for_id}


async def _agency(directory: Directory, today: Today) -> set[str]:
    """Those of the personnel agency, each by the date where they are themselves."""
    people = await directory.find(BY_ROLE, [Role.PERSONNEL_AGENCY.value])
    days = await days_of(directory, people.values(), today)
    held = {id_: terms for id_, one in people.items() if (terms := terms_of(one, days[id_]))}
    return {id_ for id_, terms in held.items() if terms.active and Role.PERSONNEL_AGENCY in terms.roles}


async def _mandates(
    directory: Directory, side: By[ActingRecorded], employee_ids: Collection[str]
) -> list[ActingRecorded]:
    """The mandates that some people have ever given or held."""
    return list((await directory.find(side, employee_ids)).values())


async def _apart(directory: Directory) -> dict[str, EmployeeRecorded]:
    async def read() -> dict[str, EmployeeRecorded]:
        found = [EmployeeRecorded.model_validate(one, strict=False) async for one in directory.db.employees.find(APART)]
        return {one.employee_id: one for one in found}

    return await directory.once("apart", read)
