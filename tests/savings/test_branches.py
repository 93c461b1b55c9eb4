"""Sums along the tree of units: of what a reader is shown of single units, and of nothing else."""

import csv
import io
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.savings.branch import api
from services.savings.branch.model import Terms, Told, Unit
from services.savings.branch.value import branches, tree_on, way_to
from services.savings.ledger.model import Total
from shared.contracts.savings import Beneficiary, Category
from tests.harness.platform import Platform
from tests.savings.test_published import kept, opened, september

SINCE = date(2026, 1, 1)
SPAN = {"from": "2026-09", "to": "2026-09"}
NAMES = ("a", "b", "c", "d", "e", "f")


def _told(unit_id: str, sen: int, *, withheld: bool = False) -> Told:
    amounts = {"sen": dict.fromkeys(("low", "central", "high"), sen)}
    shown: Any = {} if withheld else {"days": 1, "amounts": amounts}
    total = Total(
        factor_set_id="fac-1",
        category=Category.FUEL,
        beneficiary=Beneficiary.EMPLOYEE,
        tier=1,
        scope=None,
        budget_line=None,
        cashable=False,
        range="none",
        unit_id=unit_id,
        **shown,
    )
    return Told(total, withheld)


def _tree(parents: Mapping[str, str | None]) -> dict[str, Terms]:
    return {id_: Terms(SINCE, id_.upper(), parent) for id_, parent in parents.items()}


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from((None, *NAMES))),
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(-9, 9), st.booleans())),
    st.sampled_from((None, *NAMES)),
)
def test_every_unit_below_is_added_up_once_whatever_the_tree(
    parents: dict[str, str | None], figures: Sequence[tuple[str, int, bool]], root: str | None
) -> None:
    """Also where units are parts of each other, or of one that is not on record."""
    tree = _tree(parents)
    told = [_told(unit, sen, withheld=withheld) for unit, sen, withheld in figures]
    found = branches(tree, root, told)
    below = [one for one in told if root is None or root in (way_to(tree, one.total.unit_id) or [one.total.unit_id])]
    sums = [of for branch in found for of in branch.sums.values()]
    assert sum(of.units for of in sums) == sum(not one.withheld for one in below)
    assert sum(of.withheld for of in sums) == sum(one.withheld for one in below)
    shown = [one.total.amounts["sen"]["central"] for one in below if not one.withheld]
    assert sum(of.amounts["sen"]["central"] for of in sums if of.amounts) == sum(shown)
    assert len({branch.unit_id for branch in found}) == len(found)


def test_a_unit_stands_where_it_stood_at_the_end_of_the_month() -> None:
    moved = Unit((Terms(SINCE, "Bidang", "a"), Terms(date(2026, 9, 15), "Bidang", "b")))
    assert [tree_on({"x": moved}, day)["x"].parent_id for day in (date(2025, 1, 1), SINCE, date(2026, 9, 30))] == [
        "a",
        "a",
        "b",
    ]


async def test_parts_are_the_sum_of_what_their_reader_is_shown(memory: Platform) -> None:
    """Three units of the tree of which one has few people; the agency reads all of them, an analyst two."""
    town, unit_id = await opened(memory)
    models = memory.databases["savings"]["g1"]
    own = (await models["units"].find_one({"_id": unit_id}) or {})["history"][-1]
    for id_, parent in (("unit-head", None), ("unit-many", "unit-head"), ("unit-few", "unit-many")):
        terms = own | {"name": id_, "parent_id": parent, "effective_from": "2026-01-01"}
        await models["units"].insert_one({"_id": id_, "history": [terms]})
    town.at(date(2026, 10, 2))
    few, many, head = (range(20, 23), range(30, 42), range(50, 65))
    people = {"unit-few": few, "unit-many": many, "unit-head": head}
    await kept(town, september(unit_id), *(september(one, people=of) for one, of in people.items()))
    for name in ("citra", "hana"):
        single = (await town.get(name, "savings", "/v1/unit-months", month="2026-09", category="fuel")).json()["items"]
        sen = {one["unit_id"]: one["amounts"]["sen"]["central"] if one["amounts"] else 0 for one in single}
        told = {of: await _fuel(town, name, of) for of in (None, "unit-head", "unit-many", "unit-few")}
        assert _sums(told[None]) == {unit_id: sen[unit_id], "unit-head": sum(sen[one] for one in people)}
        below = {"unit-head": sen["unit-head"], "unit-many": sen["unit-many"] + sen["unit-few"]}
        assert _sums(told["unit-head"]) == below
        (of_few,) = told["unit-few"]["months"][0]["parts"]
        withheld = next(one["withheld"] for one in single if one["unit_id"] == "unit-few")
        assert (of_few["units"], of_few["withheld"]) == (1 - withheld, withheld)
        assert (of_few["amounts"] is None, of_few["days"] is None) == (withheld, withheld)
        assert withheld == (name == "hana")
        assert Counter(one["has_parts"] for one in told["unit-head"]["months"][0]["parts"]) == {True: 1, False: 1}
        assert [one["unit_name"] for one in told["unit-many"]["way"]] == ["unit-head", "unit-many"]
        answer = await town.get(name, "savings", "/v1/branches", unit_id="unit-many", format="csv", **SPAN)
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {one["unit_id"] for one in rows} == {"unit-many", "unit-few"}


async def test_who_may_not_read_all_units_and_what_is_not_there_is_refused(memory: Platform) -> None:
    town, _ = await opened(memory)
    for name, asked, status, rule in (
        ("ani", SPAN, 403, "all-units-only"),
        ("hana", SPAN | {"unit_id": "unit-nowhere"}, 404, "not-found"),
        ("hana", SPAN | {"to": "2026-08"}, 422, "month-order"),
    ):
        answer = await town.get(name, "savings", "/v1/branches", **asked)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule)
    empty = (await town.get("hana", "savings", "/v1/branches", **SPAN)).json()
    assert [(one["as_of"], one["parts"]) for one in empty["months"]] == [(None, [])]


async def _fuel(town: Any, name: str, unit_id: str | None) -> Any:
    of = {"unit_id": unit_id} if unit_id else {}
    return (await town.get(name, "savings", "/v1/branches", category="fuel", **SPAN, **of)).json()


def _sums(told: Any) -> dict[str, int]:
    sums = {one["unit_id"]: one["amounts"] for one in told["months"][0]["parts"]}
    return {id_: amounts["sen"]["central"] if amounts else 0 for id_, amounts in sums.items()}


async def test_sums_are_made_beside_the_calls_that_wait(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    threads = []

    def summed(*of: Any) -> Any:
        threads.append(threading.current_thread())
        return branches(*of)

    monkeypatch.setattr(api, "branches", summed)
    assert (await town.get("hana", "savings", "/v1/branches", **SPAN)).status_code == 200
    assert threads
    assert threading.main_thread() not in threads
