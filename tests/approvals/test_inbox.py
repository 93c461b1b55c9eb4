"""What lies on whose desk, today."""

from datetime import date
from typing import Any

import httpx

from shared.contracts import organisation
from tests.harness.made import mandate, message
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, Town, open_town, row

TODAY, TOMORROW, FRIDAY = (date(2026, 9, day) for day in (2, 3, 4))
MONDAY, TUESDAY, WEDNESDAY, OCTOBER = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9), date(2026, 10, 5)
REASON = {"reason": "Belum terukur."}


async def inbox(town: Town, name: str, **filters: Any) -> list[str]:
    """The requests in somebody's inbox."""
    answer = await town.get(name, "approvals", "/v1/cases", **filters)
    assert answer.status_code == 200, answer.text
    return [case["request_id"] for case in answer.json()["items"]]


async def counts(town: Town, name: str) -> dict[str, int]:
    """How many cases stand how, without those of which there are none."""
    answer = await town.get(name, "approvals", "/v1/cases:summary")
    assert answer.status_code == 200, answer.text
    return {status: count for status, count in answer.json()["counts"].items() if count}


async def give_mandate(town: Town, acting: str, for_: str, first: date, last: date) -> None:
    """Organisation tells everybody that somebody acts for another."""
    event = mandate(town.ids[acting], town.ids[for_], first, last)
    prefix = town.platform.settings["organisation"].topic_prefix
    assert town.platform.bus
    await town.platform.bus.send([message(organisation.PUBLISHER, event, prefix=prefix)])
    await town.platform.settle()


def refused(answer: httpx.Response, status: int, rule: str) -> None:
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule), answer.text


async def filled(platform: Platform) -> tuple[Town, dict[str, str]]:
    """An inbox with a case of each kind: one approved, one returned, one open, and one of another month."""
    town = await open_town(platform)
    asked = {
        "approved": await town.submit("ani", [MONDAY]),
        "returned": await town.submit("ani", [WEDNESDAY]),
        "open": await town.submit("dedi", [TUESDAY, WEDNESDAY]),
        "october": await town.submit("dedi", [OCTOBER]),
    }
    await platform.settle()
    await town.approve("budi", asked["approved"])
    await town.decide("budi", asked["returned"], "return", REASON)
    return town, {name: one["request_id"] for name, one in asked.items()}


async def test_an_inbox_is_filtered_by_status_person_unit_and_days(memory: Platform) -> None:
    town, ids = await filled(memory)
    unit = (await town.get("ani", "approvals", "/v1/me")).json()["unit_id"]
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["october", "open", "returned", "approved"]),
        ({"status": "open"}, ["october", "open"]),
        ({"status": ["approved", "returned"]}, ["returned", "approved"]),
        ({"employee_id": town.ids["ani"]}, ["returned", "approved"]),
        ({"employee_id": town.ids["ani"], "status": "open"}, []),
        ({"unit_id": unit}, ["october", "open", "returned", "approved"]),
        ({"unit_id": "unit-another"}, []),
        ({"month": "2026-10"}, ["october"]),
        ({"from": "2026-09-08"}, ["october", "open", "returned"]),
        ({"to": "2026-09-08"}, ["open", "approved"]),
        ({"from": "2026-09-08", "to": "2026-09-08"}, ["open"]),
        ({"from": "2026-09-10", "to": "2026-10-04"}, []),
        ({"month": "2026-09", "from": "2026-09-09"}, ["open", "returned"]),
        ({"month": "2026-09", "to": "2026-08-31"}, []),
        ({"month": "2026-02", "from": "0001-01-01", "to": "9999-12-31"}, []),
    ]
    for filters, found in expected:
        assert await inbox(town, "budi", **filters) == [ids[name] for name in found], filters


async def test_filters_hold_on_every_page(memory: Platform) -> None:
    town, ids = await filled(memory)
    first = (await town.get("budi", "approvals", "/v1/cases", status="open", limit=1)).json()
    assert [case["request_id"] for case in first["items"]] == [ids["october"]]
    second = await inbox(town, "budi", status="open", limit=1, cursor=first["next_cursor"])
    assert second == [ids["open"]]


