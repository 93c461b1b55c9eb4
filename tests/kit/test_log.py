"""How a decision becomes durable: once for a key, on the version that was seen, and in one order for all."""

import asyncio
import uuid
from datetime import date
from typing import Any

import pytest

from services.requests.request.decide import Withdraw, requests
from shared.kit.decisions import log
from shared.kit.decisions.decider import Refused
from shared.kit.decisions.log import CommandMetadata
from tests.harness.made import ANI, NOON
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town, subject

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)


def body(day: date = MONDAY, **changed: Any) -> dict[str, Any]:
    output = {"day": str(day), "title": "Telaahan", "target_quantity": 1, "measure": "document"}
    return {"days": [str(day)], "place": {"category": "residence"}, "outputs": [output], "reason": "Uji."} | changed


async def send(town: Town, key: str, sent: Any, path: str = "/v1/requests", seen: int | None = None) -> Any:
    token = town.platform.token(subject("ani"))
    headers = [(b"Authorization", f"Bearer {token}".encode()), (b"Idempotency-Key", key.encode())]
    if seen is not None:
        headers.append((b"If-Match", f'"{seen}"'.encode()))
    return await town.platform.apis.clients["requests"].post(path, json=sent, headers=headers)


async def test_a_command_sent_again_is_carried_out_once_and_answered_the_same(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    first, again = await send(town, key, body()), await send(town, key, body())
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers["etag"], first.headers["location"]) == (again.headers["etag"], again.headers["location"])
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


async def test_an_answer_is_repeated_as_it_was_though_the_request_has_moved_on(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    first = await send(town, key, body())
    path = f"{first.headers['location']}:withdraw"
    assert (await send(town, str(uuid.uuid4()), None, path, 1)).json()["status"] == "withdrawn"
    assert (await send(town, key, body())).json() == first.json()


async def test_an_answer_is_repeated_though_the_rules_would_refuse_it_by_now(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    first = await send(town, key, body())
    town.at(TUESDAY)
    again = await send(town, key, body())
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await send(town, str(uuid.uuid4()), body())).status_code == 422


async def test_the_same_command_many_times_at_once_is_carried_out_once(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    answers = await asyncio.gather(*(send(town, key, body()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["request_id"] for answer in answers}) == 1
    assert await memory.databases["requests"].requests.count_documents({}) == 1


async def test_a_key_used_for_another_command_is_refused(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    await send(town, key, body())
    other = await send(town, key, body(TUESDAY))
    assert (other.status_code, other.json()["errors"][0]["rule"]) == (422, "idempotency-key-reused")


async def test_a_refused_command_may_be_sent_again_with_its_key(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    late = body(date(2026, 9, 2))
    assert (await send(town, key, late)).status_code == 422
    town.at(date(2026, 8, 31))
    assert (await send(town, key, late)).status_code == 201


async def test_a_key_is_its_senders_own(memory: Platform) -> None:
    town = await open_town(memory)
    key = {"headers": {"Idempotency-Key": "one"}}
    for name in ("ani", "dedi"):
        assert (await town.post(name, "requests", "/v1/requests", body(), **key)).status_code == 201


async def test_a_change_must_name_the_version_that_was_seen(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    path = f"/v1/requests/{asked['request_id']}:withdraw"
    missing = await send(town, str(uuid.uuid4()), None, path)
    assert (missing.status_code, missing.json()["errors"][0]["rule"]) == (428, "version-missing")
    stale = await send(town, str(uuid.uuid4()), None, path, 7)
    assert (stale.status_code, stale.json()["errors"][0]["value"]) == (412, 1)
    assert (await send(town, str(uuid.uuid4()), None, path, 1)).status_code == 200
    past = await send(town, str(uuid.uuid4()), None, path, 1)
    assert (past.status_code, past.json()["errors"][0]["value"]) == (412, 2), "one that was seen and is over"


async def test_a_retry_of_a_change_succeeds_though_the_version_has_moved(memory: Platform) -> None:
    town, key = await open_town(memory), str(uuid.uuid4())
    asked = await town.submit("ani", [MONDAY])
    path = f"/v1/requests/{asked['request_id']}:withdraw"
    first, again = await send(town, key, None, path, 1), await send(town, key, None, path, 1)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


async def test_writers_that_cross_leave_one_gapless_history(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    db, id_ = memory.databases["requests"], asked["request_id"]
    withdraw = Withdraw(town.ids["ani"], date(2026, 9, 3))
    crossing = (log.transact(db, requests, id_, withdraw, CommandMetadata(ANI, NOON, "")) for _ in range(6))
    results = await asyncio.gather(*crossing, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AppendResult"] + ["Refused"] * 5
    assert all(isinstance(r, log.AppendResult | Refused) for r in results)
    numbers = [commit["n"] async for commit in db.commits.find({"aggregate": id_}).sort("n", 1)]
    assert numbers == [1, 2]


async def test_the_view_beside_the_log_is_what_the_log_folds_to(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await send(town, str(uuid.uuid4()), None, f"/v1/requests/{asked['request_id']}:withdraw", 1)
    db = memory.databases["requests"]
    loaded = await log.load(db, requests, asked["request_id"])
    assert loaded.state
    shown = await db.requests.find_one({"_id": asked["request_id"]})
    assert shown == {"_id": asked["request_id"], "n": loaded.n, **requests.show(loaded.state)}


async def test_claims_are_exactly_those_of_live_requests(memory: Platform) -> None:
    town = await open_town(memory)
    kept = await town.submit("ani", [MONDAY, TUESDAY])
    gone = await town.submit("dedi", [MONDAY])
    headers = {"headers": {"If-Match": '"1"'}}
    await town.post("dedi", "requests", f"/v1/requests/{gone['request_id']}:withdraw", **headers)
    reservations = memory.databases["requests"].reservations
    of_people = {"units": {"$gt": 0}, "_id": {"$regex": "^(day|week):"}}
    held = {reservation["_id"]: reservation["units"] async for reservation in reservations.find(of_people)}
    ani = town.ids["ani"]
    assert held == {f"day:{ani}:{MONDAY}": 1, f"day:{ani}:{TUESDAY}": 1, f"week:{ani}:2026-W37": 2}
    assert (await reservations.find_one({"_id": f"day:{ani}:{MONDAY}"}))["holders"] == {kept["request_id"]: 1}  # type: ignore[index]


async def test_free_text_is_apart_from_the_log_and_can_be_erased(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY], reason="Rahasia saya.")
    db = memory.databases["requests"]
    commits = [str(commit) async for commit in db.commits.find({})]
    assert not any("Rahasia" in commit for commit in commits)
    await db.texts.delete_many({})
    shown = (await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json()
    assert (shown["reason"], shown["outputs"][0]["title"]) == ("[dihapus]", "[dihapus]")


@pytest.mark.parametrize("key", ["", "ü", "x" * 129, "a b"])
async def test_a_key_that_is_none_is_refused(key: str, memory: Platform) -> None:
    town = await open_town(memory)
    answer = await send(town, key, body())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "header:idempotency-key"


async def test_a_command_without_a_key_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}"}
    answer = await town.platform.apis.clients["requests"].post("/v1/requests", json=body(), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (400, "idempotency-key-missing")
