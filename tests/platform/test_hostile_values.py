"""Whatever is put in a parameter of a reading is answered or refused: nothing of it is the service's failure."""

import base64
import json
import random
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from deploy.base.home import SERVICES
from shared.kit.web.operation import TAG
from tests.harness.factors import command
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)
TEXTS = [
    *(
        "",
        "\x00",
        "a\x00b",
        "\ufffd",
        "\U0010ffff",
        "$$foo",
        "$foo",
        "$where",
        '{"$gt":""}',
        "[$ne]",
        ".*",
        "^(a+)+$",
        "'",
    ),
    *("0000-01", "0001-01", "1999-12", "2026-00", "2026-13", "9999-12", "2199-12", "2000-01", "2026-9", "٢٠٢٦-٠٩"),
    *("0001-01-01", "9999-12-31", "2199-12-31", "2000-01-01", "2026-02-30", "10000-01-01", "-1-01-01", "2026-09-07"),
    *("0001-01-01T00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "2000-01-01T00:00+14:00", "2199-12-31T23:59-12:00"),
    *(
        "2026-09-30T17:00:00Z",
        "2026-10-01T00:00:00+07:00",
        "2026-09-01",
        "1e400",
        "NaN",
        "Infinity",
        "-0",
        "1767225600",
    ),
    *(
        "0000-W01",
        "9999-W53",
        "9999-W52",
        "0001-W01",
        "2199-W53",
        "2000-W01",
        "2025-W53",
        "2026-W37",
        "0",
        "-1",
        "1" * 30,
        "1_000",
        "0x10",
        "true",
    ),
    *(
        "../../etc/passwd",
        "%2e%2e",
        "a/b",
        "x" * 3000,
        "ش",
        "é",
        " ",
        "\t",
        "\r\n",
        "a:b",
        "emp-",
        "unit-",
        "req-1:approve",
    ),
]
PLACES: list[Any] = [["\ud800"], ["\x00"], [""], ["$gt"], [None], [1], [{}], [[]], {}, "x", None, 1]
CURSORS = [json.dumps(place) for place in PLACES]
CURSORS += ["[" * 150, '["' + "x" * 200 + '"]', "NaN", '["\\udfff"]']
RAW = ["%ff", "%ed%a0%80", "%00", "%c0%af", "+", "%F0%9F%98%80", "a%ffb", "2026-09%00", "%2500"]


def values() -> list[str]:
    """Percent-encoded, as they stand in an address."""
    cursors = [base64.urlsafe_b64encode(one.encode("utf-8", "surrogatepass")).decode() for one in CURSORS]
    return [quote(text, safe="") for text in TEXTS] + [one.rstrip("=") for one in cursors] + cursors[:2] + RAW


def usual(parameter: dict[str, Any]) -> str:
    """One that is taken, so that the others are looked at too."""
    known = {"month": "2026-09", "since": "2026-09-30T17:00:00Z", "iso_week": "2026-W37", "day": "2026-09-07"}
    known |= {"kind": "units", "building_id": "bld-0001", "on": "2026-09-07"}
    return quote(known.get(parameter["name"], "x"), safe="")


@pytest.mark.parametrize("service", SERVICES)
async def test_no_value_of_a_parameter_is_a_failure_of_the_service(service: str, memory: Platform, seed: int) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    drawn = random.Random(seed)
    asked, statuses = 0, set()
    for path, ways in memory.apps[service].openapi()["paths"].items():
        for method, operation in ways.items():
            parameters = operation.get("parameters", [])
            for hostile in [
                p for p in parameters if p["in"] in ("path", "query") and (method == "get" or p["in"] == "path")
            ]:
                for value in values():
                    drawn_ = subject(drawn.choice(["citra", "citra", "hana", "ani"]))
                    for who in ["operator" if operation["tags"] == [TAG] else drawn_]:
                        answer = await _call(memory, service, method, path, parameters, hostile, value, who)
                        assert answer.status_code < 500, (method, answer.request.url, answer.text)
                        statuses.add(answer.status_code)
                        asked += 1
    assert asked > 500
    assert {200, 404, 422} <= statuses


async def _call(
    memory: Platform,
    service: str,
    method: str,
    path: str,
    parameters: list[dict[str, Any]],
    hostile: dict[str, Any],
    value: str,
    who: str,
) -> httpx.Response:
    query: list[str] = []
    for one in parameters:
        sent = value if one is hostile else usual(one)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", sent)
        elif one["in"] == "query" and (one is hostile or one["required"]):
            query.append(f"{one['name']}={sent}")
    headers = {"Authorization": f"Bearer {memory.token(who)}", "Idempotency-Key": "k", "If-Match": '"1"'}
    if path == "/v1/changes":
        method = "head"  # for it is answered as long as somebody listens
    address = httpx.URL(f"http://{service}").copy_with(raw_path=f"{path}?{'&'.join(query)}".encode())
    return await memory.apis.clients[service].request(method, address, headers=headers)


@pytest.mark.parametrize(
    "name", ["if-match", "if-none-match", "idempotency-key", "accept", "accept-language", "traceparent"]
)
async def test_no_header_is_a_failure_of_the_service(name: str, memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    known = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Idempotency-Key": "k", "If-Match": '"9"'}
    known = {one: value for one, value in known.items() if one.lower() != name}
    raw = [
        b"",
        b"\xff",
        b"\x80",
        b'W/""',
        b'"' + b"9" * 30 + b'"',
        b"*",
        b";q=9e999",
        b"en;q=NaN",
        b"," * 500,
        b"a" * 4000,
    ]
    for value in raw:
        for service, method, path in (
            ("requests", "POST", f"/v1/requests/{asked['request_id']}:withdraw"),
            ("savings", "GET", "/v1/days?month=2026-09"),
        ):
            headers = [*((one.encode(), said.encode()) for one, said in known.items()), (name.encode(), value)]
            answer = await memory.apis.clients[service].request(method, path, headers=headers)
            assert answer.status_code < 500, (method, name, value, answer.text)


ENDS = ("0001-01-01", "0001-01-07", "1582-10-10", "9999-12-25", "9999-12-31")


@pytest.mark.parametrize("day", ENDS)
async def test_no_day_of_a_body_is_a_failure_of_the_service(day: str, memory: Platform) -> None:
    """At the ends of the calendar there is no day before or after, and no week around."""
    town = await open_town(memory)
    policy = (await town.get("citra", "requests", "/v1/policies")).json()["items"][-1]
    bodies = {"requests": ("/v1/requests", {"days": [day], "place": {"category": "residence"}, "reason": "x"})}
    bodies["performance"] = ("/v1/office-plans", {})
    outputs = [{"day": day, "title": "x", "target_quantity": 1, "measure": "document"}]
    for service, (path, body) in bodies.items():
        answer = await town.post("ani", service, path, body | {"outputs": outputs})
        assert answer.status_code in (400, 409, 422), (service, answer.text)
    factors = command().model_dump(mode="json")
    for service, path, whole in (
        ("requests", "/v1/policies", policy | {"policy_id": "pol-at-the-end"}),
        ("savings", "/v1/factor-sets", factors | {"factor_set_id": "fac-at-the-end"}),
    ):
        for place in [*_days_of(whole)]:
            changed = json.loads(json.dumps(whole))
            at = changed
            for step in place[:-1]:
                at = at[step]
            at[place[-1]] = day
            answer = await town.post("citra", service, path, changed)
            assert answer.status_code < 500, (service, place, answer.text)
    await memory.settle()
    assert (await town.get("ani", "requests", "/v1/weeks/2026-W37")).status_code == 200
    assert (await town.get("ani", "savings", "/v1/days", month="2026-09")).status_code == 200


def _days_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value[:1]):
            yield from _days_of(inner, (*place, step))
    elif isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        yield place
