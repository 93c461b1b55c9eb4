"""Sheets are sent, looked at and confirmed, all rows or none."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.kit.base.mongo import Database
from shared.spreadsheets.media import XLSX
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row
from tests.organisation.loaded import workbook

ADMIN = "administrator"
POSITIONS = "position_code,measurable,public_contact,assessed_by_nip,assessed_on,reason,effective_from\n"
BUILDINGS = "building_code,name,base_kwh,per_head_kwh,tariff_class,zone,zone_load_kwh,effective_from\n"
ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
NEW_NIP = "199112122015031099"


async def post(
    town: Town, path: str, content: bytes | None = None, kind: str = "text/csv", **headers: str
) -> httpx.Response:
    """The administrator sends something."""
    sent = {"Content-Type": kind, **headers}
    return await town.platform.apis.post(ADMIN, "organisation", path, content=content, headers=sent)


async def rules(town: Town, kind: str, sheet: str) -> list[tuple[int, str, str]]:
    """What is wrong with a sheet."""
    report = (await town.send(kind, sheet)).json()
    return [(problem["row"], problem["column"], problem["rule"]) for problem in report["problems"]]


async def test_a_sheet_with_problems_is_reported_and_cannot_be_confirmed(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = f"{HEADING}\n{row('ani', since='2026-01-01')}\n{row('dedi', nip='12', since='2026-01-01')}\n"
    sent = await town.send("employees", sheet)
    assert sent.status_code == 201
    report = sent.json()
    assert (report["status"], report["rows"], report["problem_count"]) == ("invalid", 2, 1)
    assert report["problems"] == [
        {
            "row": 3,
            "column": "nip",
            "rule": "nip-shape",
            "value": None,
            "source": "",
            "detail": "NIP terdiri atas 18 angka; angka ke-15 adalah 1 atau 2.",
        }
    ]
    confirmed = await memory.apis.post(ADMIN, "organisation", f"/v1/imports/{report['import_id']}:confirm")
    assert (confirmed.status_code, confirmed.json()["errors"][0]["rule"]) == (409, "import-invalid")
    ani = (await town.get("ani", "organisation", f"/v1/employees/{town.ids['ani']}")).json()
    assert len(ani["history"]) == 1, "no row of a refused sheet is taken"


async def test_nothing_changes_until_a_sheet_is_confirmed_and_then_once(memory: Platform) -> None:
    town = await open_town(memory)
    sent = (await town.send("units", f"unit_code,name,effective_from\nbaru,Unit Baru,{SINCE}\n")).json()
    codes = [unit["code"] for unit in (await town.get("citra", "organisation", "/v1/units")).json()["items"]]
    assert "baru" not in codes
    path = f"/v1/imports/{sent['import_id']}"
    answers = await asyncio.gather(*(memory.apis.post(ADMIN, "organisation", f"{path}:confirm") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert {(answer.json()["status"], answer.json()["changes"]) for answer in answers} == {("confirmed", 1)}
    assert (await memory.apis.get(ADMIN, "organisation", path)).json()["status"] == "confirmed"
    units = (await town.get("citra", "organisation", "/v1/units")).json()["items"]
    assert [unit["history"][0]["name"] for unit in units if unit["code"] == "baru"] == ["Unit Baru"]


async def test_the_same_sheet_again_changes_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    assert (await town.load("employees", f"{HEADING}\n{row('ani')}\n"))["changes"] == 0


async def test_two_rows_of_one_person_are_one_change_that_tells_both(memory: Platform) -> None:
    town = await open_town(memory)
    later = [row("ani", since="2026-10-01"), row("ani", since="2026-09-03", unit_code="lain")]
    assert (await town.load("employees", "\n".join([HEADING, *later])))["changes"] == 1
    await memory.settle()
    units = []
    for day in (date(2026, 9, 2), date(2026, 9, 3), date(2026, 10, 1)):
        town.at(day)
        units.append((await town.get("ani", "requests", "/v1/me")).json()["unit_id"])
    assert units[0] == units[2] != units[1]


async def test_two_sheets_for_the_same_new_person_make_one(memory: Platform) -> None:
    town = await open_town(memory)
    new = row("ani", nip=NEW_NIP, subject="subject-of-indra")
    sent = [(await town.send("employees", f"{HEADING}\n{new}\n")).json()["import_id"] for _ in range(2)]
    answers = await asyncio.gather(*(memory.apis.post(ADMIN, "organisation", f"/v1/imports/{i}:confirm") for i in sent))
    assert sorted(answer.status_code for answer in answers) == [200, 200]
    assert sorted(answer.json()["changes"] for answer in answers) == [0, 1]


async def test_a_sheet_that_is_not_text_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    for content, kind, status, rule in (
        (b"\xff\xff", "text/csv", 422, "not-utf-8"),
        (b"{}", "application/json", 415, "media-type"),
    ):
        answer = await post(town, "/v1/imports?kind=units", content, kind)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule)


async def test_a_name_and_a_nip_are_for_those_who_may_know_them(memory: Platform) -> None:
    town = await open_town(memory)
    seen = {}
    for name in ("citra", "budi", "ani"):
        page = (await town.get(name, "organisation", "/v1/employees")).json()
        seen[name] = {item["name"] for item in page["items"]}
    assert seen["ani"] == {"Ani"}
    assert seen["budi"] == {"Budi", "Ani", "Dedi", "Citra", "Farah", "Gilang"}
    assert len(seen["citra"]) == 8


async def test_a_nip_and_a_name_stay_in_their_service(memory: Platform) -> None:
    """Not on the bus, and not in another service's database."""
    await open_town(memory)
    assert memory.bus
    sent = b"".join(record.value or b"" for at in memory.bus.partitions.values() for record in at)
    assert all(nip.encode() not in sent for nip in NIPS.values())
    assert b"Ani" not in sent
    for name in ("requests", "approvals", "performance", "savings"):
        db = memory.databases[name]
        for collection in await db.list_collection_names():
            async for document in db[collection].find({}):
                assert not any(nip in str(document) for nip in NIPS.values()), (name, collection)


