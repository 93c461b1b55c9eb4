"""Requests and their rules over HTTP."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.requests import app
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 9, day) for day in (7, 8, 9, 10))
SHIPPED_IDS = ["pol-jabar-2025", "pol-jabar-2025-2", "pol-jabar-2026", "pol-jabar-2026-2"]
SHIPPED = json.loads((Path(app.__file__).parent / "policies" / "jabar-2026.json").read_text())


@pytest.mark.parametrize(("name", "rule"), [("farah", "position-public"), ("gilang", "position-measurable")])
async def test_a_position_that_does_not_qualify_is_told_why(name: str, rule: str, memory: Platform) -> None:
    town = await open_town(memory)
    answer = await town.ask(name, [MONDAY])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["rule"], error["value"]) == (rule, True)
    assert "MKD" in error["source"]


async def test_every_rule_that_is_broken_is_named_in_one_answer(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await town.ask(
        "farah",
        [date(2026, 9, 2), date(2026, 9, 5)],
        outputs=[{"day": "2026-09-07", "title": "x", "target_quantity": 1, "measure": "document"}],
    )
    rules = [error["rule"] for error in answer.json()["errors"]]
    assert rules == ["notice", "working-day", "position-public", "output-missing", "output-missing", "output-elsewhere"]


async def test_a_request_is_shown_with_its_text_its_rules_and_its_history(memory: Platform) -> None:
    town = await open_town(memory)
    place = {"category": "another_office", "round_trip_km": 7.5}
    asked = await town.submit("ani", [MONDAY], place=place, window={"starts": "09:00", "ends": "17:30"})
    await memory.settle()
    await town.approve("budi", asked)
    await memory.settle()
    shown = (await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json()
    assert (shown["status"], shown["version"], shown["reason"]) == ("approved", 2, "Pekerjaan terencana.")
    assert shown["outputs"][0]["title"] == "Telaahan staf"
    assert shown["place"] == {"category": "another_office", "round_trip_km": "7.5"}
    assert shown["window"] == {"starts": "09:00:00", "ends": "17:30:00"}
    assert (shown["policy_id"], shown["away_days_per_week_max"]["value"]) == ("pol-jabar-2026-2", 2)
    steps = [(step["number"], step["type"].split(".")[2], step["actor"]) for step in shown["history"]]
    assert steps == [(1, "request-submitted", town.ids["ani"]), (2, "outcome-recorded", "approvals")]


async def test_a_rejected_day_is_free_again_and_the_reason_is_told(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    assert (await town.ask("ani", [MONDAY])).json()["errors"][0]["rule"] == "overlap"
    await town.decide("budi", asked, "reject", {"reason": "Rapat pimpinan."})
    await memory.settle()
    case = (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert (case["status"], case["reason"]) == ("rejected", "Rapat pimpinan.")
    assert (await town.ask("ani", [MONDAY])).status_code == 201


async def test_lists_are_filtered_by_status_and_month(memory: Platform) -> None:
    town = await open_town(memory)
    for day in (MONDAY, date(2026, 10, 5)):
        await town.submit("ani", [day])
    in_october = (await town.get("ani", "requests", "/v1/requests", month="2026-10")).json()["items"]
    assert [item["days"] for item in in_october] == [["2026-10-05"]]
    assert (await town.get("ani", "requests", "/v1/requests", status="approved")).json()["items"] == []
    assert (await town.get("ani", "requests", "/v1/requests", month="2026-13")).status_code == 422


def policy(**changed: Any) -> dict[str, Any]:
    return {**SHIPPED, "policy_id": "pol-uji-2026", "title": "Ketentuan uji", "effective_from": "2026-09-07", **changed}


async def test_new_rules_hold_from_their_day_on(memory: Platform) -> None:
    town = await open_town(memory)
    more = policy(away_days_per_week_max={"value": 4, "source": "SE uji"})
    published = await town.post("citra", "requests", "/v1/policies", more)
    assert published.status_code == 201, published.text
    asked = await town.submit("ani", [MONDAY, TUESDAY, WEDNESDAY, THURSDAY])
    assert (asked["policy_id"], asked["away_days_per_week_max"]) == ("pol-uji-2026", {"value": 4, "source": "SE uji"})
    listed = (await town.get("ani", "requests", "/v1/policies")).json()["items"]
    assert [rules["policy_id"] for rules in listed] == [*SHIPPED_IDS, "pol-uji-2026"]


@pytest.mark.parametrize(
    ("changed", "status", "rule"),
    [
        ({"policy_id": "pol-jabar-2025"}, 409, "policy-published"),
        ({"effective_from": 20260907}, 422, "field-invalid"),
        ({"away_days_per_week_max": {"value": True, "source": "x"}}, 422, "field-invalid"),
        ({"away_days_per_week_max": {"value": 2}}, 422, "field-invalid"),
        ({"calendar": SHIPPED["calendar"] | {"country": "AA"}}, 422, "unknown-country"),
        ({"calendar": SHIPPED["calendar"] | {"kota": "Bandung"}}, 422, "field-invalid"),
        ({"kuota": 4}, 422, "field-invalid"),
        ({"verified_share_min_percent": {"value": 150, "source": "x"}}, 422, "share-over-100"),
        ({"effective_from": "2026-01-01"}, 422, "policy-same-day"),
        ({"corrects": "pol-jabar-2026"}, 422, "corrects-nothing"),
        ({"corrects": "pol-tiada-0001"}, 422, "corrects-nothing"),
        ({"corrects": "pol-jabar-2026", "effective_from": "2026-01-01"}, 422, "policy-corrected"),
    ],
)
async def test_rules_that_cannot_be_are_refused(
    changed: dict[str, Any], status: int, rule: str, memory: Platform
) -> None:
    town = await open_town(memory)
    answer = await town.post("citra", "requests", "/v1/policies", policy(**changed))
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule)


async def test_of_many_rules_for_one_day_at_once_one_is_published(memory: Platform) -> None:
    town = await open_town(memory)
    offered = [policy(policy_id=f"pol-uji-{number:04}") for number in range(4)]
    posts = (town.post("citra", "requests", "/v1/policies", one) for one in offered)
    assert sorted([answer.status_code for answer in await asyncio.gather(*posts)]) == [201, 422, 422, 422]
    standing = (await town.get("citra", "requests", "/v1/policies")).json()["items"][-1]
    corrections = [policy(policy_id=f"pol-kor-{number:04}", corrects=standing["policy_id"]) for number in range(4)]
    posts = (town.post("citra", "requests", "/v1/policies", one) for one in corrections)
    assert sorted([answer.status_code for answer in await asyncio.gather(*posts)]) == [201, 422, 422, 422]


async def test_only_the_personnel_agency_publishes_rules(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await town.post("ani", "requests", "/v1/policies", policy())
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (403, "role-missing")


async def test_an_instance_may_work_on_a_holiday_or_rest_on_a_working_day(memory: Platform) -> None:
    town = await open_town(memory)
    calendar = SHIPPED["calendar"] | {"extra_days_off": [{"day": "2026-09-08", "name": "Hari jadi"}]}
    await town.post("citra", "requests", "/v1/policies", policy(calendar=calendar))
    answer = await town.ask("ani", [TUESDAY])
    assert answer.json()["errors"][0]["value"] == "Hari jadi"


async def test_requests_are_listed_by_id_and_by_several_statuses(memory: Platform) -> None:
    town = await open_town(memory)
    anis, dedis = await town.submit("ani", [MONDAY]), await town.submit("dedi", [MONDAY])
    hanas = await town.submit("hana", [MONDAY])
    await memory.settle()
    await town.approve("budi", dedis)
    await memory.settle()
    ids = [one["request_id"] for one in (anis, dedis, hanas)]

    async def listed(name: str, **params: Any) -> list[str]:
        answer = await town.get(name, "requests", "/v1/requests", **params)
        assert answer.status_code == 200, answer.text
        return [one["request_id"] for one in answer.json()["items"]]

    assert await listed("ani", id=ids) == ids[:1]
    assert await listed("budi", id=[*ids, "req-unknown0"]) == ids[1::-1]
    assert await listed("citra", id=ids) == ids[::-1], "the personnel agency sees all"
    assert await listed("citra", id=ids, whose="mine") == []
    assert await listed("budi", whose="led", status=["submitted", "approved"]) == ids[1::-1]
    assert await listed("budi", whose="led", status=["approved"]) == ids[1:2]
    assert await listed("budi", whose="led", status=["rejected", "lapsed"]) == []
    for wrong in ({"id": ids[:1] * 201}, {"status": ["approved"] * 8}, {"status": ["approved", "gone"]}):
        answer = await town.get("budi", "requests", "/v1/requests", **wrong)
        (error, *_) = answer.json()["errors"]
        assert (answer.status_code, error["rule"]) == (422, "field-invalid"), wrong
