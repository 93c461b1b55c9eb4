"""What analysts and colleagues read of a month, as it is published and published anew."""

import csv
import io
from datetime import date
from typing import Any

from bson.timestamp import Timestamp

from shared.kit.base.following import Changed
from shared.kit.decisions.decider import Document
from shared.kit.projections.projector import TOUCHED, count
from shared.people import published
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town
from tests.savings.test_few_people import unit

MONTH = {"month": "2026-09"}
PEOPLE = range(12)
READERS = ("hana", "ani")
SUMS = ("days", "amounts")


async def kept(town: Town, *parts: dict[str, list[Document]]) -> None:
    """The read models hold this of September, as if everything had been heard; and the month has been touched."""
    models = town.platform.databases["savings"]["g1"]
    for name, stored in (("unit_months", _units), ("employee_totals", _people), ("employee_months", _months)):
        documents = [one for part in parts for one in stored(part)]
        await models[name].delete_many({})
        await models[name].insert_many([{"_id": f"{name}-{n}", **one} for n, one in enumerate(documents)])
    await models[TOUCHED].insert_one({"month": "2026-09"})
    await count(None, models, ["2026-09"], by="test")
    await town.platform.settle()


TAGS: Document = {"budget_line": None, "cashable": False, "scope": None, "range": "none"}
WORTH: Document = {"request_id": "req-0001", "factor_set_id": "fac-0001", "entries": []}
LOOKED_AT: Document = {"due_at": None, "factors_seen": 99, "policies_seen": 99}


def _units(part: dict[str, list[Document]]) -> list[Document]:
    """Each figure in a part of its own."""
    found = []
    for one in part["unit_months"]:
        sums = {name: one[name] for name in SUMS}
        of = TAGS | {tag: value for tag, value in one.items() if tag not in SUMS}
        found.append({"unit_id": one["unit_id"], "month": one["month"], "kinds": {one["category"]: {"of": of, **sums}}})
    return found


def _people(part: dict[str, list[Document]]) -> list[Document]:
    return [TAGS | one for one in part["employee_months"]]


def _months(part: dict[str, list[Document]]) -> list[Document]:
    """Of each of the people the one day."""
    return [
        {
            "_id": f"{one['employee_id']}:2026-09",
            "employee_id": one["employee_id"],
            "month": "2026-09",
            "days": {"07": {"counted": one["counted"], "lacks": []}},
            "worth": {"07": WORTH | one["position"]} if one["position"] else {},
            "looks": {"factors": {"07": 99}, "policies": {"07": 99}},
            "entries": {},
            "uses": {},
            **LOOKED_AT,
        }
        for one in part["days"]
    ]


def september(unit_id: str, changed: int = 0, people: range = PEOPLE) -> dict[str, list[Document]]:
    """Some people away, of whom some have changed."""
    found = unit(unit_id, away=people, agreed=people, fuel=people)
    own = {"sen": {"low": 100 + changed, "central": 100 + changed, "high": 100 + changed}}
    for one in found["employee_months"][:changed]:
        one["amounts"] = own
    found["unit_months"][0]["amounts"] = own
    return found


async def fuel(town: Town, name: str) -> tuple[int | None, str | None]:
    """The rupiah of the unit's fuel as somebody reads them, and as of when."""
    answer = (await town.get(name, "savings", "/v1/unit-months", category="fuel", **MONTH)).json()
    found = [one["amounts"]["sen"]["central"] for one in answer["items"] if one["amounts"]]
    return (found[0] if found else None, answer["as_of"])


async def opened(memory: Platform) -> tuple[Town, str]:
    town = await open_town(memory)
    unit_id = (await town.get("ani", "savings", "/v1/me")).json()["unit_id"]
    return town, str(unit_id)


async def test_a_month_is_read_as_published_and_moves_when_enough_has_changed(memory: Platform) -> None:
    """The personnel agency reads what is so; the others nothing before the month is over, then what was published."""
    town, unit_id = await opened(memory)
    town.at(date(2026, 9, 30))
    await kept(town, september(unit_id))
    assert [(await fuel(town, name))[0] for name in ("citra", *READERS)] == [100, None, None]
    town.at(date(2026, 10, 2))
    await memory.settle()
    tags: dict[str, Any] = {name: await _tag(town, name) for name in READERS}
    for name in READERS:
        central, as_of = await fuel(town, name)
        assert central == 100
        assert as_of
        assert as_of.startswith("2026-10-02")
    town.at(date(2026, 10, 5))
    await kept(town, september(unit_id, changed=1))
    assert [(await fuel(town, name))[0] for name in ("citra", *READERS)] == [101, 100, 100]
    assert {name: await _tag(town, name) for name in READERS} == tags, "a tag is no alarm for the moment"
    assert await _restated(town) == []
    town.at(date(2026, 10, 6))
    await kept(town, september(unit_id, changed=6))
    for name in READERS:
        central, as_of = await fuel(town, name)
        assert central == 106
        assert as_of
        assert as_of.startswith("2026-10-06")
    (told,) = await _restated(town)
    assert [told[side]["sen"]["central"] for side in ("before", "difference", "after")] == [100, 6, 106]
    assert told["rows"] is None
    instance = (await town.get("ani", "savings", "/v1/instance-months/2026-09")).json()
    assert [one["amounts"]["sen"]["central"] for one in instance["figures"] if one["category"] == "fuel"] == [106]
    counted = (await town.get("hana", "savings", "/v1/completeness", **MONTH)).json()["items"]
    assert [(one["days_agreed"], one["days_realised"], one["lacks"]) for one in counted] == [(12, 12, {})]
    explained = (await town.get("hana", "savings", f"/v1/unit-months/{unit_id}/2026-09")).json()
    assert (explained["people"], explained["as_of"][:10]) == (None, "2026-10-06")