async def test_only_savings_learns_how_somebody_comes_to_work(memory: Platform) -> None:
    await open_town(memory)
    for name in ("requests", "approvals", "performance", "savings"):
        db = memory.databases[name]
        surveyed = {"history.commute": {"$exists": True}}
        found = [each for each in await db.list_collection_names() if await db[each].find_one(surveyed)]
        assert bool(found) == (name == "savings"), name


async def event(db: Database, aggregate: str) -> dict[str, Any]:
    """The newest event of an aggregate, as published."""
    (commit,) = await db.commits.find({"aggregate": aggregate}).sort("n", -1).limit(1).to_list()
    return dict(json.loads(commit["events"][-1]["data"]))


async def test_units_sit_in_zones_of_buildings_and_belong_to_units(memory: Platform) -> None:
    town = await open_town(memory)
    zones = "".join(f"gedung-a,Gedung A,900,1.2,P-1/TR,lantai-{n},120.5,{SINCE}\n" for n in (1, 2))
    assert (await town.load("buildings", BUILDINGS + zones))["changes"] == 1
    heading = (
        "unit_code,name,kind,parent_code,building_code,zone,meal_allowance_by_attendance,public_facing,effective_from"
    )
    sheet = f"{heading}\nbkd,Badan Kepegawaian Daerah,,,gedung-a,lantai-2,ya,tidak,{SINCE}\n"
    sheet += f"loket,Loket,org_unit,bkd,gedung-a,lantai-1,,ya,{SINCE}\n"
    assert (await town.load("units", sheet))["changes"] == 2
    units = {unit["code"]: unit for unit in (await town.get("ani", "organisation", "/v1/units")).json()["items"]}
    (building,) = (await town.get("ani", "organisation", "/v1/buildings")).json()["items"]
    assert (building["code"], building["history"][0]["base_watt_hours"]) == ("gedung-a", 900_000)
    assert [zone["load_watt_hours"] for zone in building["history"][0]["zones"]] == [120_500, 120_500]
    (loket,) = units["loket"]["history"]
    assert (loket["parent_id"], loket["kind"]) == (units["bkd"]["unit_id"], "org_unit")
    assert loket["seat"] == {"building_id": building["building_id"], "zone": "lantai-1"}
    assert await rules(town, "units", f"{heading}\nbkd,BKD,,loket,,,,,{SINCE}\n") == [
        (2, "parent_code", "parent-circle")
    ]


async def test_a_reason_is_kept_as_text_and_the_same_sheet_again_changes_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    db = memory.databases["organisation"]
    sheet = POSITIONS + f"analis,ya,tidak,{NIPS['budi']},2025-01-02,Sasaran kinerjanya terukur.,{SINCE}\n"
    assert (await town.load("positions", sheet))["changes"] == 1
    id_ = (await db.codes.find_one({"_id": "pos:analis"}) or {})["id"]
    (terms,) = (await event(db, id_))["history"]
    assert (terms["assessed_by"], terms["assessed_on"]) == (town.ids["budi"], "2025-01-02")
    text = await db.texts.find_one({"_id": terms["reason_text_id"]})
    assert text
    assert text["text"] == "Sasaran kinerjanya terukur."
    assert (await town.load("positions", sheet))["changes"] == 0
    assert await db.texts.count_documents({}) == 1
    await memory.settle()
    assert memory.bus
    sent = b"".join(record.value or b"" for at in memory.bus.partitions.values() for record in at)
    assert b"terukur" not in sent


