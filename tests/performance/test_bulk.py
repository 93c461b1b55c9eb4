"""Many reports or judgements in one call: each on its own, none twice, none over what was not seen."""

import asyncio
import uuid
from datetime import date
from typing import Any

import httpx

from tests.harness.platform import Platform
from tests.harness.town import WEDNESDAY, Town, open_town
from tests.performance.desk import open_office, opened, rules

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
Plan = dict[str, Any]


def item(plan: Plan, number: int = 0, version: int | None = None, **more: Any) -> dict[str, Any]:
    output_id = plan["outputs"][number]["output_id"]
    return {"request_id": plan["request_id"], "output_id": output_id, "version": version or plan["version"], **more}


def report(plan: Plan, number: int = 0, version: int | None = None, **more: Any) -> dict[str, Any]:
    return item(plan, number, version, quantity=4, note="Selesai.", **more)


async def send(town: Town, name: str, verb: str, items: Any, key: str = "") -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return await town.post(name, "performance", f"/v1/plans:{verb}", {"items": items}, headers=headers)


def outcomes(answer: httpx.Response) -> list[tuple[int, str]]:
    """Each item's status, and the first rule of a refusal or else where its output stands."""
    assert answer.status_code == 200, answer.text
    return [(one["status"], _rule(one["problem"]) or _progress(one["plan"])) for one in answer.json()["items"]]


def _rule(problem: dict[str, Any] | None) -> str:
    return str(problem["errors"][0]["rule"]) if problem else ""


def _progress(plan: Plan) -> str:
    return str(plan["outputs"][0]["progress"])


async def events_of(platform: Platform, plan: Plan) -> list[str]:
    """What happened to a plan."""
    commits = platform.databases["performance"].commits.find({"aggregate": plan["request_id"]}).sort("n", 1)
    return [event["type"].split(".")[2] async for commit in commits for event in commit["events"]]


async def town_with_plan(platform: Platform, *days: date) -> tuple[Town, Plan]:
    """Ani has a plan of two outputs on its day, or of one on each of several."""
    town = await open_town(platform)
    plan = await opened(town, "ani", list(days) or [WEDNESDAY, WEDNESDAY])
    town.at(max(days, default=WEDNESDAY), 15)
    return town, plan


async def test_several_outputs_of_one_plan_and_of_others_are_reported_and_judged_at_once(memory: Platform) -> None:
    town, plan = await town_with_plan(memory)
    other = await opened(town, "ani", [date(2026, 9, 3)])
    town.at(date(2026, 9, 3), 15)
    answer = await send(town, "ani", "log", [report(plan, 0), report(other), report(plan, 1, link="https://x.example")])
    assert outcomes(answer) == [(200, "logged")] * 3
    assert [one["plan"]["version"] for one in answer.json()["items"]] == [2, 2, 3]
    assert answer.json()["items"][2]["plan"]["outputs"][0]["evidence"] == "Selesai.\nhttps://x.example"
    judged = [
        item(plan, 0, 3, verdict="verify"),
        item(plan, 1, 3, verdict="return", reason="Belum lengkap."),
        item(other, 0, 2, verdict="verify", reason=None),
    ]
    answer = await send(town, "budi", "judge", judged)
    assert outcomes(answer) == [(200, "verified"), (200, "returned"), (200, "verified")]
    assert answer.json()["items"][1]["plan"]["outputs"][0]["reason"] == "Belum lengkap."


async def test_a_refused_item_leaves_the_others_alone(memory: Platform) -> None:
    town, plan = await town_with_plan(memory)
    later = await opened(town, "ani", [MONDAY])
    nowhere = {"request_id": "off-nowhere", "output_id": "out-nowhere", "version": 1, "quantity": 1, "note": "x"}
    theirs = await opened(town, "dedi", [WEDNESDAY])
    items = [report(later), nowhere, report(theirs), report(plan, 0, 7), report(plan), report(plan, 1)]
    unknown = report(plan) | {"output_id": "out-nowhere"}
    answer = await send(town, "ani", "log", [*items, unknown])
    assert outcomes(answer) == [
        (409, "day-to-come"),
        (404, "not-found"),
        (404, "not-found"),
        (412, "version-changed"),
        (200, "logged"),
        (200, "logged"),
        (404, "not-found"),
    ]
    assert await events_of(memory, plan) == ["plan-opened", "output-logged", "output-logged"]
    problem = answer.json()["items"][0]["problem"]
    assert problem["detail"].startswith("Keluaran hari 2026-09-07 baru dapat dilaporkan")
    assert (problem["status"], problem["instance"]) == (409, "/v1/plans:log")


async def test_only_the_superior_judges_and_a_return_has_its_reason(memory: Platform) -> None:
    town, plan = await town_with_plan(memory)
    await send(town, "ani", "log", [report(plan, 0), report(plan, 1)])
    mine = [item(plan, 0, 3, verdict="verify")]
    assert outcomes(await send(town, "ani", "judge", mine)) == [(403, "own-output")]
    assert outcomes(await send(town, "citra", "judge", mine)) == [(403, "not-the-superior")]
    assert outcomes(await send(town, "dedi", "judge", mine)) == [(404, "not-found")]
    wrong = [item(plan, 0, 3, verdict="return"), item(plan, 1, 3, verdict="verify", reason="Bagus.")]
    answer = await send(town, "budi", "judge", wrong)
    assert outcomes(answer) == [(422, "reason-for-return")] * 2
    pointers = [one["problem"]["errors"][0]["pointer"] for one in answer.json()["items"]]
    assert pointers == ["/items/0/reason", "/items/1/reason"]


