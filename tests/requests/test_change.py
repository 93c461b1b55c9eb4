"""A request is returned to be changed, or changed on its employee's own mind: the old one gives way to a new one."""

import asyncio
import uuid
from datetime import date
from typing import Any

import httpx

from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 9, day) for day in (7, 8, 9, 10))
REASON = {"reason": "Keluarannya belum terukur."}


def body(*days: date, **changed: Any) -> dict[str, Any]:
    outputs = [{"day": str(day), "title": "Laporan", "target_quantity": 2, "measure": "report"} for day in days]
    asked = {"days": [str(day) for day in days], "place": {"category": "residence"}, "reason": "Diperbaiki."}
    return asked | {"outputs": outputs} | changed


async def change(
    town: Town, asked: dict[str, Any], *days: date, by: str = "ani", seen: int | None = None, **extra: Any
) -> httpx.Response:
    """Somebody changes a request to other days, on the newest version that they see."""
    path = f"/v1/requests/{asked['request_id']}"
    if seen is None:
        seen = (await town.get(by, "requests", path)).json().get("version", 0)
    return await town.post(by, "requests", f"{path}:change", body(*days), seen=seen, **extra)


async def status_of(town: Town, request_id: str) -> str:
    return str((await town.get("ani", "requests", f"/v1/requests/{request_id}")).json()["status"])


async def live_claims(platform: Platform) -> set[str]:
    """Days and weeks that somebody holds."""
    held = {"units": {"$gt": 0}, "_id": {"$regex": "^(day|week):"}}
    return {
        reservation["_id"].split(":")[2] async for reservation in platform.databases["requests"].reservations.find(held)
    }


def refused(answer: httpx.Response, status: int, rule: str) -> None:
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule), answer.text