async def test_a_position_that_nobody_has_assessed_does_not_qualify(memory: Platform) -> None:
    town = await open_town(memory)
    assert (await town.load("positions", POSITIONS + f"arsiparis,,,,,,{SINCE}\n"))["changes"] == 1
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-09-01', position_code='arsiparis')}\n")
    await memory.settle()
    answer = await town.ask("ani", [date(2026, 9, 7)])
    assert [error["rule"] for error in answer.json()["errors"]] == ["position-not-assessed"]
    positions = (await town.get("ani", "organisation", "/v1/positions")).json()["items"]
    assert {position["code"]: len(position["history"]) for position in positions}["arsiparis"] == 0


async def test_a_mandate_is_loaded_extended_and_ended(memory: Platform) -> None:
    town = await open_town(memory)

    def mandate(begins: str, ends: str) -> str:
        return f"SP-12/2026,plt,{NIPS['budi']},{NIPS['dedi']},{begins},{ends}\n"

    await town.load("acting", ACTING + mandate("2026-09-01", "2026-11-30"))
    await town.load("acting", ACTING + mandate("2026-12-01", "2027-02-28"))
    report = (await town.send("acting", ACTING + mandate("2027-03-01", "2027-03-31"))).json()
    (problem,) = report["problems"]
    assert (problem["row"], problem["column"], problem["rule"]) == (2, "ends_on", "plt-too-long-in-all")
    assert (problem["value"], problem["source"]) == (6, "UU 30/2014 Ps. 14; SE BKN 1/SE/I/2021")
    asked = await town.submit("ani", [date(2026, 9, 7)])
    await memory.settle()
    await town.approve("dedi", asked)
    await town.load("acting", ACTING + mandate("2026-09-02", "2026-09-01"))
    (shown,) = (await town.get("ani", "organisation", "/v1/acting-assignments")).json()["items"]
    assert (shown["code"], len(shown["history"])) == ("SP-12/2026", 3)


async def test_a_grade_is_recorded_by_its_group(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING},grade\n{row('ani')},III/a\n")
    (terms,) = (await event(memory.databases["organisation"], town.ids["ani"]))["history"]
    assert terms["grade"] == "III"


async def test_a_sheet_is_loaded_by_its_own_headings(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = f"Kode;Nama Unit;TMT;Catatan\nbaru;Unit Baru;{SINCE};x\n".encode()
    path = "/v1/imports?kind=units&columns=unit_code:Kode&columns=name:Nama Unit&columns=effective_from:TMT"
    report = (await post(town, path, sheet)).json()
    assert [(problem["column"], problem["rule"]) for problem in report["problems"]] == [("Catatan", "column-unknown")]
    assert (await post(town, f"{path}&ignore_unknown=true", sheet)).json()["status"] == "valid"


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ("columns=colour:Warna", "column-not-ours"),
        ("columns=name:A&columns=name:B", "column-called-twice"),
        ("columns=name:A&columns=unit_code:A", "column-called-twice"),
        ("columns=nama", "field-invalid"),
    ],
)
async def test_headings_that_cannot_be_meant_are_refused(columns: str, rule: str, memory: Platform) -> None:
    town = await open_town(memory)
    answer = await post(town, f"/v1/imports?kind=units&{columns}", b"a\n")
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, rule)


async def test_the_same_sheet_with_its_key_is_one_import_and_another_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    key = {"Idempotency-Key": "the-same"}
    sheet = f"unit_code,name,effective_from\nbaru,Unit Baru,{SINCE}\n".encode()
    answers = await asyncio.gather(*(post(town, "/v1/imports?kind=units", sheet, **key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["import_id"] for answer in answers}) == 1
    assert await memory.databases["organisation"].staged_rows.count_documents({}) == 1
    for path, content in (("/v1/imports?kind=units", sheet + b"x"), ("/v1/imports?kind=positions", sheet)):
        answer = await post(town, path, content, **key)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "idempotency-key-reused")


async def test_a_sheet_may_be_confirmed_once_what_it_lacked_is_known(memory: Platform) -> None:
    town = await open_town(memory)
    moved = row("ani", since="2026-09-03", unit_code="baru")
    sent = (await town.send("employees", f"{HEADING}\n{moved}\n")).json()
    assert sent["status"] == "invalid"
    await town.load("units", f"unit_code,name,effective_from\nbaru,Unit Baru,{SINCE}\n")
    confirmed = await post(town, f"/v1/imports/{sent['import_id']}:confirm")
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")