async def test_what_others_did_since_the_version_that_was_seen_makes_an_item_stale(memory: Platform) -> None:
    """Budi saw version 2; then Ani reported the other output. What this call adds itself does not make it stale."""
    town, plan = await town_with_plan(memory)
    await send(town, "ani", "log", [report(plan, 0)])
    await send(town, "ani", "log", [report(plan, 1, 2)])
    seen_before = [item(plan, 0, 2, verdict="verify"), item(plan, 1, 2, verdict="verify")]
    assert outcomes(await send(town, "budi", "judge", seen_before)) == [(412, "version-changed")] * 2
    guessed = [item(plan, 0, 3, verdict="verify"), item(plan, 1, 4, verdict="verify")]
    assert outcomes(await send(town, "budi", "judge", guessed)) == [(200, "verified"), (412, "version-changed")]


async def test_a_call_sent_again_decides_nothing_twice(memory: Platform) -> None:
    town, plan = await town_with_plan(memory)
    items = [report(plan, 0), report(plan, 1)]
    first, again = await send(town, "ani", "log", items, "one"), await send(town, "ani", "log", items, "one")
    assert first.json() == again.json()
    assert await events_of(memory, plan) == ["plan-opened", "output-logged", "output-logged"]
    other = await send(town, "ani", "log", items[::-1], "one")
    assert (other.status_code, rules(other)) == (422, ["idempotency-key-reused"])


async def test_a_call_that_broke_off_goes_on_when_it_is_sent_again(memory: Platform) -> None:
    """The first time only its second item was accepted: its first was too early. Nothing else has happened since."""
    town, plan = await town_with_plan(memory, WEDNESDAY, MONDAY)
    town.at(WEDNESDAY, 15)
    items = [report(plan, 1), report(plan, 0)]
    assert outcomes(await send(town, "ani", "log", items, "one")) == [(409, "day-to-come"), (200, "logged")]
    assert outcomes(await send(town, "ani", "log", items, "one")) == [(409, "day-to-come"), (200, "logged")]
    town.at(MONDAY, 15)
    assert outcomes(await send(town, "ani", "log", items, "one")) == [(200, "logged"), (200, "logged")]
    assert await events_of(memory, plan) == ["plan-opened", "output-logged", "output-logged"]


async def test_a_retry_does_not_overwrite_what_happened_in_between(memory: Platform) -> None:
    town, plan = await town_with_plan(memory, WEDNESDAY, MONDAY)
    town.at(WEDNESDAY, 15)
    items = [report(plan, 1), report(plan, 0)]
    await send(town, "ani", "log", items, "one")
    await send(town, "budi", "judge", [item(plan, 0, 2, verdict="verify")])
    town.at(MONDAY, 15)
    assert outcomes(await send(town, "ani", "log", items, "one")) == [(412, "version-changed"), (200, "logged")]


async def test_the_same_call_many_times_at_once_is_carried_out_once(memory: Platform) -> None:
    town, plan = await town_with_plan(memory)
    items = [report(plan, 0), report(plan, 1)]
    answers = await asyncio.gather(*(send(town, "ani", "log", items, "one") for _ in range(6)))
    assert {tuple(outcomes(answer)) for answer in answers} == {((200, "logged"), (200, "logged"))}
    assert await events_of(memory, plan) == ["plan-opened", "output-logged", "output-logged"]


async def test_a_hundred_items_with_long_notes_are_taken_and_one_more_is_not(memory: Platform) -> None:
    town, plan = await town_with_plan(memory, *[WEDNESDAY] * 100)
    items = [report(plan, number) | {"note": "é" * 2000} for number in range(100)]
    assert outcomes(await send(town, "ani", "log", items)) == [(200, "logged")] * 100
    too_many = await send(town, "ani", "log", [*items, items[0]])
    assert (too_many.status_code, rules(too_many)) == (422, ["field-invalid"])


async def test_a_list_that_is_none_is_refused_whole(memory: Platform) -> None:
    town = await open_town(memory)
    known = {"request_id": "off-0001", "output_id": "out-0001", "version": 1}
    for verb, items in (
        ("log", []),
        ("log", None),
        ("log", [{}]),
        ("log", [known | {"quantity": -1, "note": "x"}]),
        ("log", [known | {"quantity": 1, "note": ""}]),
        ("log", [known | {"quantity": 1, "note": "x", "version": 0}]),
        ("judge", [known | {"verdict": "praise"}]),
        ("judge", [known | {"verdict": "verify", "version": 10**12}]),
        ("judge", [known | {"verdict": "verify", "request_id": "../x"}]),
    ):
        answer = await send(town, "ani", verb, items)
        assert (answer.status_code, set(rules(answer))) == (422, {"field-invalid"}), items


async def test_the_key_of_a_single_command_is_not_that_of_a_list(memory: Platform) -> None:
    town = await open_town(memory)
    key = {"headers": {"Idempotency-Key": "one"}}
    plan = (await open_office(town, "ani", [WEDNESDAY], **key)).json()
    assert outcomes(await send(town, "ani", "log", [report(plan)], "one")) == [(200, "logged")]
