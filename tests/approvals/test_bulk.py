"""Many cases decided in one call, each for itself."""

import uuid
from datetime import date
from typing import Any

import httpx

from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 9, day) for day in (7, 8, 9, 10))
PATH = "/v1/cases:decide"
WHY = "Rapat pimpinan."


def item(
    asked: dict[str, Any], decision: str = "approve", reason: str | None = None, version: int = 1
) -> dict[str, Any]:
    return {"request_id": asked["request_id"], "version": version, "decision": decision, "reason": reason}


async def decide(town: Town, items: list[dict[str, Any]], name: str = "budi", key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return await town.post(name, "approvals", PATH, {"items": items}, headers=headers)


async def asked_for(platform: Platform) -> tuple[Town, list[dict[str, Any]]]:
    """Four requests of two people on Budi's desk."""
    town = await open_town(platform)
    days = (("ani", MONDAY), ("ani", TUESDAY), ("dedi", MONDAY), ("dedi", TUESDAY))
    asked = [await town.submit(name, [day]) for name, day in days]
    await platform.settle()
    return town, asked


def told(answer: httpx.Response) -> list[tuple[int, str]]:
    """For each item its status, and where its case stands or the rule that it broke."""
    assert answer.status_code == 200, answer.text
    return [
        (done["status"], done["case"]["status"] if done["case"] else done["problem"]["errors"][0]["rule"])
        for done in answer.json()["items"]
    ]


async def test_each_item_is_decided_for_itself_in_order(memory: Platform) -> None:
    town, (first, second, third, fourth) = await asked_for(memory)
    answer = await decide(
        town,
        [
            item(first),
            item(second, "reject", WHY),
            item(second),
            item(third, version=7),
            {"request_id": "req-nowhere", "version": 1, "decision": "approve"},
            item(fourth, "return", "Tambahkan keluaran."),
        ],
    )
    assert told(answer) == [
        (200, "approved"),
        (200, "rejected"),
        (422, "item-twice"),
        (412, "version-changed"),
        (404, "not-found"),
        (200, "returned"),
    ]
    done = answer.json()["items"]
    assert [one["request_id"] for one in done[:2]] == [first["request_id"], second["request_id"]]
    assert (done[1]["case"]["reason"], done[1]["case"]["version"]) == (WHY, 2)
    assert done[2]["problem"]["errors"][0]["pointer"] == "/items/2/request_id"
    await memory.settle()
    for name, asked, status in (("ani", first, "approved"), ("ani", second, "rejected"), ("dedi", fourth, "returned")):
        assert (await town.get(name, "requests", f"/v1/requests/{asked['request_id']}")).json()["status"] == status
    assert (await town.get("budi", "approvals", "/v1/cases", status="open")).json()["items"][0]["request_id"] == (
        third["request_id"]
    )


async def test_a_refused_item_is_answered_as_it_would_be_alone(memory: Platform) -> None:
    town, (first, second, *_) = await asked_for(memory)
    await town.approve("budi", first)
    alone = await town.decide("budi", first, "reject", {"reason": WHY})
    many = await decide(town, [item(first, "reject", WHY, version=2), item(second, "reject", WHY)])
    assert told(many) == [(409, "case-status"), (200, "rejected")]
    problem = many.json()["items"][0]["problem"]
    same = ("type", "title", "status", "detail", "errors")
    assert {name: problem[name] for name in same} == {name: alone.json()[name] for name in same}
    own = await decide(town, [item(first, version=2)], name="ani")
    assert told(own) == [(403, "own-request")]
    assert told(await decide(town, [item(first, version=2)], name="citra")) == [(403, "not-the-superior")]
    assert told(await decide(town, [item(first, version=2)], name="hana")) == [(404, "not-found")]


async def test_sent_again_it_tells_the_same_and_decides_nothing_twice(memory: Platform) -> None:
    town, (first, second, third, _) = await asked_for(memory)
    items, key = [item(first), item(second, "return", WHY), item(third, version=3), item(first)], str(uuid.uuid4())
    once = await decide(town, items, key=key)
    await memory.settle()
    await town.decide("budi", first, "revoke", {"reason": WHY})
    commits = await memory.databases["approvals"].commits.count_documents({})
    again = await decide(town, items, key=key)
    assert (
        told(again)
        == told(once)
        == [
            (200, "approved"),
            (200, "returned"),
            (412, "version-changed"),
            (422, "item-twice"),
        ]
    )
    assert [one["case"] for one in again.json()["items"]] == [one["case"] for one in once.json()["items"]]
    assert await memory.databases["approvals"].commits.count_documents({}) == commits


async def test_a_call_that_broke_off_goes_on_where_it_stood(memory: Platform) -> None:
    """The first of two items was decided when the service went away: its commit carries the item's own key."""
    town, (first, second, *_) = await asked_for(memory)
    key = str(uuid.uuid4())
    assert told(await decide(town, [item(first), item(second)], key=key)) == [(200, "approved")] * 2
    db = memory.databases["approvals"]
    await db.commits.delete_one({"aggregate": second["request_id"], "n": 2})
    await db.cases.update_one({"_id": second["request_id"]}, {"$set": {"status": "open", "n": 1}})
    assert told(await decide(town, [item(first), item(second)], key=key)) == [(200, "approved")] * 2
    assert await db.commits.count_documents({"aggregate": first["request_id"]}) == 2
    assert await db.commits.count_documents({"aggregate": second["request_id"]}) == 2


async def test_a_key_is_for_one_list_and_for_no_other_command(memory: Platform) -> None:
    town, (first, second, third, _) = await asked_for(memory)
    key = str(uuid.uuid4())
    await decide(town, [item(first)], key=key)
    for items in ([item(first), item(second)], [item(second)]):
        answer = await decide(town, items, key=key)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "idempotency-key-reused")
    alone = str(uuid.uuid4())
    path = f"/v1/cases/{third['request_id']}:approve"
    headers = {"Idempotency-Key": alone, "If-Match": '"1"'}
    assert (await town.post("budi", "approvals", path, headers=headers)).status_code == 200
    answer = await decide(town, [item(second)], key=alone)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "idempotency-key-reused")
    shown = (await town.get("budi", "approvals", f"/v1/cases/{second['request_id']}")).json()
    assert shown["status"] == "open"