async def test_staged_rows_go_when_a_sheet_is_confirmed_and_soon_in_any_case(memory: Platform) -> None:
    town = await open_town(memory)
    db = memory.databases["organisation"]
    assert await db.staged_rows.count_documents({}) == 0
    await town.send("employees", f"{HEADING}\n{row('ani', since='2026-09-03')}\n")
    await town.send("employees", f"{HEADING}\n{row('ani', since='2026-09-03')}\n{row('dedi', nip='12')}\n")
    left = [one async for one in db.staged_rows.find({})]
    assert len(left) == 1, "what can never be confirmed is not kept"
    week = left[0]["expires_at"] - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < week <= timedelta(days=7)
    for collection in ("staged_rows", "imports"):
        indexes = (await db[collection].index_information()).values()
        assert [index["expireAfterSeconds"] for index in indexes if "expireAfterSeconds" in index] == [0]


async def test_a_sheet_that_has_lain_too_long_is_not_there_any_more(memory: Platform) -> None:
    town = await open_town(memory)
    sent = (await town.send("units", f"unit_code,name,effective_from\nbaru,Unit Baru,{SINCE}\n")).json()
    past = {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    await memory.databases["organisation"].imports.update_one({"_id": sent["import_id"]}, past)
    assert (await post(town, f"/v1/imports/{sent['import_id']}:confirm")).status_code == 404


async def test_a_workbook_is_loaded_as_a_spreadsheet_keeps_it(memory: Platform) -> None:
    town = await open_town(memory)
    heading = ["nip", "name", "subject", "unit_code", "position_code", "round_trip_km", "vehicle", "effective_from"]
    good = [NEW_NIP, "Indra", "subject-of-indra", "bkd", "analis", 18.4, "car", date(2026, 9, 1)]
    bad = [199001012015031010, "=B2", "s", "bkd", "analis", None, None, date(2026, 9, 1)]
    path = "/v1/imports?kind=employees"
    report = (await post(town, path, workbook(heading, good, bad), XLSX)).json()
    found = [(problem["row"], problem["column"], problem["rule"]) for problem in report["problems"]]
    assert found == [(3, "name", "formula"), (3, "nip", "digits-lost")]
    report = (await post(town, path, workbook(heading, good), XLSX)).json()
    assert (report["status"], report["rows"]) == ("valid", 1)
    confirmed = (await post(town, f"/v1/imports/{report['import_id']}:confirm")).json()
    assert confirmed["changes"] == 1
    page = (await town.get("citra", "organisation", "/v1/employees")).json()["items"]
    (indra,) = [one for one in page if one["name"] == "Indra"]
    assert (indra["nip"], indra["history"][0]["commute"]["round_trip_km"]) == (NEW_NIP, "18.4")
    broken = (await post(town, path, b"PK not a workbook", XLSX)).json()
    assert [(problem["row"], problem["rule"]) for problem in broken["problems"]] == [(1, "not-xlsx")]


async def test_a_problem_is_told_in_the_readers_language(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = f"{BUILDINGS}g,G,1.2345,1,P-1/TR,lantai-1,1,{SINCE}\ng,G,1,1,P-1/TR,lantai-1,1,besok\n".encode()
    told = {}
    for language in ("id", "en"):
        answer = await post(town, "/v1/imports?kind=buildings", sheet, **{"Accept-Language": language})
        told[language] = [problem["detail"] for problem in answer.json()["problems"]]
    assert told["id"] == [
        "Isian base_kwh tidak sah: terlalu banyak angka desimal: paling banyak 3.",
        "Isian effective_from tidak sah: harus tanggal TTTT-BB-HH.",
    ]
    assert told["en"][1] == "The field effective_from is not valid: a date is written YYYY-MM-DD, or DD/MM/YYYY."


async def test_two_sheets_that_make_a_circle_together_are_not_both_taken(memory: Platform) -> None:
    town = await open_town(memory)
    heading = "unit_code,name,parent_code,effective_from"
    sheets = (f"bkd,BKD,lain,{SINCE}", f"lain,Lain,bkd,{SINCE}")
    sent = [(await town.send("units", f"{heading}\n{sheet}\n")).json() for sheet in sheets]
    assert [report["status"] for report in sent] == ["valid", "valid"]
    answers = await asyncio.gather(*(post(town, f"/v1/imports/{one['import_id']}:confirm") for one in sent))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
