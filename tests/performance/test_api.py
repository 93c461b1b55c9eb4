"""Plans over HTTP: those of requests and those of the office, and who may find, report and judge them."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

from shared.contracts.organisation import PUBLISHER, ActingKind, ActingRecorded, ActingTerms
from shared.kit.messaging.cloudevents import headers
from tests.harness.made import NOON
from tests.harness.platform import Platform
from tests.harness.town import WEDNESDAY, Town, open_town
from tests.performance.desk import approved, open_office, opened, rules

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)


async def test_an_office_plan_is_opened_shown_logged_and_verified(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await open_office(town, "ani", [WEDNESDAY])
    plan = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/plans/{plan['request_id']}"
    assert (plan["mode"], plan["days"], plan["version"]) == ("office", [str(WEDNESDAY)], 1)
    assert plan["request_id"].startswith("off-")
    assert plan["outputs"][0]["title"] == "Rekap surat masuk"
    town.at(WEDNESDAY, 15)
    await town.log("ani", plan)
    await town.verify("budi", plan)
    shown = await town.get("budi", "performance", answer.headers["location"])
    assert (shown.json()["outputs"][0]["progress"], shown.headers["etag"]) == ("verified", '"3"')
    assert [step["type"].split(".")[2] for step in shown.json()["history"]] == [
        "plan-opened",
        "output-logged",
        "output-verified",
    ]


async def test_the_title_of_an_office_output_is_kept_apart_from_the_log(memory: Platform) -> None:
    town = await open_town(memory)
    plan = await opened(town, "ani", [MONDAY])
    db = memory.databases["performance"]
    assert "Rekap" not in str(await db.commits.find({}).to_list())
    await db.texts.delete_many({"employee_id": town.ids["ani"]})
    shown = (await town.get("ani", "performance", f"/v1/plans/{plan['request_id']}")).json()
    assert shown["outputs"][0]["title"] == "[dihapus]"


async def test_an_mkd_plan_does_not_know_its_titles(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await approved(town, "ani", [MONDAY])
    shown = (await town.get("ani", "performance", f"/v1/plans/{asked['request_id']}")).json()
    assert (shown["mode"], shown["outputs"][0]["title"]) == ("mkd", None)


async def test_a_day_has_one_plan(memory: Platform) -> None:
    town = await open_town(memory)
    await approved(town, "ani", [MONDAY])
    refused = await open_office(town, "ani", [MONDAY, TUESDAY])
    assert (refused.status_code, rules(refused)) == (422, ["office-day-taken"])
    plan = await opened(town, "ani", [TUESDAY])
    taken = await open_office(town, "ani", [TUESDAY])
    assert (taken.status_code, rules(taken)) == (422, ["office-day-taken"])
    assert (await open_office(town, "dedi", [TUESDAY])).status_code == 201
    path = f"/v1/office-plans/{plan['request_id']}:withdraw"
    assert (await town.post("ani", "performance", path, seen=1)).json()["closed"]
    assert (await open_office(town, "ani", [TUESDAY])).status_code == 201


async def test_of_many_office_plans_for_one_day_at_once_one_is_opened(memory: Platform) -> None:
    town = await open_town(memory)
    answers = await asyncio.gather(*(open_office(town, "ani", [MONDAY]) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]


async def test_an_office_plan_sent_again_is_opened_once(memory: Platform) -> None:
    town = await open_town(memory)
    key = {"headers": {"Idempotency-Key": "one"}}
    first, again = [await open_office(town, "ani", [MONDAY], **key) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await open_office(town, "ani", [TUESDAY], **key)
    assert (other.status_code, rules(other)) == (422, ["idempotency-key-reused"])


async def test_a_day_that_cannot_be_planned_is_refused_in_both_languages(memory: Platform) -> None:
    town = await open_town(memory)
    for day, language, detail in (
        (date(2026, 9, 1), "id", "Hari 2026-09-01 sudah lewat: rencana kantor dibuat untuk hari ini, 2026-09-02"),
        (date(2026, 9, 1), "en", "2026-09-01 has passed: an office plan is for today, 2026-09-02, or later."),
        (date(2026, 11, 2), "id", "Hari 2026-11-02 terlalu jauh: paling lama 60 hari ke depan."),
        (date(9999, 12, 31), "en", "9999-12-31 is too far ahead: at most 60 days."),
    ):
        answer = await open_office(town, "ani", [day], headers={"Accept-Language": language})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(detail)
        assert answer.json()["errors"][0]["source"] == "Ketentuan instansi (belum diverifikasi)"


async def test_only_its_own_employee_takes_an_office_plan_back(memory: Platform) -> None:
    town = await open_town(memory)
    plan = await opened(town, "ani", [MONDAY])
    asked = await approved(town, "ani", [TUESDAY])
    path = "/v1/office-plans/{}:withdraw"
    for name, status, rule in (("budi", 403, "not-your-plan"), ("dedi", 404, "not-found")):
        refused = await town.post(name, "performance", path.format(plan["request_id"]), seen=1)
        assert (refused.status_code, rules(refused)) == (status, [rule]), name
    refused = await town.post("ani", "performance", path.format(asked["request_id"]), seen=1)
    assert (refused.status_code, rules(refused)) == (404, ["not-found"]), "an MKD plan is no office plan"
    stale = await town.post("ani", "performance", path.format(plan["request_id"]), seen=9)
    assert (stale.status_code, rules(stale)) == (412, ["version-changed"])
    town.at(MONDAY)
    begun = await town.post("ani", "performance", path.format(plan["request_id"]), seen=1)
    assert (begun.status_code, rules(begun)) == (409, ["already-begun"])


async def test_plans_are_found_by_where_an_output_stands(memory: Platform) -> None:
    town = await open_town(memory)
    office = await opened(town, "ani", [WEDNESDAY, MONDAY])
    later = await opened(town, "ani", [TUESDAY])
    body = {"quantity": 1, "note": "Selesai."}
    address = f"/v1/plans/{office['request_id']}/outputs/{office['outputs'][0]['output_id']}:log"
    assert (await town.post("ani", "performance", address, body, seen=1)).status_code == 200

    async def found(**params: Any) -> list[str]:
        answer = await town.get("ani", "performance", "/v1/plans", **params)
        return [plan["request_id"] for plan in answer.json()["items"]]

    assert await found(progress="logged") == [office["request_id"]]
    assert await found(progress="agreed") == [later["request_id"], office["request_id"]]
    assert await found(progress="verified") == []
    assert await found(progress=["verified", "logged"]) == [office["request_id"]]
    assert (await town.get("ani", "performance", "/v1/plans", progress="done")).status_code == 422


async def test_somebodys_plans_are_found_by_those_who_may_see_them(memory: Platform) -> None:
    town = await open_town(memory)
    plan = await opened(town, "ani", [MONDAY])
    of_ani = {"employee_id": town.ids["ani"]}
    for name in ("ani", "budi", "citra"):
        items = (await town.get(name, "performance", "/v1/plans", **of_ani)).json()["items"]
        assert [item["request_id"] for item in items] == [plan["request_id"]], name
    for name, employee_id in (("dedi", town.ids["ani"]), ("eka", town.ids["ani"]), ("budi", "emp-nobody")):
        refused = await town.get(name, "performance", "/v1/plans", employee_id=employee_id)
        assert (refused.status_code, rules(refused)) == (404, ["not-found"]), name


async def test_who_acts_for_the_superior_finds_and_judges_in_their_place(memory: Platform) -> None:
    town = await open_town(memory)
    plan = await opened(town, "ani", [MONDAY])
    town.at(MONDAY, 15)
    await town.log("ani", plan)
    assert (await town.on_outputs("hana", plan, "verify"))[0].status_code == 404
    await mandate(town, "budi", "hana", MONDAY, MONDAY)
    led = (await town.get("hana", "performance", "/v1/plans", whose="led")).json()["items"]
    assert [item["request_id"] for item in led] == [plan["request_id"]]
    (verified,) = await town.on_outputs("hana", plan, "verify")
    assert verified.status_code == 200, verified.text
    commit = await memory.databases["performance"].commits.find_one({"n": 3})
    assert commit
    event = json.loads(commit["events"][0]["data"])
    assert (event["verified_by"], event["acting_for"]) == (town.ids["hana"], town.ids["budi"])
    town.at(TUESDAY)
    body = {"reason": "Keliru."}
    assert (await town.on_outputs("hana", plan, "withdraw-verification", body))[0].status_code == 404


async def mandate(town: Town, superior: str, acting: str, first: date, last: date) -> None:
    """Somebody is to act for another, as organisation tells it."""
    terms = ActingTerms(
        effective_from=first,
        ends_on=last,
        kind=ActingKind.PLH,
        for_id=town.ids[superior],
        acting_id=town.ids[acting],
    )
    event = ActingRecorded(acting_assignment_id="act-0001", history=(terms,))
    told = headers(
        PUBLISHER.type_of(event),
        id_="0199-act",
        source="/tests/organisation",
        subject=event.subject,
        n=1,
        time=NOON,
        trace="",
    )
    platform = town.platform
    assert platform.bus
    topic = f"{platform.settings['organisation'].topic_prefix}{PUBLISHER.topic}"
    platform.bus.append(topic, event.key.encode(), event.model_dump_json().encode(), told)
    await platform.settle()


async def test_a_body_that_is_no_office_plan_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    good = {"day": "2026-09-07", "title": "x", "target_quantity": 1, "measure": "letter"}
    wrong: list[dict[str, Any]] = [
        {"title": " "},
        {"target_quantity": -1},
        {"target_quantity": "NaN"},
        {"measure": "Two words"},
        {"day": 20260907},
        {"day": "2026-02-30"},
        {"more": 1},
    ]
    for outputs in ([], None, "outputs", [good] * 201, *([good | fault] for fault in wrong)):
        answer = await town.post("ani", "performance", "/v1/office-plans", {"outputs": outputs})
        assert (answer.status_code, set(rules(answer))) == (422, {"field-invalid"}), outputs
    assert (await town.post("ani", "performance", "/v1/office-plans", {"outputs": [good]})).status_code == 201


async def test_the_day_of_a_plan_is_that_of_its_unit(memory: Platform) -> None:
    """It is still Wednesday in Jakarta when it is Thursday in Jayapura: there, Wednesday can no longer be planned."""
    town = await open_town(memory)
    head = "unit_code,name,effective_from,time_zone"
    await town.load("units", f"{head}\nbkd,Badan Kepegawaian Daerah,2026-09-02,Asia/Jayapura\n")
    await memory.settle()
    town.at(WEDNESDAY, 23)
    assert rules(await open_office(town, "ani", [WEDNESDAY])) == ["office-day-passed"]
    plan = await opened(town, "ani", [WEDNESDAY + timedelta(1)])
    assert plan["time_zone"] == "Asia/Jayapura"