async def _tag(town: Town, name: str) -> list[str]:
    paths: tuple[tuple[str, dict[str, str]], ...] = (
        ("unit-months", MONTH),
        ("instance-months/2026-09", {}),
        ("completeness", MONTH),
    )
    return [(await town.get(name, "savings", f"/v1/{path}", **params)).headers["etag"] for path, params in paths]


async def _restated(town: Town) -> list[dict[str, Any]]:
    answer = await town.get("hana", "savings", "/v1/restatements", since="2026-10-03T00:00:00Z", **MONTH)
    return [one for one in answer.json()["items"] if one["category"] == "fuel"]


async def test_a_colleague_in_a_figure_of_five_does_not_read_it_and_an_analyst_does(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    of_five = september(unit_id, people=range(5))
    for name in ("employee_months", "days"):
        of_five[name] = [
            {**one, "employee_id": town.ids["ani"]} if one["employee_id"] == "emp-0" else one for one in of_five[name]
        ]
    town.at(date(2026, 10, 2))
    await kept(town, of_five)
    assert [(await fuel(town, name))[0] for name in ("citra", "hana", "ani", "dedi")] == [100, 100, None, 100]


async def test_who_comes_into_a_month_later_goes_on_reading_what_they_could_read_before(memory: Platform) -> None:
    """From what they have read, what is told now, and what they know of themselves, they could work out the others who
    came with them."""
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    more = september(unit_id, people=range(18))
    more["unit_months"][0]["amounts"] = {"sen": {"low": 150, "central": 150, "high": 150}}
    for name in ("employee_months", "days"):
        more[name] = [
            one | {"employee_id": town.ids["ani"]} if one["employee_id"] == "emp-17" else one for one in more[name]
        ]
    town.at(date(2026, 10, 3))
    await kept(town, more)
    assert [(await fuel(town, name))[0] for name in ("citra", "hana", "dedi", "ani")] == [150, 150, 150, 100]
    db = memory.databases["savings"]
    told = await db.publications.find({}).sort("number", 1).to_list()
    await db.published_people.update_many({}, {"$set": {"publication": "pub-of-later"}})
    heard = [Changed("publications", one["_id"], Timestamp(1, 1), one) for one in told]
    hidden = [await published._who_reads_an_earlier_one(db, one) for one in heard]
    assert [town.ids["ani"] in them for them in hidden] == [False, True], "also where it is heard of late"


async def test_what_is_withheld_beside_a_change_is_no_obstacle_to_reading_the_change(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    few = september("unit-few", people=range(40, 43))
    many = september("unit-many", people=range(50, 70))
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id), few, many)
    town.at(date(2026, 10, 6))
    await kept(town, september(unit_id, changed=6), few, many)
    assert [one["after"]["sen"]["central"] for one in await _restated(town)] == [106]


async def test_who_is_in_a_figure_of_five_no_more_does_not_read_what_it_was(memory: Platform) -> None:
    """Not even an analyst, who is told what has changed since: less their own, it was about four."""
    town, _ = await opened(memory)
    before = september("unit-five", people=range(5))
    for name in ("employee_months", "days"):
        before[name] = [
            one | {"employee_id": town.ids["hana"]} if one["employee_id"] == "emp-0" else one for one in before[name]
        ]
    others = september("unit-many", people=range(100, 130))
    town.at(date(2026, 10, 2))
    await kept(town, before, others)
    after = september("unit-five", people=range(5, 10))
    after["unit_months"][0]["amounts"] = {"sen": {"low": 70, "central": 70, "high": 70}}
    town.at(date(2026, 10, 4))
    await kept(town, after, others)
    assert [(await fuel(town, name))[0] for name in ("citra", "hana")] == [70, None]
    assert await _restated(town) == []
    state = await published._newest(memory.databases["savings"], "2026-09")
    assert state
    assert state.since[town.ids["hana"]] == 1, "nor is it forgotten by what is published next"