async def test_an_item_has_a_reason_where_its_decision_needs_one(memory: Platform) -> None:
    town, (first, second, third, fourth) = await asked_for(memory)
    items = [item(first, "reject"), item(second, "return"), item(third, "approve", WHY), item(fourth)]
    answer = await decide(town, items)
    assert told(answer) == [(422, "reason-for-decision")] * 3 + [(200, "approved")]
    pointers = [one["problem"]["errors"][0]["pointer"] for one in answer.json()["items"][:3]]
    assert pointers == ["/items/0/reason", "/items/1/reason", "/items/2/reason"]


async def test_a_list_that_cannot_be_is_refused_as_a_whole(memory: Platform) -> None:
    town, (first, *_) = await asked_for(memory)
    good = item(first)
    wrong = [
        ([], "/items"),
        ([good] * 101, "/items"),
        ([good, good | {"decision": "revoke", "reason": WHY}], "/items/1/decision"),
        ([good, good | {"version": True}], "/items/1/version"),
        ([good, good | {"version": -1}], "/items/1/version"),
        ([good, good | {"request_id": "r" * 61}], "/items/1/request_id"),
        ([good, good | {"decision": "return", "reason": "\x00"}], "/items/1/reason"),
        ([good, good | {"more": 1}], "/items/1/more"),
    ]
    for items, pointer in wrong:
        answer = await decide(town, items)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    surrogate = b'{"items": [{"request_id": "\\ud800", "version": 1, "decision": "approve"}]}'
    headers = {"Content-Type": "application/json"}
    answer = await town.post("budi", "approvals", PATH, content=surrogate, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/items/0/request_id")
    shown = (await town.get("budi", "approvals", f"/v1/cases/{first['request_id']}")).json()
    assert shown["status"] == "open"


async def test_a_hundred_items_with_long_reasons_are_taken(memory: Platform) -> None:
    town = await open_town(memory)
    about = {"version": 1, "decision": "reject", "reason": "é" * 2000}
    items = [about | {"request_id": f"req-{number:04}"} for number in range(100)]
    assert told(await decide(town, items)) == [(404, "not-found")] * 100