async def test_an_inbox_is_summed_up_by_status(memory: Platform) -> None:
    town, _ = await filled(memory)
    answer = (await town.get("budi", "approvals", "/v1/cases:summary")).json()
    nobody = {"rejected": 0, "revoked": 0, "closed": 0}
    assert answer == {"today": "2026-09-02", "counts": {"open": 2, "approved": 1, "returned": 1, **nobody}}
    assert await counts(town, "eka") == {}
    assert await counts(town, "ani") == {}


async def test_nobody_finds_the_cases_of_those_whom_they_do_not_lead(memory: Platform) -> None:
    town, _ = await filled(memory)
    for name in ("ani", "citra", "eka", "hana"):
        assert await inbox(town, name, employee_id=town.ids["ani"]) == [], name


async def test_a_filter_that_cannot_be_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"status": "lost"}, "field-invalid", "query:status/0"),
        ({"month": "2026-13"}, "field-invalid", "query:month"),
        ({"from": "yesterday"}, "field-invalid", "query:from"),
        ({"to": "2026-02-30"}, "field-invalid", "query:to"),
        ({"from": "2026-09-08", "to": "2026-09-07"}, "day-order", "query:to"),
        ({"limit": 201}, "field-invalid", "query:limit"),
    ]
    for filters, rule, pointer in wrong:
        answer = await town.get("budi", "approvals", "/v1/cases", **filters)
        refused(answer, 422, rule)
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_superiors_transfer_moves_the_inbox_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-09-02', superior_nip=NIPS['eka'])}\n")
    await memory.settle()
    assert (await inbox(town, "budi"), await counts(town, "budi")) == ([], {})
    assert (await inbox(town, "eka", status="open"), await counts(town, "eka")) == ([asked["request_id"]], {"open": 1})
    refused(await town.decide("budi", asked, "approve"), 404, "not-found")
    await town.approve("eka", asked)


async def test_a_transfer_that_is_recorded_ahead_moves_the_inbox_on_its_day(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-09-03', superior_nip=NIPS['eka'])}\n")
    await memory.settle()
    assert (await inbox(town, "budi"), await inbox(town, "eka")) == ([asked["request_id"]], [])
    refused(await town.decide("eka", asked, "approve"), 404, "not-found")
    town.at(TOMORROW)
    assert (await inbox(town, "budi"), await inbox(town, "eka")) == ([], [asked["request_id"]])
    await town.approve("eka", asked)


async def test_an_acting_official_sees_and_decides_and_the_decision_names_for_whom(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    assert await inbox(town, "hana") == []
    refused(await town.decide("hana", asked, "approve"), 404, "not-found")
    await give_mandate(town, "hana", "budi", TODAY, FRIDAY)
    assert await inbox(town, "hana") == await inbox(town, "budi") == [asked["request_id"]]
    assert await counts(town, "hana") == {"open": 1}
    approved = await town.decide("hana", asked, "approve")
    assert (approved.json()["decided_by"], approved.json()["acting_for"]) == (town.ids["hana"], town.ids["budi"])
    await memory.settle()
    shown = (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()
    assert shown["acting_for"] == town.ids["budi"]
    assert (await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json()["status"] == "approved"


async def test_the_superior_decides_beside_who_acts_for_them(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await give_mandate(town, "hana", "budi", TODAY, FRIDAY)
    approved = await town.decide("budi", asked, "approve")
    assert (approved.json()["decided_by"], approved.json()["acting_for"]) == (town.ids["budi"], None)


async def test_a_mandate_holds_from_its_first_day_to_its_last(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await give_mandate(town, "hana", "budi", TOMORROW, FRIDAY)
    for day, found in ((TODAY, []), (TOMORROW, [asked["request_id"]]), (FRIDAY, [asked["request_id"]]), (MONDAY, [])):
        town.at(day, 23)
        assert await inbox(town, "hana") == found, day
    refused(await town.decide("hana", asked, "approve"), 404, "not-found")


async def test_an_acting_official_never_decides_their_own_request(memory: Platform) -> None:
    """Dedi acts for Budi, who leads both Dedi and Ani."""
    town = await open_town(memory)
    own, other = await town.submit("dedi", [MONDAY]), await town.submit("ani", [MONDAY])
    await give_mandate(town, "dedi", "budi", TODAY, FRIDAY)
    assert await inbox(town, "dedi") == [other["request_id"]]
    for verb, body in (("approve", None), ("reject", REASON), ("return", REASON)):
        refused(await town.decide("dedi", own, verb, body), 403, "own-request")
    await town.approve("dedi", other)
    await town.approve("budi", own)
