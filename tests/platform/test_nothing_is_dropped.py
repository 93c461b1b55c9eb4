"""What an operation does not take, it refuses: whoever sent it believes that it counts."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from shared.kit.web.operation import TAG
from tests.harness.factors import command
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)


def operations(memory: Platform) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for service, app in memory.apps.items():
        for path, ways in app.openapi()["paths"].items():
            for method, operation in ways.items():
                named = path.replace("{kind}", "units").replace("{letter_id}", "bGV0dGVy").replace("{name}", "x")
                yield service, method, named, operation


def who_of(operation: dict[str, Any]) -> str:
    """Somebody who may ask for it."""
    return "operator" if operation["tags"] == [TAG] else "citra"


async def _call(
    memory: Platform, service: str, method: str, path: str, who: str = "citra", **how: Any
) -> httpx.Response:
    token = memory.token(who if who == "operator" else subject(who))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k", "If-Match": '"1"'}
    headers |= how.pop("headers", {})
    return await memory.apis.clients[service].request(method, path, headers=headers, **how)


async def test_no_operation_ignores_a_parameter_that_it_does_not_know(memory: Platform) -> None:
    await open_town(memory)
    tried = 0
    for service, method, path, operation in operations(memory):
        known = sorted(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")
        for wrong in ("unit", "Month", "limit ", "x" * 200):
            headers = {"Accept-Language": "en"}
            answer = await _call(memory, service, method, path, who_of(operation), params={wrong: "1"}, headers=headers)
            (said,) = answer.json()["errors"]
            assert (answer.status_code, said["rule"]) == (422, "parameter-unknown"), (method, path, answer.text)
            assert said["pointer"] == f"query:{wrong[:60]}"
            assert all(name in said["detail"] for name in known), (path, said["detail"])
            tried += 1
    assert tried > 150


async def test_no_operation_takes_the_last_of_two_values(memory: Platform) -> None:
    await open_town(memory)
    for service, path in (("requests", "/v1/requests"), ("savings", "/v1/unit-months"), ("approvals", "/v1/cases")):
        answer = await _call(memory, service, "get", f"{path}?month=2026-09&month=2026-10")
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "parameter-twice"), path
    both = await _call(memory, "approvals", "get", "/v1/cases?status=open&status=approved")
    assert both.status_code == 200, "what may be repeated may be"


async def test_no_operation_takes_a_body_that_it_does_not_read(memory: Platform) -> None:
    await open_town(memory)
    tried = set()
    for service, method, path, operation in operations(memory):
        if "requestBody" in operation or method != "post":
            continue
        for content in (b'{"note": "Baik."}', b"{}", b"x", b"\xff"):
            answer = await _call(memory, service, method, path, who_of(operation), content=content)
            assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "body-not-taken"), path
        assert (await _call(memory, service, method, path, who_of(operation), content=b" \n")).status_code != 422
        tried.add(path)
    assert any(path.endswith(":approve") for path in tried)
    assert any(path.endswith(":verify") for path in tried)


async def test_a_note_on_an_approval_decides_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    refused = await town.decide("budi", asked, "approve", {"reason": "Baik."})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "body-not-taken")
    case = (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert case["status"] == "open"


async def test_no_rule_or_factor_that_is_sent_is_dropped(memory: Platform) -> None:
    """At any depth: the events that they become may know more than we do, a command may not."""
    town = await open_town(memory)
    policy = (await town.get("citra", "requests", "/v1/policies")).json()["items"][-1]
    policy |= {"policy_id": "pol-of-tests-1", "effective_from": "2027-01-01"}
    for service, path, body in (
        ("requests", "/v1/policies", policy),
        ("savings", "/v1/factor-sets", command().model_dump(mode="json")),
    ):
        for place in list(_objects(body)):
            whole = json.loads(json.dumps(body))
            _at(whole, place)["unknown_to_us"] = 1
            answer = await town.post("citra", service, path, whole)
            assert answer.status_code == 422, (path, place)
            pointers = [error["pointer"] for error in answer.json()["errors"]]
            assert any(pointer.endswith("/unknown_to_us") for pointer in pointers), (place, pointers)


def _objects(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield place
        for name, inner in value.items():
            yield from _objects(inner, (*place, name))
    elif isinstance(value, list) and value:
        yield from _objects(value[0], (*place, 0))


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', '"{}-gzip"', 'W/"{}-br"', '"{}", W/"{}"', '"0","{}"'])
async def test_a_version_is_known_behind_a_proxy_that_compresses(tag: str, memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    path = f"/v1/requests/{asked['request_id']}:withdraw"
    stale = await town.post("ani", "requests", path, headers={"If-Match": tag.replace("{}", "7")})
    assert stale.status_code == 412
    done = await town.post("ani", "requests", path, headers={"If-Match": tag.replace("{}", "1")})
    assert done.status_code == 200, done.text