async def test_pages_of_what_was_published_follow_one_another(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id), september("unit-other", people=range(20, 40)))
    whole = (await town.get("hana", "savings", "/v1/unit-months", **MONTH)).json()["items"]
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    while not seen or cursor:
        page = (await town.get("hana", "savings", "/v1/unit-months", limit=2, **MONTH, **cursor)).json()
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert seen == whole
    assert {one["unit_id"] for one in whole} == {unit_id, "unit-other"}
    own = (await town.get("ani", "savings", "/v1/unit-months", **MONTH)).json()["items"]
    assert {one["unit_id"] for one in own} == {unit_id}


async def test_read_models_that_are_filled_anew_publish_nothing_anew(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    for _ in range(2):
        await kept(town, september(unit_id))
    db = memory.databases["savings"]
    assert await db.publications.count_documents({}) == 1
    assert await db["g1"][TOUCHED].count_documents({}) == 0
    service, clock = memory.services["savings"], memory.settings["savings"].clock()
    assert set((await service.pending(db, "g1", clock)).values()) == {0}, "what waits for more people is not due"


async def test_a_series_says_of_each_month_what_that_months_own_answer_says(memory: Platform) -> None:
    """To each reader: current figures, published ones, and what is withheld of few people."""
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    others = {"unit-of-few": range(20, 23), "unit-of-many": range(30, 42), "unit-of-more": range(50, 65)}
    await kept(town, september(unit_id), *(september(other, people=people) for other, people in others.items()))
    span, seen = {"from": "2026-08", "to": "2026-10"}, set()
    for name, units in (("citra", [unit_id, *others]), ("hana", [unit_id, *others]), ("ani", [unit_id])):
        by_unit = (await town.get(name, "savings", "/v1/series", unit_id=units, **span)).json()["months"]
        together = (await town.get(name, "savings", "/v1/series", **span)).json()["months"]
        assert [one["month"] for one in by_unit] == ["2026-08", "2026-09", "2026-10"]
        for of_units, of_all in zip(by_unit, together, strict=True):
            month = of_units["month"]
            own = (await town.get(name, "savings", "/v1/unit-months", month=month)).json()
            assert (of_units["units"], of_units["as_of"], of_units["instance"]) == (own["items"], own["as_of"], [])
            whole = (await town.get(name, "savings", f"/v1/instance-months/{month}")).json()
            assert (of_all["instance"], of_all["left_out"]) == (whole["figures"], whole["left_out"])
            assert (of_all["as_of"], of_all["units"]) == (whole["as_of"], [])
            seen |= {(name, one["withheld"]) for one in of_units["units"]}
    assert seen >= {("citra", False), ("hana", False), ("hana", True)}
    assert ("citra", True) not in seen


async def test_a_series_is_chosen_by_kind_and_has_words_and_measures(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    path, asked = "/v1/series", {"from": "2026-09", "to": "2026-09", "category": "fuel"}
    for of in ({}, {"unit_id": unit_id}):
        (month,) = (await town.get("hana", "savings", path, **asked, **of)).json()["months"]
        assert {one["category"] for one in month["units"] + month["instance"]} == {"fuel"}
    words = (await town.get("hana", "savings", path, **asked)).json()["words"]
    assert (words["categories"]["fuel"], words["beneficiaries"]["society"]) == ("bahan bakar", "masyarakat")
    assert words["measures"]["microlitres"] == {"word": "liter", "symbol": "L", "divisor": 1_000_000}
    for name, more, rule in (
        ("hana", {"to": "2026-08"}, "month-order"),
        ("hana", {"from": "2023-09"}, "series-too-long"),
        ("hana", {"unit_id": [unit_id] * 11}, "field-invalid"),
        ("ani", {"unit_id": "unit-other000"}, "own-unit-only"),
    ):
        answer = await town.get(name, "savings", path, **asked | more)
        assert [one["rule"] for one in answer.json()["errors"]] == [rule], more
    longest = await town.get("hana", "savings", path, **asked | {"from": "2023-10"})
    assert len(longest.json()["months"]) == 36


async def test_a_series_is_told_in_rows_with_what_is_withheld_and_left_out(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id), september("unit-of-few", people=range(20, 23)))
    asked: dict[str, Any] = {"from": "2026-09", "to": "2026-09"}
    for more in ({}, {"unit_id": [unit_id, "unit-of-few"]}):
        (month,) = (await town.get("hana", "savings", "/v1/series", **asked | more)).json()["months"]
        answer = await town.get("hana", "savings", "/v1/series", **asked | more, format="csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        told = [(one["category"], one["unit_id"], str(one["withheld"]), "0") for one in month["units"]]
        told += [(one["category"], "", "False", "0") for one in month["instance"]]
        told += [(name, "", "True", str(n)) for name, n in sorted(month["left_out"].items())]
        assert [(one["category"], one["unit_id"], one["withheld"], one["left_out"]) for one in rows] == told != []
        assert {(one["month"], one["as_of"]) for one in rows} == {("2026-09", month["as_of"])}
        assert all(not one["sen_central"] for one in rows if one["withheld"] == "True")
