"""Figures about few people are withheld, whatever they tell: money, greenhouse gas, counts of days, or a change."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from services.savings.publication.projection import COUNTED, Where, units
from shared.kit.decisions.decider import Document
from shared.people.publishing import ALL, TO_ALL, TO_OTHERS, State, Units, publish
from tests.harness.platform import Platform
from tests.harness.town import open_town

NOW = datetime(2026, 10, 2, tzinfo=UTC)
SET = "fac-1"
BENEFICIARY = {"fuel": "employee", "home_electricity": "employee", "co2e": "society"}
OWN = ("fuel", "home_electricity", "co2e")
SEAT = {"building_id": "bld-1", "zone": "lantai-1"}


def kind(category: str, set_id: str = SET) -> str:
    """The name of a figure; what kinds are kept apart by may grow."""
    from services.savings.ledger.model import KIND

    return "|".join(str(_tags(category, set_id).get(tag)) for tag in KIND)


def _tags(category: str, set_id: str) -> Document:
    beneficiary = BENEFICIARY.get(category, "regional_budget")
    return {"factor_set_id": set_id, "category": category, "beneficiary": beneficiary, "tier": 1}


def unit(
    unit_id: str = "unit-1",
    set_id: str = SET,
    away: Iterable[int] = (),
    agreed: Iterable[int] = (),
    sen: int = 100,
    **own: Iterable[int],
) -> dict[str, list[Document]]:
    """A unit's month as read models hold it: people, by number, who have figures of their own, who were away, and who
    had agreed to be."""
    here = {"unit_id": unit_id, "month": "2026-09"}
    people = {category: list(own.get(category, ())) for category in OWN}
    totals = [c for c in OWN if people[c]] + (["office_electricity"] if list(away) else [])
    if list(away) and "co2e" not in totals:
        totals.append("co2e")
    counted = {number: number in set(away) for number in {*away, *agreed}}
    return {
        "unit_months": [here | _tags(c, set_id) | {"days": 1, "amounts": _sen(sen)} for c in totals],
        "employee_months": [
            here | _tags(c, set_id) | {"employee_id": f"emp-{n}", "days": 1, "amounts": _sen(sen)}
            for c in OWN
            for n in people[c]
        ],
        "days": [_day(unit_id, set_id, n, realised=was_away) for n, was_away in sorted(counted.items())],
    }


def _sen(central: int) -> Document:
    return {"sen": {"low": central, "central": central, "high": central}}


def _day(unit_id: str, set_id: str, number: int, *, realised: bool) -> Document:
    numbers = {"days_agreed": 1, "days_realised": 1} if realised else {"days_agreed": 1, "lacks.verification": 1}
    return {
        "_id": f"emp-{number}:2026-09-07",
        "employee_id": f"emp-{number}",
        "day": "2026-09-07",
        "counted": {
            "unit_id": unit_id,
            "month": "2026-09",
            "factor_set_id": set_id if realised else None,
            "numbers": numbers,
        },
        "position": {"unit_id": unit_id, "place": "residence"} if realised else None,
    }


def month(*parts: dict[str, list[Document]]) -> Units:
    """The units' months, all in one zone."""
    found = {name: [one for part in parts for one in part[name]] for name in parts[0]}
    ids = sorted({one["unit_id"] for one in found["unit_months"]})
    places: list[Document] = [
        {"_id": id_, "history": [{"effective_from": "2025-01-01", "seat": SEAT, "name": id_}]} for id_ in ids
    ]
    where = Where("2026-09", places, [], [], [], found["days"])
    return units(found["unit_months"], found["employee_months"], found["days"], where)


SIXTY = range(60, 120)
LARGE = unit("unit-2", away=SIXTY, fuel=SIXTY, home_electricity=SIXTY, co2e=SIXTY)


def published(*parts: dict[str, list[Document]]) -> State:
    state = publish(None, month(*parts), NOW)
    assert state
    return state


def shown(state: State, category: str, unit_id: str = "unit-1") -> int:
    return state.shown.get((unit_id, kind(category)), 0)


def test_greenhouse_gas_of_a_few_without_a_commute_is_withheld() -> None:
    """It is their electricity's, which is withheld too: the one is the other times a published factor."""
    few = published(unit(away=range(3)), LARGE)
    assert shown(few, "co2e") == shown(few, "office_electricity") == 0
    five = published(unit(away=range(5)), LARGE)
    assert shown(five, "co2e") == shown(five, "office_electricity") == TO_OTHERS


def test_greenhouse_gas_is_withheld_where_only_a_few_have_their_own() -> None:
    third = unit("unit-3", away=range(200, 240), fuel=range(200, 220), co2e=range(200, 220))
    many = published(unit(away=range(40), co2e=range(2), fuel=range(2)), LARGE, third)
    assert shown(many, "co2e") == shown(many, "fuel") == 0
    assert shown(many, "office_electricity") == TO_ALL


