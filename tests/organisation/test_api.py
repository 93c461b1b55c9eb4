"""Sheets are sent, looked at and confirmed, all rows or none."""

import asyncio
from datetime import date

from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, open_town, row

ADMIN = "administrator"


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


async def test_two_rows_of_one_person_are_two_changes(memory: Platform) -> None:
    town = await open_town(memory)
    later = [row("ani", since="2026-09-03", unit_code="lain"), row("ani", since="2026-10-01")]
    assert (await town.load("employees", "\n".join([HEADING, *later])))["changes"] == 2
    await memory.settle()
    units = []
    for day in (date(2026, 9, 2), date(2026, 9, 3), date(2026, 10, 1)):
        town.at(day)
        units.append((await town.get("ani", "requests", "/v1/me")).json()["unit_id"])
    assert units[0] == units[2] != units[1]


async def test_two_sheets_for_the_same_new_person_make_one(memory: Platform) -> None:
    town = await open_town(memory)
    new = row("ani", nip="199112122015031099", subject="subject-of-indra")
    sent = [(await town.send("employees", f"{HEADING}\n{new}\n")).json()["import_id"] for _ in range(2)]
    answers = await asyncio.gather(*(memory.apis.post(ADMIN, "organisation", f"/v1/imports/{i}:confirm") for i in sent))
    assert sorted(answer.status_code for answer in answers) == [200, 200]
    assert sorted(answer.json()["changes"] for answer in answers) == [0, 1]


async def test_a_sheet_that_is_not_text_is_refused(memory: Platform) -> None:
    town = await open_town(memory)
    for content, kind, status, rule in (
        (b"\xff\xfe", "text/csv", 422, "not-utf-8"),
        (b"{}", "application/json", 415, "media-type"),
    ):
        answer = await town.platform.apis.post(
            ADMIN, "organisation", "/v1/imports?kind=units", content=content, headers={"Content-Type": kind}
        )
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
        found = await memory.databases[name].employees.find_one({"history.commute": {"$exists": True}})
        assert (found is not None) == (name == "savings")
