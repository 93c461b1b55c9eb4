"""Who leads whom: seen from below and from above it is the same, whoever has left and whoever is recorded above."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.organisation import EmployeeRecorded, Role
from shared.kit.projections.writeset import document
from shared.people.lookup import Actor, Directory
from shared.people.subordinates import Today, days_of, leaders_of, subordinates_of
from shared.people.superiors import NOBODY, active, climb, terms_of
from tests.harness.made import MONDAY, SINCE, TUESDAY, employee, mandate, unit
from tests.harness.platform import Platform

NOON = datetime(2026, 9, 7, 5, tzinfo=UTC)
PEOPLE = [f"emp-{number:08}" for number in range(7)]


def person(id_: str, *terms: dict[str, Any]) -> EmployeeRecorded:
    return employee(id_, *terms, commute=None)


@st.composite
def staffs(draw: st.DrawFn) -> tuple[dict[str, EmployeeRecorded], dict[str, set[str]]]:
    """Anybody may lead anybody, also in a circle or themselves; anybody may have left, or act for anybody."""
    above = st.sampled_from([None, *PEOPLE])
    people = {
        id_: person(id_, {"superior_id": draw(above), "active": draw(st.booleans())})
        for id_ in PEOPLE[: draw(st.integers(1, 7))]
    }
    acting = {id_: set(draw(st.lists(st.sampled_from(PEOPLE), max_size=2))) for id_ in PEOPLE}
    return people, acting


@given(staffs())
def test_whoever_leads_is_active_and_somebody_else_and_nobody_does_only_where_nobody_could(
    staff: tuple[dict[str, EmployeeRecorded], dict[str, set[str]]],
) -> None:
    people, acting = staff
    for id_ in people:
        found = climb(id_, people, acting.__getitem__, MONDAY)
        above, passed = terms_of(people[id_], MONDAY), {id_}
        could: set[str] = set()
        while above and above.superior_id and above.superior_id not in passed and not could:
            place = above.superior_id
            passed.add(place)
            could = {one for one in {place, *acting[place]} - {id_} if active(people.get(one), MONDAY)}
            above = terms_of(people.get(place), MONDAY)
        assert {one for one in PEOPLE if one in found and active(people.get(one), MONDAY)} == could
        assert (found is NOBODY) == (not could)
        assert id_ not in found


async def test_who_leads_somebody_has_them_among_those_they_lead(memory: Platform, seed: int) -> None:
    random, db = Random(seed), memory.databases["approvals"]
    zones = ("Asia/Jakarta", "Asia/Jayapura")
    for number, zone in enumerate(zones, 1):
        terms = unit(f"unit-{number:04}").history[0].model_copy(update={"time_zone": zone})
        await db.units.insert_one(document(unit(f"unit-{number:04}").model_copy(update={"history": (terms,)})))
    for _ in range(12):
        people = {id_: _drawn(random, id_) for id_ in PEOPLE}
        acting = [_mandate(random) for _ in range(3)]
        await db.employees.delete_many({})
        await db.acting_assignments.delete_many({})
        await db.employees.insert_many([document(one) for one in people.values()])
        await db.acting_assignments.insert_many([document(one) for one in acting])
        for hour in (5, 15, 18):
            directory, today = Directory(db), Today(NOON.replace(hour=hour), "Asia/Jakarta")
            days = await days_of(directory, people.values(), today)
            leaders = {id_: await leaders_of(directory, id_, today) for id_ in people}
            for id_, one in people.items():
                terms_now = terms_of(one, days[id_])
                if terms_now and terms_now.active:
                    led = set(await subordinates_of(directory, Actor(id_, terms_now), today))
                    assert led == {
                        other
                        for other in people
                        if other != id_ and id_ in leaders[other] and active(people[other], days[other])
                    }, (id_, today)


def _drawn(random: Random, id_: str) -> EmployeeRecorded:
    """Somebody who perhaps moves, leaves or gets another superior on the day itself."""
    return person(
        id_,
        *(
            {
                "effective_from": since,
                "superior_id": random.choice([None, *PEOPLE]),
                "active": random.random() < 0.6,
                "unit_id": f"unit-{random.randint(1, 2):04}",
                "roles": (Role.PERSONNEL_AGENCY,) if random.random() < 0.3 else (),
            }
            for since in (SINCE, TUESDAY)
        ),
    )


def _mandate(random: Random) -> Any:
    first: date = MONDAY - timedelta(random.randint(0, 2))
    acting, for_ = random.sample(PEOPLE, 2)
    made = mandate(acting, for_, first, first + timedelta(random.randint(0, 3)))
    return made.model_copy(update={"acting_assignment_id": f"act-{random.randrange(10**8):08}"})
