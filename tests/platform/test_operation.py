"""What operators read and do over HTTP: how services stand, and what was put aside. Nobody else gets any of it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.approvals.app import SERVICE as APPROVALS
from shared.kit.base.software import VERSION
from shared.kit.messaging import jobs, stops
from shared.kit.messaging.rejections import Exceeded, Limit
from shared.kit.process import workers
from shared.kit.web import operation
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town, subject

MONDAY = date(2026, 9, 7)
NOON = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
CANARY = "kenari-7f3a"
OPERATOR = "operator"
GONE = "bm9ib2R5"


async def call(memory: Platform, who: str, method: str, path: str, **how: Any) -> httpx.Response:
    """A call at approvals by somebody whom the settings name, or somebody of the town."""
    headers = {"Authorization": f"Bearer {memory.token(who)}", "Accept-Language": "en"}
    return await memory.apis.clients["approvals"].request(method, path, headers=headers, **how)


async def get(memory: Platform, path: str) -> dict[str, Any]:
    answer = await call(memory, OPERATOR, "GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def post(memory: Platform, path: str, **body: Any) -> httpx.Response:
    return await call(memory, OPERATOR, "POST", path, **({"json": body} if body else {}))


def rule(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["rule"]


async def letters(memory: Platform, query: str = "") -> list[dict[str, Any]]:
    return list((await get(memory, f"/v1/dead-letters{query}"))["items"])


@pytest.fixture
async def town(memory: Platform) -> Town:
    """A town in which approvals has put aside a record that nobody can read, and parked the one behind it."""
    its = await open_town(memory)
    asked = await its.submit("ani", [MONDAY])
    await memory.settle()
    await its.put_aside(asked, f'{{"{CANARY}": "{CANARY}"', NOON)
    return its


async def test_nobody_else_gets_anything(memory: Platform, town: Town) -> None:
    (open_, _) = await letters(memory)
    id_, stop = open_["letter_id"], {"stopped_at": "2026-09-07T05:00:00Z"}
    name = memory.runners["approvals.cases"].group
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/v1/operation", {}),
        ("GET", "/v1/dead-letters", {}),
        ("GET", f"/v1/dead-letters/{id_}", {}),
        ("GET", f"/v1/dead-letters/{id_}/content", {}),
        ("POST", f"/v1/dead-letters/{id_}:retry", {}),
        ("POST", f"/v1/dead-letters/{id_}:discard", {"json": {"reason": "x"}}),
        ("POST", f"/v1/consumers/{name}:resume", {"json": stop}),
    ]
    assert len(calls) == len(operation.router.routes)
    for method, path, how in calls:
        for who in ("ani", "budi", "citra", "hana"):
            assert rule(await call(memory, subject(who), method, path, **how)) == (403, "operators-only"), (who, path)
        for who in ("administrator", "nobody"):
            assert rule(await call(memory, who, method, path, **how)) == (403, "operators-only"), (who, path)
        assert (await memory.apis.clients["approvals"].request(method, path, **how)).status_code == 401
    assert [one["status"] for one in await letters(memory)] == ["open", "parked"]


async def test_an_operator_is_nobody_elsewhere(memory: Platform, town: Town) -> None:
    for service, path in (("requests", "/v1/requests"), ("organisation", "/v1/profile"), ("savings", "/v1/days")):
        answer = await memory.apis.get(OPERATOR, service, path)
        assert rule(answer) == (403, "unknown-person"), service


async def test_how_a_service_stands_is_told_from_its_database(memory: Platform, town: Town) -> None:
    db, group = memory.databases["approvals"], memory.runners["approvals.cases"].group
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    before = await get(memory, "/v1/operation")
    assert {one["rule"] for one in before["needs"]} == {"worker-silent", "letters-open"}
    assert before["needs"][0]["rule"] == "worker-silent", "what is urgent comes first"
    well = {"mongodb": True, "clock": True, "kafka": True, "consumers": True, "rejections": True}
    lag = {(group, topic): 7}
    await workers.tell(db, "1", "g1", checks=well, failing=[], lag=lag, not_falling=[])
    told = await get(memory, "/v1/operation")
    assert (told["service"], told["software_version"], told["generation"]) == ("approvals", VERSION, "g1")
    assert (told["models_version"], told["schema_version"]) == (1, 3)
    (need,) = told["needs"]
    assert (need["rule"], need["runbook"], need["about"], need["count"]) == (
        *("letters-open", "MkdDeadLettersOpen"),
        *(group, 1),
    )
    its = next(one for one in told["consumers"] if one["name"] == group)
    read = next(one for one in its["topics"] if one["topic"] == topic)
    assert read["lag"] == 7
    assert memory.bus
    there = {at: len(records) for (of, at), records in memory.bus.partitions.items() if of == topic}
    assert {one["partition"]: one["next_offset"] for one in read["partitions"]} == there
    assert told["outbox"] == {"unsent": 0, "oldest_at": None}
    (parked,) = told["parked"]
    assert (parked["waits_for"], parked["held"]) == (2, 1)
    assert parked["letter_id"] == (await letters(memory))[0]["letter_id"]
    assert told["workers"][0]["heard_seconds_ago"] < 5
    assert [one["name"] for one in told["jobs"]] == [job.name for job in APPROVALS.jobs]
    assert CANARY not in json.dumps(told)
    await db.workers.update_one({"_id": "1"}, {"$set": {"at": datetime.now(UTC) - timedelta(minutes=2)}})
    stale = await get(memory, "/v1/operation")
    assert stale["workers"][0]["is_silent"]
    assert "worker-silent" in {one["rule"] for one in stale["needs"]}
    assert all(topic["lag"] is None for one in stale["consumers"] for topic in one["topics"]), "nobody knows it now"


async def test_every_service_tells_how_it_stands(memory: Platform) -> None:
    for service in memory.services:
        answer = await memory.apis.get(OPERATOR, service, "/v1/operation")
        assert answer.status_code == 200, answer.text
        assert answer.json()["service"] == service


async def test_what_was_put_aside_is_listed_and_shown_without_what_it_holds(memory: Platform, town: Town) -> None:
    first, second = await letters(memory)
    assert (first["status"], first["rule"], first["number"]) == ("open", "not-json", 2)
    assert (second["status"], second["rule"], second["number"]) == ("parked", "gap", 3)
    assert first["type"] == second["type"] == "mkd.requests.request-withdrawn.v1"
    assert first["name"] == f"{first['consumer']}|{first['place']}"
    for query, count in (
        ("?status=open", 1),
        ("?status=open&status=parked", 2),
        ("?status=handled", 0),
        (f"?consumer={first['consumer']}", 2),
        ("?consumer=savings.days", 0),
    ):
        assert len(await letters(memory, query)) == count, query
    page = await get(memory, "/v1/dead-letters?limit=1")
    assert page["items"] == [first]
    assert await letters(memory, f"?limit=1&cursor={page['next_cursor']}") == [second]
    shown = [await get(memory, f"/v1/dead-letters/{one['letter_id']}") for one in (first, second)]
    assert CANARY not in json.dumps([page, shown])
    assert [one["outline"] and json.loads(one["outline"]) for one in shown] == [
        None,
        {"request_id": "text", "employee_id": "text", "days": ["text"]},
    ]


async def test_what_it_holds_is_told_who_asks_and_that_is_written_down(
    memory: Platform, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = await letters(memory)
    capsys.readouterr()
    content = await get(memory, f"/v1/dead-letters/{first['letter_id']}/content")
    assert CANARY in content["value"]
    assert {"ce_type", "ce_source"} <= {one["name"] for one in content["headers"]}
    said = capsys.readouterr().out
    assert "dead-letter-read" in said
    assert OPERATOR in said
    assert CANARY not in said


async def test_what_is_not_there_is_not_found(memory: Platform, town: Town) -> None:
    for id_ in (GONE, "x", "_w", "a" * 800):
        for method, path in (("GET", ""), ("GET", "/content"), ("POST", ":retry")):
            assert rule(await call(memory, OPERATOR, method, f"/v1/dead-letters/{id_}{path}")) == (404, "not-found")
    assert rule(await post(memory, "/v1/consumers/savings.days:resume", stopped_at="2026-09-07T05:00:00Z")) == (
        *(404, "not-found"),
    )


async def test_a_record_is_retried_and_what_still_fails_stays(memory: Platform, town: Town) -> None:
    first, second = await letters(memory)
    path = f"/v1/dead-letters/{first['letter_id']}:retry"
    still = await post(memory, path)
    assert (still.status_code, still.json()["status"], still.json()["rule"]) == (200, "open", "not-json")
    whole = {"request_id": "x", "employee_id": town.ids["ani"], "days": [str(MONDAY)]}
    db = memory.databases["approvals"]
    stored = await db.dead_letters.find_one({"_id": second["name"]}) or {}
    value = json.loads(stored["value"]) | {"days": whole["days"]}
    await db.dead_letters.update_one({"_id": first["name"]}, {"$set": {"value": json.dumps(value).encode()}})
    mended = await post(memory, path)
    assert (mended.status_code, mended.json()["status"]) == (200, "handled")
    assert mended.json()["closed_by"] == OPERATOR
    assert [one["status"] for one in await letters(memory)] == ["handled", "handled"], "what waited goes on"
    again = await post(memory, path)
    assert (again.status_code, again.json()) == (200, mended.json()), "sent twice it changes nothing more"
    late = await post(memory, f"/v1/dead-letters/{first['letter_id']}:discard", reason="too late")
    assert rule(late) == (409, "letter-handled")


async def test_a_record_is_given_up_for_a_reason_once(memory: Platform, town: Town) -> None:
    first, _ = await letters(memory)
    path = f"/v1/dead-letters/{first['letter_id']}:discard"
    for nothing in ("", "  ", None, 7):
        assert rule(await post(memory, path, reason=nothing))[0] == 422
    done = await post(memory, path, reason=" rubbish of a test ")
    assert (done.status_code, done.json()["status"]) == (200, "discarded")
    assert (done.json()["closed_because"], done.json()["closed_by"]) == ("rubbish of a test", OPERATOR)
    again = await post(memory, path, reason="another")
    assert again.json() == done.json(), "it keeps its reason"
    assert [one["status"] for one in await letters(memory)] == ["discarded", "handled"], "what waited goes on without"
    assert rule(await post(memory, f"/v1/dead-letters/{first['letter_id']}:retry")) == (409, "letter-discarded")


async def test_what_a_job_failed_on_and_what_nobody_hears_any_more(memory: Platform, town: Town) -> None:
    db = memory.databases["approvals"]

    async def fails(ids: Any) -> None:
        raise ZeroDivisionError

    await jobs.each_alone(db, "approvals.lapse", ["case-1"], fails)
    of_job = (await letters(memory, "?consumer=approvals.lapse"))[0]
    assert (of_job["place"], of_job["size_bytes"], of_job["stream"]) == ("case-1", None, None)
    done = await post(memory, f"/v1/dead-letters/{of_job['letter_id']}:retry")
    assert done.json()["status"] == "handled"
    first, _ = await letters(memory, "?consumer=" + memory.runners["approvals.cases"].group)
    stored = await db.dead_letters.find_one({"_id": first["name"]}) or {}
    await db.dead_letters.insert_one(stored | {"_id": "approvals.old|x/1/2", "consumer": "approvals.old"})
    (old,) = await letters(memory, "?consumer=approvals.old")
    assert rule(await post(memory, f"/v1/dead-letters/{old['letter_id']}:retry")) == (409, "consumer-gone")
    given_up = await post(memory, f"/v1/dead-letters/{old['letter_id']}:discard", reason="its consumer is gone")
    assert given_up.json()["status"] == "discarded"


async def test_a_consumer_goes_on_from_the_stop_that_was_seen(memory: Platform, town: Town) -> None:
    db, group = memory.databases["approvals"], memory.runners["approvals.cases"].group
    path = f"/v1/consumers/{group}:resume"

    async def stopped() -> str:
        why = Exceeded(Limit.IN_A_ROW, 50, 50, "mkd.requests", "mkd.requests/1/2", "not-json")
        async with db.client.start_session() as session, await session.start_transaction():
            await stops.stop(session, db, group, why)
        told = await get(memory, "/v1/operation")
        its = next(one for one in told["consumers"] if one["name"] == group)
        assert told["needs"][0]["rule"] in ("worker-silent", "consumer-stopped")
        return str(its["stopped"]["stopped_at"])

    seen = await stopped()
    other = await post(memory, path, stopped_at="2026-09-07T05:00:00Z")
    assert rule(other) == (409, "stopped-again")
    faulty = await post(memory, path, stopped_at=seen, retry=True)
    assert rule(faulty) == (409, "still-faulty")
    assert await stops.every(db), "it stays stopped"
    done = await post(memory, path, stopped_at=seen)
    assert done.json() == {"consumer": group, "resumed": True, "handled": 0}
    assert await stops.every(db) == {}
    again = await post(memory, path, stopped_at=seen)
    assert again.json() == {"consumer": group, "resumed": False, "handled": 0}
    await stopped()
    assert rule(await post(memory, path, stopped_at=seen)) == (409, "stopped-again"), "that is another stop"
