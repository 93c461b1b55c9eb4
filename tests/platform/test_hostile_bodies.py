"""Whatever stands at any place of a body is taken or refused: nothing of it is the service's failure."""

import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.harness.factors import command
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town, subject

MONDAY = date(2026, 9, 7)
HOSTILE = [
    *('"\\ud800"', '"a\\u0000b"', '"\\udfff\\ud800"', '""', '" "', '"$where"', '"' + "x" * 3000 + '"', '"\\u202e"'),
    *("null", "true", "[]", "{}", "[[]]", '{"$gt": ""}', '{"\\ud800": 1}', "[" * 200 + "]" * 200),
    *("0", "-1", "1e400", "NaN", "-Infinity", "1.5", "9" * 40, "1e-400", str(2**63), str(-(2**63) - 1), '"9e9999"'),
    *('"2026-02-30"', '"9999-12-31"', '"24:00"', '"23:59:60"', '"2026-09-07T00:00:00Z"', '"07:30+14:00"'),
]
PLACES_MAX = 30


async def bodies(town: Town) -> Iterator[tuple[str, str, str, Any]]:
    """Who sends what where, as it would be taken."""
    asked = await town.submit("ani", [MONDAY])
    await town.platform.settle()
    id_, output = asked["request_id"], {"day": str(MONDAY), "title": "x", "target_quantity": 1, "measure": "document"}
    submitted: dict[str, Any] = {
        "days": [str(MONDAY)],
        "place": {"category": "other_place", "round_trip_km": 3.5},
        "reason": "x",
    }
    submitted |= {"outputs": [output], "window": {"starts": "08:00", "ends": "15:30"}}
    policy = (await town.get("citra", "requests", "/v1/policies")).json()["items"][-1] | {"policy_id": "pol-hostile"}
    logged = {"quantity": 1, "note": "x", "link": "https://example.org/x"}
    of = {"request_id": id_, "output_id": asked["outputs"][0]["output_id"], "version": 1}
    path = f"/v1/plans/{id_}/outputs/{of['output_id']}"
    account: dict[str, Any] = {"name": "x", "subject": "hostile", "figures": ["savings"], "ends_on": "2026-12-31"}
    account |= {"unit_ids": [asked["unit_id"]], "with_parts": False}
    decided = {"request_id": id_, "version": 1, "decision": "return", "reason": "x"}
    return iter(
        [
            ("ani", "requests", "/v1/requests", submitted),
            ("ani", "requests", f"/v1/requests/{id_}:change", submitted),
            ("ani", "performance", "/v1/office-plans", {"outputs": [output]}),
            ("ani", "performance", f"{path}:log", logged),
            ("ani", "performance", "/v1/plans:log", {"items": [of | logged]}),
            ("budi", "performance", "/v1/plans:judge", {"items": [of | {"verdict": "return", "reason": "x"}]}),
            ("budi", "approvals", "/v1/cases:decide", {"items": [decided]}),
            ("budi", "approvals", f"/v1/cases/{id_}:reject", {"reason": "x"}),
            ("citra", "organisation", f"/v1/employees/{town.ids['ani']}:erase-personal-data", {"reason": "x"}),
            ("citra", "requests", "/v1/policies", policy),
            ("citra", "organisation", "/v1/accounts", account),
            (
                "citra",
                "savings",
                "/v1/factor-sets",
                command().model_dump(mode="json") | {"factor_set_id": "fac-hostile"},
            ),
        ]
    )


async def test_no_body_is_a_failure_of_the_service(memory: Platform, seed: int) -> None:
    town = await open_town(memory)
    drawn = random.Random(seed)
    number = 0
    for who, service, path, body in await bodies(town):
        places = list(_places(body))
        for place in drawn.sample(places, min(PLACES_MAX, len(places))):
            for hostile in [*drawn.sample(HOSTILE, 10), '"\\ud800"', '{"\\ud800": 1}']:
                number += 1
                headers = {"Authorization": f"Bearer {memory.token(subject(who))}", "Content-Type": "application/json"}
                headers |= {"Idempotency-Key": f"h{number}", "If-Match": '"0"'}
                content = json.dumps(_with(body, place, "HOSTILE")).replace('"HOSTILE"', hostile)
                answer = await memory.apis.clients[service].post(path, content=content, headers=headers)
                assert answer.status_code < 500, (path, place, hostile, answer.text)
    assert number > 1000


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a body, the whole and a field that is not known among them."""
    yield place
    if isinstance(value, dict):
        yield (*place, "unknown")
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for step, part in inner:
        yield from _places(part, (*place, step))


def _with(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = json.loads(json.dumps(body))
    at = changed
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return changed
