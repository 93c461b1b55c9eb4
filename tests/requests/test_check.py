"""Drafts that are checked: what is said of them is what a submission would be told, and nothing changes."""

import random
from datetime import date, timedelta
from typing import Any

from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 9, day) for day in (7, 8, 9, 10))
PATH = "/v1/requests:check"
TRIES = 120


def draft(*days: date, **changed: Any) -> dict[str, Any]:
    outputs = [{"day": str(day), "title": "Telaahan", "target_quantity": 1, "measure": "document"} for day in days]
    whole: dict[str, Any] = {"days": [str(day) for day in days], "place": {"category": "residence"}}
    return whole | {"outputs": outputs, "reason": "Terencana."} | changed


async def checked(town: Town, name: str, body: dict[str, Any], replaces: str = "") -> dict[str, Any]:
    path = f"{PATH}?replaces={replaces}" if replaces else PATH
    answer = await town.post(name, "requests", path, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def drawn(from_: random.Random) -> dict[str, Any]:
    """A draft that could often be submitted, if nothing of it were taken; and that otherwise has a fault or two."""
    days = [MONDAY + timedelta(from_.choice([0, 0, 1, 1, 2, 3, 7, 8, 15])) for _ in range(from_.choice([1, 1, 2, 3]))]
    body = draft(*(days if from_.random() < 0.2 else dict.fromkeys(days)))
    for fault in from_.sample(range(8), from_.choice([0, 0, 0, 1, 2])):
        match fault:
            case 0:
                body["days"] += [from_.choice(["2026-09-01", "2026-09-13", "2026-12-31"])]
            case 1:
                body["place"] = {"category": from_.choice(["office", "other_place", "another_office"])}
            case 2:
                body["place"]["round_trip_km"] = from_.choice([3, 9999])
            case 3:
                body["window"] = {"starts": "08:00", "ends": from_.choice(["16:00", "08:00", "02:00"])}
            case 4:
                body["outputs"][0][from_.choice(["title", "measure"])] = from_.choice(["", "document"])
            case 5:
                body["outputs"][0]["target_quantity"] = from_.choice([0, "2.5"])
            case 6:
                body["outputs"] = body["outputs"][1:]
            case 7:
                body |= {from_.choice(["days", "outputs", "reason", "window"]): None}
        if body["days"] is None or not body["outputs"]:
            break
    return body


async def test_nothing_stands_against_a_draft_exactly_when_it_can_be_submitted(memory: Platform, seed: int) -> None:
    """Drawn drafts, each checked and then sent, so that what was taken stands in the way of the next."""
    town = await open_town(memory)
    from_ = random.Random(seed)
    outcomes, rules = set(), set()
    for _ in range(TRIES):
        name, body = from_.choice(["ani", "dedi", "citra", "ani", "dedi", "farah"]), drawn(from_)
        found = (await checked(town, name, body))["violations"]
        sent = await town.post(name, "requests", "/v1/requests", body)
        assert (found == []) == (sent.status_code == 201), (body, found, sent.text)
        outcomes.add(sent.status_code)
        rules |= {one["rule"] for one in found}
        if found:
            assert all(refused in found for refused in sent.json()["errors"]), (body, found, sent.text)
    assert outcomes == {201, 422}
    assert rules >= {"overlap", "weekly-quota", "field-invalid", "notice"}


async def test_a_draft_may_be_empty_and_is_told_what_it_lacks(memory: Platform) -> None:
    town = await open_town(memory)
    found = await checked(town, "ani", {})
    assert [(one["rule"], one["pointer"]) for one in found["violations"]] == [
        ("field-invalid", "/days"),
        ("field-invalid", "/place"),
        ("field-invalid", "/outputs"),
        ("field-invalid", "/reason"),
    ]
    assert found["weeks"] == []
    refused: list[Any] = [{"colour": "blue"}, {"days": ["7-9-2026"]}, [], None]
    for body in refused:
        assert (await town.post("ani", "requests", PATH, body)).status_code == 422, body


async def test_every_day_and_week_that_is_taken_is_named_with_the_quota(memory: Platform) -> None:
    town = await open_town(memory)
    await town.submit("ani", [MONDAY, TUESDAY])
    before = [one async for one in memory.databases["requests"].reservations.find().sort("_id", 1)]
    found = await checked(town, "ani", draft(MONDAY, TUESDAY, WEDNESDAY, MONDAY + timedelta(7)))
    quota = {"limit": 2, "source": "PermenPANRB 4/2025 Ps. 13(1)"}
    assert found["weeks"] == [{"week": "2026-W37", "taken": 2, **quota}, {"week": "2026-W38", "taken": 0, **quota}]
    said = {(one["rule"], one["value"], one["source"]) for one in found["violations"]}
    assert said == {("overlap", None, ""), ("weekly-quota", 2, quota["source"])}
    assert [one["rule"] for one in found["violations"]] == ["overlap", "overlap", "weekly-quota"]
    assert before == [one async for one in memory.databases["requests"].reservations.find().sort("_id", 1)]
    assert await memory.databases["requests"].commits.count_documents({"key": town.ids["ani"]}) == 1


async def test_a_draft_that_changes_a_request_has_its_days_free(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY, TUESDAY])
    found = await checked(town, "ani", draft(TUESDAY, WEDNESDAY), asked["request_id"])
    assert (found["violations"], found["weeks"][0]["taken"]) == ([], 0)
    assert (await town.post("dedi", "requests", f"{PATH}?replaces={asked['request_id']}", {})).status_code == 404
    town.at(MONDAY)
    late = await checked(town, "ani", draft(WEDNESDAY, THURSDAY), asked["request_id"])
    assert [one["rule"] for one in late["violations"]] == ["too-late-to-change"]


async def test_a_quota_of_one_day_says_what_is_taken(memory: Platform) -> None:
    town = await open_town(memory)
    *_, shipped = (await town.get("citra", "requests", "/v1/policies")).json()["items"]
    quota = shipped["away_days_per_week_max"] | {"value": 1}
    body = shipped | {"policy_id": "pol-satu-hari", "corrects": None, "effective_from": "2026-09-07"}
    published = await town.post("citra", "requests", "/v1/policies", body | {"away_days_per_week_max": quota})
    assert published.status_code == 201, published.text
    await town.submit("ani", [MONDAY])
    refused = await town.ask("ani", [TUESDAY])
    assert refused.status_code == 422, refused.text
    assert [one["rule"] for one in refused.json()["errors"]] == ["weekly-quota"]
    assert refused.json()["errors"] == (await checked(town, "ani", draft(TUESDAY)))["violations"]