async def test_a_returned_request_is_told_why_keeps_its_days_and_leaves_the_open_inbox(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    returned = await town.decide("budi", asked, "return", REASON)
    assert (returned.status_code, returned.json()["status"], returned.headers["etag"]) == (200, "returned", '"2"')
    await memory.settle()
    assert await status_of(town, asked["request_id"]) == "returned"
    assert (await town.get("budi", "approvals", "/v1/cases", status="open")).json()["items"] == []
    case = (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert (case["status"], case["reason"], case["decided_by"]) == ("returned", REASON["reason"], town.ids["budi"])
    assert case["history"][-1]["type"] == "mkd.approvals.request-returned.v1"
    refused(await town.ask("ani", [MONDAY]), 422, "overlap")
    for verb in ("approve", "reject", "return", "revoke"):
        refused(await town.decide("budi", asked, verb, None if verb == "approve" else REASON), 409, "case-status")


async def test_a_returned_request_is_changed_and_the_superior_decides_on_what_came_of_it(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await town.decide("budi", asked, "return", REASON)
    await memory.settle()
    answer = await change(town, asked, MONDAY, TUESDAY)
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert answer.headers["location"] == f"/v1/requests/{new['request_id']}"
    assert (answer.headers["etag"], new["status"], new["replaces"]) == ('"1"', "submitted", asked["request_id"])
    old = (await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json()
    assert (old["status"], old["replaced_by"]) == ("withdrawn", new["request_id"])
    assert [step["type"].split(".")[2] for step in old["history"]] == [
        "request-submitted",
        "return-recorded",
        "request-withdrawn",
    ]
    await memory.settle()
    cases = {case["request_id"]: case for case in (await town.get("budi", "approvals", "/v1/cases")).json()["items"]}
    assert {id_: case["status"] for id_, case in cases.items()} == {
        asked["request_id"]: "closed",
        new["request_id"]: "open",
    }
    assert cases[new["request_id"]]["replaces"] == asked["request_id"]
    assert cases[asked["request_id"]]["replaced_by"] == new["request_id"]
    await town.approve("budi", new)
    await memory.settle()
    assert await status_of(town, new["request_id"]) == "approved"
    assert await live_claims(memory) == {"2026-09-07", "2026-09-08", "2026-W37"}


async def test_an_approved_request_is_changed_and_only_the_new_day_is_saved(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await town.approve("budi", asked)
    await memory.settle()
    new = (await change(town, asked, TUESDAY)).json()
    await memory.settle()
    plan = (await town.get("ani", "performance", f"/v1/plans/{asked['request_id']}")).json()
    assert plan["closed"]
    await town.approve("budi", new)
    await memory.settle()
    town.at(TUESDAY, 15)
    for answer in await town.on_outputs("ani", new, "log", {"quantity": 2, "note": "Selesai."}):
        assert answer.status_code == 200, answer.text
    await town.verify("budi", new)
    town.at(WEDNESDAY)
    await memory.settle()
    assert not (await town.day("ani", MONDAY))["realised"]
    assert (await town.day("ani", TUESDAY))["realised"]


async def test_the_days_and_the_quota_of_the_old_request_are_free_for_the_new_one(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY, TUESDAY])
    refused(await town.ask("ani", [WEDNESDAY]), 422, "weekly-quota")
    answer = await change(town, asked, TUESDAY, WEDNESDAY)
    assert answer.status_code == 201, answer.text
    assert await live_claims(memory) == {"2026-09-08", "2026-09-09", "2026-W37"}
    refused(await town.ask("ani", [MONDAY]), 422, "weekly-quota")


async def test_a_change_that_breaks_a_rule_changes_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    other = await town.submit("ani", [TUESDAY])
    before = await live_claims(memory)
    refused(await change(town, asked, TUESDAY), 422, "overlap")
    refused(await change(town, asked, MONDAY, WEDNESDAY), 422, "weekly-quota")
    refused(await change(town, asked, date(2026, 9, 5)), 422, "working-day")
    assert await live_claims(memory) == before
    for request in (asked, other):
        shown = (await town.get("ani", "requests", f"/v1/requests/{request['request_id']}")).json()
        assert (shown["status"], shown["version"], shown["replaced_by"]) == ("submitted", 1, None)
    assert await memory.databases["requests"].requests.count_documents({}) == 2


async def test_a_retried_change_is_made_once_and_answered_the_same(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    path, key = f"/v1/requests/{asked['request_id']}:change", str(uuid.uuid4())
    token = memory.token("subject-of-ani")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "If-Match": '"1"'}
    client = memory.apis.clients["requests"]
    answers = await asyncio.gather(*(client.post(path, json=body(TUESDAY), headers=headers) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4, answers[-1].text
    assert len({answer.text for answer in answers}) == 1
    assert len([answer for answer in answers if "idempotency-replayed" in answer.headers]) == 3
    new = answers[0].json()
    await memory.settle()
    await town.approve("budi", new)
    await memory.settle()
    late = await client.post(path, json=body(TUESDAY), headers=headers)
    assert (late.status_code, late.json()["status"], late.headers["etag"]) == (201, "submitted", '"1"')
    refused(await client.post(path, json=body(WEDNESDAY), headers=headers), 422, "idempotency-key-reused")
    assert await memory.databases["requests"].requests.count_documents({}) == 2


async def test_of_two_changes_at_the_same_moment_one_is_stale(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    answers = await asyncio.gather(*(change(town, asked, day, seen=1) for day in (TUESDAY, WEDNESDAY)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len(await live_claims(memory)) == 2


async def test_an_approval_that_crosses_a_change_is_in_vain(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    new = (await change(town, asked, TUESDAY)).json()
    await town.approve("budi", asked)
    await memory.settle()
    assert await status_of(town, asked["request_id"]) == "withdrawn"
    assert await status_of(town, new["request_id"]) == "submitted"
    case = (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert case["status"] == "closed"


async def test_a_change_needs_its_own_employee_a_version_and_a_live_request(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    refused(await change(town, asked, TUESDAY, by="budi"), 403, "not-yours")
    refused(await change(town, asked, TUESDAY, by="dedi", seen=1), 404, "not-found")
    path = f"/v1/requests/{asked['request_id']}:change"
    refused(await town.post("ani", "requests", path, body(TUESDAY)), 428, "version-missing")
    refused(await change(town, asked, TUESDAY, seen=7), 412, "version-changed")
    await town.decide("budi", asked, "reject", REASON)
    await memory.settle()
    refused(await change(town, asked, TUESDAY), 409, "cannot-change")


async def test_from_its_first_day_on_a_request_is_not_changed_and_a_returned_one_is_withdrawn(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY, TUESDAY])
    await memory.settle()
    await town.decide("budi", asked, "return", REASON)
    await memory.settle()
    town.at(MONDAY)
    late = await change(town, asked, THURSDAY)
    refused(late, 409, "too-late-to-change")
    assert "2026-09-07" in late.json()["detail"]
    withdrawn = await town.post("ani", "requests", f"/v1/requests/{asked['request_id']}:withdraw", seen=2)
    assert withdrawn.status_code == 200, withdrawn.text
    await memory.settle()
    assert await live_claims(memory) == set()
    case = (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert (case["status"], case["replaced_by"]) == ("closed", None)


async def test_hours_are_those_of_the_units_own_clock(memory: Platform) -> None:
    town = await open_town(memory)
    for window, pointer in (
        ({"starts": "09:00Z", "ends": "17:00"}, "/window/starts"),
        ({"starts": "09:00", "ends": "17:00+07:00"}, "/window/ends"),
    ):
        answer = await town.ask("ani", [MONDAY], window=window)
        refused(answer, 422, "field-invalid")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