def test_greenhouse_gas_is_withheld_where_it_would_give_away_what_it_is_made_of() -> None:
    """Fuel and the office's electricity are shown; less these, what is left is the home of two."""
    six = range(6)
    two_at_home = published(unit(away=six, fuel=six, co2e=six, home_electricity=range(2)), LARGE)
    assert shown(two_at_home, "home_electricity") == shown(two_at_home, "co2e") == 0
    assert shown(two_at_home, "fuel") == shown(two_at_home, "office_electricity") == TO_ALL
    assert shown(published(unit(away=six, fuel=six, co2e=six, home_electricity=six), LARGE), "co2e") == TO_ALL


def test_fuel_of_five_is_not_shown_beside_the_homes_of_the_same_and_a_sixth() -> None:
    state = published(unit(away=range(6), fuel=range(5), home_electricity=range(6)), LARGE)
    assert shown(state, "home_electricity")
    assert not shown(state, "fuel")


def test_a_colleague_in_a_figure_of_five_does_not_see_it() -> None:
    state = published(unit(away=range(5), fuel=range(5)), LARGE)
    assert shown(state, "fuel") == TO_OTHERS
    assert shown(published(unit(away=range(6), fuel=range(6)), LARGE), "fuel") == TO_ALL


def test_the_sum_less_what_is_shown_is_not_about_few() -> None:
    state = published(unit(fuel=range(3)), LARGE, unit("unit-3", fuel=range(200, 220)))
    assert state.shown[ALL, kind("fuel")] == TO_ALL
    assert [shown(state, "fuel", f"unit-{n}") for n in (1, 2, 3)] == [0, TO_ALL, 0]


def test_factor_sets_of_one_month_are_beside_each_other() -> None:
    """Six under the one set, two of them under the other too."""
    one, other = unit(fuel=range(6)), unit(set_id="fac-2", fuel=range(4, 10))
    state = published({name: one[name] + other[name] for name in one})
    found = [state.shown.get(("unit-1", kind("fuel", set_id)), 0) for set_id in (SET, "fac-2")]
    assert sorted(map(bool, found)) == [False, True]


def test_counts_of_days_are_about_all_who_had_agreed_and_about_those_who_were_not_away() -> None:
    assert ("unit-1", COUNTED) not in published(unit(agreed=range(4)), LARGE).shown
    assert ("unit-1", COUNTED) in published(unit(away=range(6), agreed=range(6)), LARGE).shown
    assert ("unit-1", COUNTED) not in published(unit(away=range(6), agreed=range(7)), LARGE).shown, "the seventh"
    assert ("unit-1", COUNTED) in published(unit(away=range(6), agreed=range(11)), LARGE).shown


async def test_days_agreed_by_two_are_not_told_though_nobody_was_away_yet(memory: Platform) -> None:
    town = await open_town(memory)
    asked = [await town.submit(name, [date(2026, 9, 7)]) for name in ("ani", "dedi")]
    await memory.settle()
    for one in asked:
        await town.approve("budi", one)
    await memory.settle()
    for day in (date(2026, 9, 3), date(2026, 10, 2)):
        town.at(day)
        await memory.settle()
        counted = {
            name: (await town.get(name, "savings", "/v1/completeness", month="2026-09")).json()["items"]
            for name in ("citra", "hana", "ani")
        }
        assert [one["days_agreed"] for one in counted["citra"]] == [2]
        assert counted["hana"] == counted["ani"] == []


def changed(n: int, base: int = 20, sen: int = 100) -> dict[str, list[Document]]:
    """A unit in which some have changed."""
    found = unit(fuel=range(base), away=range(base))
    for one in found["employee_months"][:n]:
        one["amounts"] = _sen(sen + 1)
    found["unit_months"][0]["amounts"] = _sen(sen + n)
    return found


def test_a_change_about_a_few_stays_as_it_was_until_there_are_more() -> None:
    first = published(changed(0), LARGE)
    assert publish(first, month(changed(4), LARGE), NOW) is None
    second = publish(first, month(changed(6), LARGE), NOW)
    assert second
    assert second.number == 2
    assert second.units["unit-1"].figures[kind("fuel")].value["amounts"] == _sen(106)
    assert publish(second, month(changed(7), LARGE), NOW) is None


def test_sums_are_those_of_what_is_published() -> None:
    """One has changed in the first unit, and all of the second: only the second moves."""
    first = published(changed(0), LARGE)
    larger = unit("unit-2", sen=200, away=SIXTY, fuel=SIXTY, home_electricity=SIXTY, co2e=SIXTY)
    larger["unit_months"][-1]["amounts"] = _sen(100)
    second = publish(first, month(changed(1), larger), NOW)
    assert second
    fuel = {id_: of.figures[kind("fuel")].value["amounts"] for id_, of in second.units.items()}
    assert fuel == {"unit-1": _sen(100), "unit-2": _sen(200)}


def test_what_changed_though_nobody_did_stays_as_it_was() -> None:
    first = published(changed(0), LARGE)
    otherwise: Any = changed(0)
    otherwise["unit_months"][-1]["amounts"] = _sen(7)
    assert publish(first, month(otherwise, LARGE), NOW) is None
