"""Days are taken back one by one, time closes what nobody decides, and what turns out not to be worked is looked at
again: over HTTP, through all services."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from shared.contracts import organisation
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceKind
from tests.harness.made import absence, mandate, message
from tests.harness.platform import Platform
from tests.harness.town import HEADING, Town, open_town, row

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 9, day) for day in (7, 8, 9, 10))
WIT = ZoneInfo("Asia/Jayapura")
WHY = {"reason": "Ada keperluan dinas."}


async def agreed(town: Town, *days: date) -> dict[str, Any]:
    """Ani's request, approved by Budi."""
    asked = await town.submit("ani", list(days))
    await town.platform.settle()
    await town.approve("budi", asked)
    await town.platform.settle()
    return asked


async def withdraw(town: Town, asked: dict[str, Any], *days: date) -> httpx.Response:
    path = f"/v1/requests/{asked['request_id']}"
    seen = (await town.get("ani", "requests", path)).json()["version"]
    body = {"days": [str(day) for day in days]} if days else None
    return await town.post("ani", "requests", f"{path}:withdraw", body, seen=seen)


async def request(town: Town, asked: dict[str, Any]) -> dict[str, Any]:
    return dict((await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json())


async def counted(town: Town, kind: str = "employee-months") -> dict[str, tuple[int, int, int, int]]:
    """By mode: how many of Ani's outputs count, are verified, excused, cancelled."""
    answer = await town.get("ani", "performance", f"/v1/results/{kind}", month="2026-09")
    names = ("outputs", "verified", "excused", "cancelled")
    return {one["mode"]: tuple(one["results"][name] for name in names) for one in answer.json()["items"]}


async def tell(platform: Platform, event: Event, n: int = 1) -> None:
    """What organisation would say."""
    assert platform.bus
    prefix = platform.settings["organisation"].topic_prefix
    await platform.bus.send([message(organisation.PUBLISHER, event, n, prefix=prefix)])
    await platform.settle()


async def test_what_was_worked_stays_when_the_rest_is_revoked(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await agreed(town, MONDAY, TUESDAY)
    town.at(MONDAY, 15)
    path = f"/v1/plans/{asked['request_id']}/outputs/{asked['outputs'][0]['output_id']}"
    done = {"quantity": 1, "note": "Selesai."}
    assert (await town.post("ani", "performance", f"{path}:log", done, seen=1)).status_code == 200
    assert (await town.post("budi", "performance", f"{path}:verify", seen=2)).status_code == 200
    town.at(TUESDAY)
    await memory.settle()
    revoked = await town.decide("budi", asked, "revoke", WHY)
    assert (revoked.status_code, revoked.json()["status"], revoked.json()["days_taken_back"]) == (
        200,
        "approved",
        [str(TUESDAY)],
    )
    town.at(WEDNESDAY)
    await memory.settle()
    assert (await town.day("ani", MONDAY))["realised"]
    assert not (await town.day("ani", TUESDAY))["realised"]
    assert await counted(town) == {"mkd": (1, 1, 0, 1)}
    assert (await request(town, asked))["days_taken_back"] == [str(TUESDAY)]
    plan = (await town.get("ani", "performance", f"/v1/plans/{asked['request_id']}")).json()
    assert (plan["closed"], plan["days_taken_back"]) == (False, [str(TUESDAY)])
    over = await town.decide("budi", asked, "revoke", WHY)
    assert (over.status_code, over.json()["errors"][0]["rule"]) == (409, "days-over")
    named = await town.decide("budi", asked, "revoke", WHY | {"days": [str(MONDAY)]})
    assert (named.status_code, named.json()["status"]) == (200, "revoked")
    await memory.settle()
    assert not (await town.day("ani", MONDAY))["realised"]
    assert await counted(town) == {"mkd": (0, 0, 0, 2)}
    (empty,) = (await town.get("ani", "performance", "/v1/results/employee-months", month="2026-09")).json()["items"]
    assert (empty["results"]["attainment_ppm"], empty["results"]["timeliness_ppm"]) == (None, None)
    history = (await request(town, asked))["history"]
    assert [(step["type"].split(".")[2], step["outcome"], step["days"]) for step in history[1:]] == [
        ("outcome-recorded", "approved", None),
        ("outcome-recorded", "revoked", [str(TUESDAY)]),
        ("outcome-recorded", "revoked", [str(MONDAY)]),
    ]


async def test_one_day_is_withdrawn_and_free_again_and_the_others_stay(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await agreed(town, MONDAY, TUESDAY)
    full = await town.ask("ani", [WEDNESDAY])
    assert full.json()["errors"][0]["rule"] == "weekly-quota"
    assert "sudah terpakai 2, usulan ini meminta 1" in full.json()["detail"]
    gone = await withdraw(town, asked, TUESDAY)
    assert (gone.status_code, gone.json()["status"], gone.json()["days_taken_back"]) == (
        200,
        "approved",
        [str(TUESDAY)],
    )
    await memory.settle()
    again = await withdraw(town, asked, TUESDAY)
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (422, "not-its-day")
    assert (await town.ask("ani", [TUESDAY])).status_code == 201
    case = (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert (case["status"], case["days_taken_back"]) == ("approved", [str(TUESDAY)])
    town.at(MONDAY)
    late = await withdraw(town, asked)
    assert (late.status_code, late.json()["errors"][0]["rule"]) == (409, "already-begun")
    week = (await town.get("ani", "requests", "/v1/weeks/2026-W37")).json()["days"]
    assert [[one["status"] for one in day["asked"]] for day in week[:2]] == [["approved"], ["withdrawn", "submitted"]]


async def test_a_withdrawal_and_a_revocation_of_one_day_that_cross_take_it_back_once(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await agreed(town, MONDAY, TUESDAY)
    assert (await withdraw(town, asked, TUESDAY)).status_code == 200
    assert (await town.decide("budi", asked, "revoke", WHY | {"days": [str(TUESDAY)]})).status_code == 200
    await memory.settle()
    case = (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    shown = await request(town, asked)
    assert (case["status"], case["days_taken_back"]) == (shown["status"], shown["days_taken_back"])
    assert (shown["status"], shown["days_taken_back"]) == ("approved", [str(TUESDAY)])
    town.at(THURSDAY)
    await memory.settle()
    assert await counted(town) == {"mkd": (1, 0, 0, 1)}


async def test_what_nobody_decides_lapses_and_its_days_are_free(either: Platform) -> None:
    town = await open_town(either)
    asked = await town.submit("ani", [MONDAY, THURSDAY])
    await either.settle()
    town.at(MONDAY, 23)
    await either.settle()
    assert (await request(town, asked))["status"] == "submitted"
    town.at(TUESDAY)
    await either.settle()
    shown = await request(town, asked)
    assert (shown["status"], shown["history"][-1]["type"]) == ("lapsed", "mkd.requests.request-lapsed.v1")
    case = (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert (case["status"], case["history"][-1]["outcome"]) == ("closed", "lapsed")
    refused = await town.decide("budi", asked, "approve")
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "case-status")
    assert (await town.ask("ani", [THURSDAY])).status_code == 201


async def test_an_undecided_request_is_withdrawn_after_it_has_begun(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY, TUESDAY])
    town.at(MONDAY)
    gone = await withdraw(town, asked)
    assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")


async def leaves(town: Town, name: str, since: date) -> None:
    await town.load("employees", f"{HEADING},active\n{row(name, since=str(since))},tidak\n")
    await town.platform.settle()


async def open_cases(town: Town, name: str) -> int:
    return len((await town.get(name, "approvals", "/v1/cases", status="open")).json()["items"])


async def test_where_a_superior_has_left_the_next_one_decides_and_then_the_agency(memory: Platform) -> None:
    town = await open_town(memory)
    first = await town.submit("ani", [MONDAY])
    second = await town.submit("ani", [TUESDAY])
    await memory.settle()
    assert [await open_cases(town, name) for name in ("budi", "eka", "citra")] == [2, 0, 0]
    refused = await town.decide("eka", first, "approve")
    assert refused.status_code == 404, "the superior's superior does not see it"
    await leaves(town, "budi", date(2026, 9, 2))
    assert [await open_cases(town, name) for name in ("eka", "citra")] == [2, 0]
    read = (await town.get("eka", "requests", "/v1/requests", whose="led", status="submitted")).json()["items"]
    assert [(one["reason"], one["outputs"][0]["title"]) for one in read] == [
        ("Pekerjaan terencana.", "Telaahan staf")
    ] * 2
    await town.approve("eka", first)
    await leaves(town, "eka", date(2026, 9, 2))
    assert await open_cases(town, "citra") == 1
    assert (await town.decide("citra", second, "approve")).status_code == 200
    nobody = await town.ask("dedi", [MONDAY])
    assert (nobody.status_code, [one["rule"] for one in nobody.json()["errors"]]) == (422, ["no-superior"])


async def test_who_has_nobody_above_is_told_so_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await town.ask("eka", [MONDAY])
    assert (answer.status_code, [one["rule"] for one in answer.json()["errors"]]) == (422, ["no-superior"])


async def test_a_mandates_day_is_that_of_the_unit_of_who_is_led(memory: Platform) -> None:
    """Jayapura is two hours ahead of the instance's Jakarta."""
    town = await open_town(memory)
    await town.load("units", "unit_code,name,time_zone,effective_from\nbkd,BKD,Asia/Jayapura,2026-09-01\n")
    await memory.settle()
    asked = await town.submit("ani", [THURSDAY])
    await tell(memory, mandate(town.ids["hana"], town.ids["budi"], TUESDAY, TUESDAY))
    for moment, status in (
        (datetime(2026, 9, 7, 23, 59, tzinfo=WIT), 404),
        (datetime(2026, 9, 8, 0, 30, tzinfo=WIT), 200),
        (datetime(2026, 9, 8, 23, 59, tzinfo=WIT), 200),
        (datetime(2026, 9, 9, 0, 30, tzinfo=WIT), 404),
    ):
        memory.set_clock(moment)
        answer = await town.get("hana", "approvals", f"/v1/cases/{asked['request_id']}")
        assert (answer.status_code, await open_cases(town, "hana")) == (status, int(status == 200)), moment


async def test_a_holiday_that_is_decreed_late_is_looked_at_again(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await agreed(town, MONDAY, TUESDAY)
    town.at(WEDNESDAY)
    await memory.settle()
    assert await counted(town) == {"mkd": (2, 0, 0, 0)}
    *_, rules = (await town.get("citra", "requests", "/v1/policies")).json()["items"]
    calendar = rules["calendar"] | {"extra_days_off": [{"day": str(MONDAY), "name": "Libur yang ditetapkan"}]}
    decreed = rules | {"policy_id": "pol-libur-2026", "corrects": rules["policy_id"], "calendar": calendar}
    assert (await town.post("citra", "requests", "/v1/policies", decreed)).status_code == 201
    await memory.settle()
    assert await counted(town) == {"mkd": (1, 0, 1, 0)}
    refused = await withdraw(town, asked, TUESDAY)
    assert refused.json()["errors"][0]["rule"] == "already-begun"
    assert (await withdraw(town, asked)).json()["days_taken_back"] == [str(MONDAY)]
    await memory.settle()
    assert await counted(town) == {"mkd": (1, 0, 0, 1)}


async def test_leave_and_trips_excuse_a_day_and_refuse_another(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await agreed(town, MONDAY, TUESDAY)
    trip = absence(TUESDAY, WEDNESDAY, AbsenceKind.OFFICIAL_TRIP, town.ids["ani"])
    await tell(memory, trip)
    answer = await town.ask("ani", [WEDNESDAY, THURSDAY])
    (error,) = [one for one in answer.json()["errors"] if one["rule"] == "absent"]
    assert (error["value"], error["detail"]) == (
        "official_trip",
        "Hari 2026-09-09 tercatat sebagai hari cuti atau dinas luar Anda.",
    )
    town.at(THURSDAY)
    await memory.settle()
    assert await counted(town) == {"mkd": (1, 0, 1, 0)}
    given_up = absence(TUESDAY, MONDAY, AbsenceKind.OFFICIAL_TRIP, town.ids["ani"])
    await tell(memory, given_up, 2)
    assert await counted(town) == {"mkd": (2, 0, 0, 0)}
    await tell(memory, trip, 3)
    assert (await withdraw(town, asked, TUESDAY)).json()["days_taken_back"] == [str(TUESDAY)]


async def plan_the_office(town: Town, *days: date) -> httpx.Response:
    outputs = [{"day": str(day), "title": "Rapat", "target_quantity": 1, "measure": "document"} for day in days]
    return await town.post("ani", "performance", "/v1/office-plans", {"outputs": outputs})


async def test_a_day_is_planned_for_mkd_or_for_the_office_whichever_comes_first(memory: Platform) -> None:
    town = await open_town(memory)
    office = (await plan_the_office(town, MONDAY, TUESDAY)).json()
    asked = await agreed(town, MONDAY, WEDNESDAY)
    shown = (await town.get("ani", "performance", f"/v1/plans/{office['request_id']}")).json()
    assert (shown["days_taken_back"], shown["closed"]) == ([str(MONDAY)], False)
    refused = await plan_the_office(town, WEDNESDAY)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "office-day-taken")
    assert (await withdraw(town, asked, WEDNESDAY)).status_code == 200
    await memory.settle()
    assert (await plan_the_office(town, WEDNESDAY)).status_code == 201
    town.at(THURSDAY + timedelta(1))
    await memory.settle()
    assert await counted(town) == {"mkd": (1, 0, 0, 1), "office": (2, 0, 0, 1)}


async def test_a_target_of_nothing_and_a_distance_to_home_are_refused(memory: Platform) -> None:
    town = await open_town(memory)
    nothing = [{"day": str(MONDAY), "title": "x", "target_quantity": 0, "measure": "document"}]
    answer = await town.ask("ani", [MONDAY], outputs=nothing)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/outputs/0/target_quantity"]
    answer = await town.ask("ani", [MONDAY], place={"category": "residence", "round_trip_km": 60})
    assert [one["rule"] for one in answer.json()["errors"]] == ["distance-not-needed"]
