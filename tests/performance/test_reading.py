"""What is answered of results: to whom, by day and by month, MKD and office side by side."""

import csv
import io
from datetime import date
from typing import Any

from tests.harness.platform import Platform
from tests.harness.town import HEADING, WEDNESDAY, Town, open_town, row, subject
from tests.performance.desk import approved, opened, rules, worked_at_the_office

THURSDAY, MONDAY, TUESDAY = date(2026, 9, 3), date(2026, 9, 7), date(2026, 9, 8)
MONTH = {"month": "2026-09"}
TEAM = ("ani", "dedi", "farah", "gilang", "citra")


async def results(town: Town, name: str, kind: str, **params: Any) -> list[dict[str, Any]]:
    answer = await town.get(name, "performance", f"/v1/results/{kind}", **MONTH | params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def played(platform: Platform) -> Town:
    """Ani works an MKD Monday as agreed and half of what she planned for Tuesday at the office."""
    town = await open_town(platform)
    await town.play_to_verified("ani", MONDAY)
    await worked_at_the_office(town, "ani", TUESDAY, quantity="2")
    return town


async def team_at_the_office(platform: Platform, *names: str) -> Town:
    """Some people have an office plan for a Wednesday that has passed."""
    town = await open_town(platform)
    for name in names:
        await opened(town, name, [WEDNESDAY])
    await platform.settle()
    town.at(THURSDAY)
    await platform.settle()
    return town


async def test_days_and_months_show_mkd_and_office_side_by_side(memory: Platform) -> None:
    town = await played(memory)
    unit_id = (await town.get("ani", "performance", "/v1/me")).json()["unit_id"]
    days = await results(town, "ani", "days")
    assert [(one["day"], one["mode"], one["unit_id"]) for one in days] == [
        (str(MONDAY), "mkd", unit_id),
        (str(TUESDAY), "office", unit_id),
    ]
    assert days[1]["results"] == {
        "outputs": 1,
        "excused": 0,
        "cancelled": 0,
        "logged": 1,
        "on_time": 1,
        "returned": 0,
        "verified": 1,
        "attained_ppm": 500_000,
        "attainment_ppm": 500_000,
        "timeliness_ppm": 1_000_000,
    }
    for kind in ("employee-months", "unit-months"):
        months = await results(town, "citra", kind)
        assert [(one["mode"], one["results"]["attainment_ppm"]) for one in months] == [
            ("mkd", 1_000_000),
            ("office", 500_000),
        ]
    assert [one["mode"] for one in await results(town, "ani", "days", mode="office")] == ["office"]
    assert await results(town, "citra", "unit-months", unit_id="unit-elsewhere") == []


async def test_an_office_day_that_becomes_one_of_mkd_counts_once_and_is_told_under_each(memory: Platform) -> None:
    town = await open_town(memory)
    await opened(town, "ani", [MONDAY])
    await approved(town, "ani", [MONDAY])
    town.at(TUESDAY)
    await memory.settle()
    days = await results(town, "ani", "days")
    assert [(one["day"], one["mode"], one["results"]["outputs"], one["results"]["cancelled"]) for one in days] == [
        (str(MONDAY), "mkd", 1, 0),
        (str(MONDAY), "office", 0, 1),
    ]


async def test_a_day_counts_from_the_next_morning_on_and_is_cancelled_once_its_plan_is_closed(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await approved(town, "ani", [MONDAY, TUESDAY])
    town.at(MONDAY, 15)
    await memory.settle()
    assert await results(town, "ani", "days") == []
    town.at(TUESDAY)
    await memory.settle()
    (day,) = await results(town, "ani", "days")
    assert (day["results"]["outputs"], day["results"]["timeliness_ppm"]) == (1, 0)
    days = {"days": [str(MONDAY), str(TUESDAY)]}
    await town.decide("budi", asked, "revoke", {"reason": "Ada keperluan dinas."} | days)
    await memory.settle()
    (day,) = await results(town, "ani", "days")
    (month,) = await results(town, "citra", "unit-months")
    for found in (day["results"], month["results"]):
        assert (found["outputs"], found["cancelled"], found["attainment_ppm"]) == (0, 1, None)


async def test_a_transfer_that_is_recorded_late_moves_what_was_counted(memory: Platform) -> None:
    town = await played(memory)
    (before,) = {one["unit_id"] for one in await results(town, "citra", "unit-months")}
    await town.load("employees", f"{HEADING}\n{row('ani', since=str(TUESDAY), unit_code='lain')}\n")
    await memory.settle()
    months = await results(town, "citra", "unit-months")
    assert {(one["unit_name"], one["mode"]) for one in months} == {
        ("Badan Kepegawaian Daerah", "mkd"),
        ("Lain", "office"),
    }
    assert [one["results"]["outputs"] for one in months] == [1, 1]
    own = await results(town, "ani", "employee-months")
    assert [one["unit_id"] == before for one in own] == [one["mode"] == "mkd" for one in own]


async def test_results_are_for_oneself_ones_leaders_and_the_agency(memory: Platform) -> None:
    town = await played(memory)
    for kind in ("days", "employee-months"):
        seen = {name: len(await results(town, name, kind)) for name in ("ani", "budi", "citra", "dedi", "eka", "hana")}
        assert seen == {"ani": 2, "budi": 2, "citra": 2, "dedi": 0, "eka": 0, "hana": 0}, kind
        named = {"employee_id": town.ids["ani"]}
        for name in ("ani", "budi", "citra"):
            assert len(await results(town, name, kind, **named)) == 2
        for name in ("dedi", "eka", "hana"):
            refused = await town.get(name, "performance", f"/v1/results/{kind}", **MONTH, **named)
            assert (refused.status_code, rules(refused)) == (404, ["not-found"]), name


async def test_unit_months_are_for_analysts_and_the_agency(memory: Platform) -> None:
    town = await open_town(memory)
    for name in ("ani", "budi", "eka"):
        refused = await town.get(name, "performance", "/v1/results/unit-months", **MONTH)
        assert (refused.status_code, rules(refused)) == (403, ["role-missing"]), name


async def over(town: Town) -> None:
    """The month is over and has been published."""
    town.at(date(2026, 10, 2))
    await town.platform.settle()


async def test_results_of_four_are_withheld(memory: Platform) -> None:
    town = await team_at_the_office(memory, *TEAM[:4])
    assert await results(town, "hana", "unit-months") == [], "the month runs"
    (whole,) = await results(town, "citra", "unit-months")
    assert (whole["withheld"], whole["people"], whole["results"]["outputs"]) == (False, 4, 4)
    await over(town)
    (of_four,) = await results(town, "hana", "unit-months")
    assert (of_four["withheld"], of_four["people"], of_four["results"]) == (True, None, None)


async def test_results_of_five_are_shown_to_an_analyst_who_is_not_one_of_them(memory: Platform) -> None:
    town = await team_at_the_office(memory, *TEAM)
    await over(town)
    (of_five,) = await results(town, "hana", "unit-months")
    assert (of_five["withheld"], of_five["people"], of_five["results"]["outputs"]) == (False, 5, 5)
    page = (await town.get("hana", "performance", "/v1/results/unit-months", **MONTH)).json()
    assert page["as_of"].startswith("2026-10-02")


async def test_an_analyst_who_is_one_of_five_does_not_see_the_others_four(memory: Platform) -> None:
    town = await team_at_the_office(memory, *TEAM[:4], "hana")
    await over(town)
    assert [one["withheld"] for one in await results(town, "hana", "unit-months")] == [True]


async def test_a_unit_is_withheld_with_one_that_it_would_give_away(memory: Platform) -> None:
    """Of all units less the five of one, the single one of the other would be left."""
    town = await team_at_the_office(memory, *TEAM, "hana")
    await town.load("employees", f"{HEADING}\n{row('hana', since='2026-09-01', unit_code='lain')}\n")
    await memory.settle()
    assert [one["people"] for one in await results(town, "citra", "unit-months", mode="office")] in ([5, 1], [1, 5])
    await over(town)
    assert [one["withheld"] for one in await results(town, "hana", "unit-months")] == [True, True]
    assert [one["withheld"] for one in await results(town, "hana", "unit-months", mode="office")] == [True, True]


async def test_few_mkd_people_are_withheld_though_many_were_at_the_office(memory: Platform) -> None:
    town = await open_town(memory)
    for name in TEAM:
        await opened(town, name, [MONDAY])
    await town.play_to_verified("ani", MONDAY)
    await over(town)
    shown = {one["mode"]: one["withheld"] for one in await results(town, "hana", "unit-months")}
    assert shown == {"mkd": True, "office": False}


async def test_every_list_is_a_table_too_and_says_when_it_is_unchanged(memory: Platform) -> None:
    town = await team_at_the_office(memory, "ani")
    client = memory.apis.clients["performance"]
    token, others = ({"Authorization": f"Bearer {memory.token(subject(name))}"} for name in ("citra", "hana"))
    for kind in ("days", "employee-months", "unit-months"):
        path = f"/v1/results/{kind}?month=2026-09"
        answer = await client.get(path, headers=token | {"Accept": "text/csv"})
        assert answer.headers["content-type"].startswith("text/csv")
        (cells,) = csv.DictReader(io.StringIO(answer.text))
        assert (cells["mode"], cells["outputs"], cells["attainment_ppm"]) == ("office", "1", "0")
        first = await client.get(path, headers=token)
        again = await client.get(path, headers=token | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    town.at(date(2026, 10, 2))
    await memory.settle()
    (cells,) = csv.DictReader(io.StringIO((await client.get(path, headers=others | {"Accept": "text/csv"})).text))
    assert (cells["withheld"], cells["people"], cells["outputs"]) == ("True", "", "")


async def test_pages_follow_one_another_without_losing_or_repeating(memory: Platform) -> None:
    town = await team_at_the_office(memory, *TEAM)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await town.get("citra", "performance", "/v1/results/days", limit=2, **MONTH, **cursor)).json()
        seen += [one["employee_id"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(town.ids[name] for name in TEAM)


async def test_what_cannot_be_asked_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    for params, status, rule in (
        ({}, 422, "field-invalid"),
        ({"month": "2026-13"}, 422, "field-invalid"),
        (MONTH | {"mode": "beach"}, 422, "field-invalid"),
        (MONTH | {"cursor": "bm9uc2Vuc2U"}, 400, "cursor-invalid"),
        (MONTH | {"limit": "0"}, 422, "field-invalid"),
    ):
        for kind in ("days", "employee-months", "unit-months"):
            answer = await town.get("citra", "performance", f"/v1/results/{kind}", **params)
            assert (answer.status_code, rules(answer)[0]) == (status, rule), kind


async def test_a_month_without_results_is_an_empty_list(memory: Platform) -> None:
    town = await open_town(memory)
    for kind in ("days", "employee-months", "unit-months"):
        answer = await town.get("citra", "performance", f"/v1/results/{kind}", month="2199-12")
        assert answer.status_code == 200
        assert (answer.json()["items"], answer.json()["next_cursor"]) == ([], None)


async def test_a_plan_that_cannot_be_counted_is_set_aside_and_the_others_are_counted(memory: Platform) -> None:
    town = await open_town(memory)
    await opened(town, "ani", [MONDAY])
    await memory.settle()
    db, plans = memory.databases["performance"], memory.runners["performance.results"].models["counted_plans"]
    (good,) = await plans.find({}).to_list()
    await plans.insert_one({**good, "_id": "off-00000000", "time_zone": "Mars/Olympus"})
    town.at(TUESDAY)
    await memory.settle()
    assert [one["results"]["outputs"] for one in await results(town, "ani", "days")] == [1]
    (letter,) = await db.dead_letters.find({"consumer": "performance.count"}).to_list()
    assert (letter["about"], letter["status"]) == ("off-00000000", "open")
    service, clock = memory.services["performance"], memory.settings["performance"].clock()
    assert set((await service.pending(db, "g1", clock)).values()) == {0}, "what was set aside does not wait"
    await plans.update_one({"_id": "off-00000000"}, {"$set": {"time_zone": "Asia/Jakarta"}})
    await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"status": "handled"}})
    await memory.settle()
    assert [one["results"]["outputs"] for one in await results(town, "ani", "days")] == [2]
