"""Figures about few people are withheld, whatever they tell: money, greenhouse gas, counts of days, or a change."""

from datetime import date
from typing import Any

from services.savings import restated
from services.savings.entries import KIND
from services.savings.queries import People
from tests.harness.platform import Platform
from tests.harness.town import open_town

SET = "fac-1"
FUEL, GAS = (SET, "fuel", "employee", 1, None), (SET, "co2e", "society", 1, 3)
HOME = (SET, "home_electricity", "employee", 1, None)
ELECTRICITY = (SET, "office_electricity", "regional_budget", 1, None)
IN_ONE = {"unit_id": "unit-1"}


def people(own: int, away: int, agreed: int, home: int = 0) -> People:
    """A unit with people who have own figures, some at home, who were away or meant to be, and a large one."""
    of_kind = {"unit-1": own, "unit-2": 60} if own else {"unit-2": 60}
    at_home = {"unit-1": home, "unit-2": 60} if home else {"unit-2": 60}
    gone, meant = {"unit-1": away, "unit-2": 60}, {"unit-1": agreed, "unit-2": 60}
    return People({FUEL: of_kind, GAS: of_kind, HOME: at_home}, {SET: gone, "fac-2": {"unit-2": 60}}, gone, meant)


def test_greenhouse_gas_of_a_few_without_a_commute_is_withheld() -> None:
    """It is their electricity's, which is withheld too: the one is the other times a published factor."""
    few = people(own=0, away=3, agreed=3)
    assert "unit-1" in few.withheld(GAS) & few.withheld(ELECTRICITY)
    assert "unit-1" not in people(own=0, away=5, agreed=5).withheld(GAS)


def test_greenhouse_gas_is_withheld_where_only_a_few_have_their_own() -> None:
    many = people(own=2, away=40, agreed=40)
    assert "unit-1" in many.withheld(GAS)
    assert "unit-1" not in many.withheld(ELECTRICITY)
    assert many.of(dict(zip(KIND, GAS, strict=True)) | IN_ONE) == 2


def test_greenhouse_gas_is_withheld_where_it_would_give_away_what_it_is_made_of() -> None:
    """Fuel and the office's electricity are shown; less these, what is left is the home of two."""
    two_at_home = people(own=6, away=6, agreed=6, home=2)
    assert "unit-1" in two_at_home.withheld(HOME) & two_at_home.withheld(GAS)
    assert "unit-1" not in two_at_home.withheld(FUEL) | two_at_home.withheld(ELECTRICITY)
    assert people(own=6, away=6, agreed=6, home=6).withheld(GAS) == set()


def test_electricity_is_about_those_who_were_away_under_its_factors() -> None:
    before = people(own=6, away=6, agreed=6)
    assert before.of(told("office_electricity", "regional_budget")) == 6
    assert before.of(told("office_electricity", "regional_budget") | {"factor_set_id": "fac-2"}) == 0


def test_counts_of_days_are_about_all_who_had_agreed() -> None:
    assert "unit-1" in people(own=0, away=0, agreed=4).withheld_units()
    assert people(own=1, away=1, agreed=5).withheld_units() == set()


async def test_days_agreed_by_two_are_not_told_though_nobody_was_away_yet(memory: Platform) -> None:
    town = await open_town(memory)
    asked = [await town.submit(name, [date(2026, 9, 7)]) for name in ("ani", "dedi")]
    await memory.settle()
    for one in asked:
        await town.approve("budi", one)
    await memory.settle()
    counted = {
        name: (await town.get(name, "savings", "/v1/completeness", month="2026-09")).json()["items"]
        for name in ("citra", "hana", "ani")
    }
    assert [one["days_agreed"] for one in counted["citra"]] == [2]
    assert counted["hana"] == counted["ani"] == []


def concerned(*rows: tuple[str, int, int]) -> restated.People:
    """By employee: days before a moment, and rows since."""
    found = restated.People()
    kind = dict(zip(KIND, FUEL, strict=True))
    for employee_id, before, since in rows:
        of: dict[str, Any] = {"unit_id": "unit-1", **kind, "employee_id": employee_id}
        found.learn({"_id": of, "days_before": before, "rows": since})
    return found


def told(category: str = "fuel", beneficiary: str = "employee") -> dict[str, Any]:
    kind = (SET, category, beneficiary, 1, {"co2e": 3}.get(category))
    return {"unit_id": "unit-1", **dict(zip(KIND, kind, strict=True))}


def test_a_change_about_a_few_is_withheld_and_so_is_what_was_there_before_if_that_was_about_a_few() -> None:
    six = [(f"emp-{n}", 1, 2) for n in range(6)]
    assert not concerned(*six).few(told())
    assert concerned(*six[:4], ("emp-8", 1, 0), ("emp-9", 1, 0)).few(told()), "four have changed"
    late = [(f"emp-{n}", 0, 1) for n in range(6)]
    assert not concerned(*late).few(told()), "all is new"
    assert concerned(*late, ("emp-9", 1, 0)).few(told()), "one was there before"


def test_a_change_of_a_units_electricity_is_about_whoever_changed_in_it() -> None:
    one = concerned(*[(f"emp-{n}", 1, 0) for n in range(9)], ("emp-9", 0, 1))
    assert one.few(told("office_electricity", "regional_budget"))
    assert one.few(told("co2e", "society"))
    six = concerned(*[(f"emp-{n}", 1, 1) for n in range(6)])
    assert not six.few(told("office_electricity", "regional_budget"))
