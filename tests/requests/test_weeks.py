"""Weeks over HTTP: whose one may see, and what stands in them."""

from datetime import date
from typing import Any

from shared.contracts import organisation
from tests.harness.made import absence, mandate, message
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 9, day) for day in (7, 8, 9))
PATH = "/v1/weeks/2026-W37"


async def owed(town: Town, name: str, path: str = PATH, **params: str) -> dict[str, Any]:
    answer = await town.get(name, "requests", path, **params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_week_says_what_it_owes_and_what_was_asked_for(memory: Platform) -> None:
    town = await open_town(memory)
    home = await town.submit("ani", [MONDAY], window={"starts": "07:30", "ends": "16:00"})
    short = await town.submit("ani", [TUESDAY], window={"starts": "09:00", "ends": "15:00"})
    await memory.settle()
    await town.approve("budi", home)
    await memory.settle()
    week = await owed(town, "ani")
    assert (week["working_days"], week["minutes_owed"], week["employee_id"]) == (5, 2250, town.ids["ani"])
    assert [policy["policy_id"] for policy in week["policies"]] == ["pol-jabar-2026-2"]
    monday, tuesday, *_, sunday = week["days"]
    assert [(one["request_id"], one["status"], one["window_minutes"]) for one in monday["asked"]] == [
        (home["request_id"], "approved", 450)
    ]
    assert [(one["request_id"], one["status"], one["window_minutes"]) for one in tuesday["asked"]] == [
        (short["request_id"], "submitted", 300)
    ]
    assert monday["hours"] == {
        "minutes": 450,
        "break_minutes": 60,
        "season": None,
        "awaits_decree": False,
        "source": "Perpres 21/2023 Ps. 4: 37 jam 30 menit sepekan",
    }
    assert (sunday["day_off"], sunday["hours"], sunday["minutes_owed"]) == ("Minggu", None, 0)


async def test_the_shipped_policies_owe_less_in_ramadan_and_say_whether_it_is_decreed(memory: Platform) -> None:
    town = await open_town(memory)
    for week, minutes, decreed in (("2026-W09", 1950, True), ("2027-W07", 1950, False)):
        found = await owed(town, "ani", f"/v1/weeks/{week}")
        assert found["minutes_owed"] == minutes
        assert [day["hours"]["awaits_decree"] for day in found["days"][:5]] == [not decreed] * 5
        assert {day["hours"]["minutes"] for day in found["days"][:5]} == {390}
    assert (await owed(town, "ani", "/v1/weeks/2026-W22"))["minutes_owed"] == 1350
    assert (await owed(town, "ani", "/v1/weeks/2025-W40"))["minutes_owed"] == 2250
    eid = (await owed(town, "ani", "/v1/weeks/2027-W10"))["days"]
    assert [(day["day_off"] or "", day["estimated"]) for day in eid[1:4]] == [
        ("Cuti Bersama Hari Raya Idul Fitri", False),
        ("Hari Raya Idul Fitri (perkiraan)", True),
        ("Hari kedua dari Hari Raya Idul Fitri (perkiraan)", True),
    ]


async def test_a_week_is_for_its_employee_their_superior_and_the_personnel_agency(memory: Platform) -> None:
    town = await open_town(memory)
    await town.submit("ani", [MONDAY])
    for name in ("ani", "budi", "citra"):
        assert (await owed(town, name, employee_id=town.ids["ani"]))["days"][0]["asked"], name
    for name in ("dedi", "eka", "hana"):
        answer = await town.get(name, "requests", PATH, employee_id=town.ids["ani"])
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (404, "not-found"), name
    unknown = await town.get("citra", "requests", PATH, employee_id="emp-nobody00")
    assert unknown.status_code == 404


async def test_an_acting_official_sees_weeks_while_the_mandate_lasts(memory: Platform) -> None:
    town = await open_town(memory)
    about = {"employee_id": town.ids["ani"]}
    assert (await town.get("hana", "requests", PATH, **about)).status_code == 404
    prefix = memory.settings["organisation"].topic_prefix
    acting = mandate(town.ids["hana"], town.ids["budi"], date(2026, 9, 2), date(2026, 9, 3))
    assert memory.bus
    await memory.bus.send([message(organisation.PUBLISHER, acting, prefix=prefix)])
    await memory.settle()
    assert (await owed(town, "hana", **about))["minutes_owed"] == 2250
    town.at(date(2026, 9, 4))
    assert (await town.get("hana", "requests", PATH, **about)).status_code == 404


async def test_a_week_that_cannot_be_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    for week, rule in (
        ("2025-W53", "no-such-week"),
        ("9999-W52", "no-such-week"),
        ("0000-W01", "no-such-week"),
        ("0001-W01", "no-policy"),
        ("2026-W00", "field-invalid"),
        ("2026-37", "field-invalid"),
    ):
        answer = await town.get("ani", "requests", f"/v1/weeks/{week}")
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["rule"], error["pointer"]) == (422, rule, "path:iso_week"), week


async def test_whatever_years_a_policy_names_its_weeks_are_answered(memory: Platform) -> None:
    """A policy from the first day of the calendar on, which owes nothing: no year is too far."""
    town = await open_town(memory)
    (shipped, *_) = (await town.get("citra", "requests", "/v1/policies")).json()["items"]
    eternal = shipped | {"policy_id": "pol-selamanya", "effective_from": "0001-01-01"}
    hours = {"minutes": 0, "break_minutes": 1440, "friday_break_minutes": 0, "source": "uji"}
    season = hours | {"name": "uji", "first_day": "0001-01-01", "last_day": "9999-12-31"}
    eternal["hours"] = {"usual": hours, "seasons": [season]}
    published = await town.post("citra", "requests", "/v1/policies", eternal)
    assert published.status_code == 201, published.text
    for week in ("0001-W01", "1582-W41", "1900-W01", "2024-W01"):
        assert (await owed(town, "ani", f"/v1/weeks/{week}"))["minutes_owed"] == 0
    assert (await owed(town, "ani", "/v1/weeks/9999-W51"))["minutes_owed"] == 2250


async def test_seasons_that_overlap_are_refused_in_both_languages(memory: Platform) -> None:
    town = await open_town(memory)
    *_, shipped = (await town.get("citra", "requests", "/v1/policies")).json()["items"]
    ramadan = shipped["hours"]["seasons"][0]
    hours = shipped["hours"] | {"seasons": [ramadan, ramadan | {"name": "Lebaran"}]}
    body = shipped | {"policy_id": "pol-uji-2027", "corrects": None, "effective_from": "2026-09-07", "hours": hours}
    answer = await town.post("citra", "requests", "/v1/policies", body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["rule"], error["pointer"]) == (422, "seasons-overlap", "/hours/seasons/1")
    assert error["detail"] == "Ada hari yang termasuk dua musim: Ramadan 1447 H dan Lebaran."
    headers = {"Accept-Language": "en"}
    english = await town.post("citra", "requests", "/v1/policies", body, headers=headers)
    assert english.json()["errors"][0]["detail"] == "A day is in two seasons: Ramadan 1447 H and Lebaran."


async def test_a_month_has_the_days_of_its_weeks_with_quota_and_absences(memory: Platform) -> None:
    town = await open_town(memory)
    await town.submit("ani", [TUESDAY, date(2026, 9, 30), date(2026, 10, 1)])
    away = absence(date(2026, 8, 31), date(2026, 9, 1), whose=town.ids["ani"])
    assert memory.bus
    prefix = memory.settings["organisation"].topic_prefix
    await memory.bus.send([message(organisation.PUBLISHER, away, prefix=prefix)])
    await memory.settle()
    month = await owed(town, "budi", "/v1/months/2026-09", employee_id=town.ids["ani"])
    assert (month["month"], month["employee_id"], month["working_days"]) == ("2026-09", town.ids["ani"], 22)
    assert [day["day"] for day in month["days"]] == [f"2026-09-{day:02}" for day in range(1, 31)]
    assert month["minutes_owed"] == 22 * 450
    assert month["days"][6:13] == (await owed(town, "ani"))["days"]
    weeks = [(one["week"], one["taken"], one["limit"]) for one in month["weeks"]]
    assert weeks == [(f"2026-W{36 + n}", taken, 2) for n, taken in enumerate([0, 1, 0, 0, 2])]
    assert {one["source"] for one in month["weeks"]} == {"PermenPANRB 4/2025 Ps. 13(1)"}
    assert month["absences"] == [{"day": "2026-09-01", "kind": "leave"}]
    for name, month_asked, status in (("dedi", "2026-09", 404), ("ani", "2026-13", 422), ("ani", "2000-01", 422)):
        answer = await town.get(name, "requests", f"/v1/months/{month_asked}", employee_id=town.ids["ani"])
        assert answer.status_code == status, month_asked
