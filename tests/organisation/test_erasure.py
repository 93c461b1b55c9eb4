"""Somebody's name, NIP and texts are erased when they are no longer employed, and what they did stays."""

import asyncio
import json
from datetime import date
from typing import Any

import httpx

from shared.kit.base.mongo import Database
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, Town, open_town, row

LEFT = date(2026, 9, 3)
MONDAY = date(2026, 9, 7)
REASON = {"reason": "Permohonan yang bersangkutan, surat 12/2026."}


async def leave(town: Town, name: str) -> None:
    """Somebody is no longer employed from Thursday on, and it is Friday."""
    await town.load("employees", f"{HEADING},active\n{row(name, since=str(LEFT))},tidak\n")
    await town.platform.settle()
    town.at(date(2026, 9, 4))


async def erase(town: Town, name: str, *, by: str = "citra", seen: int | None = None, **how: Any) -> httpx.Response:
    path = f"/v1/employees/{town.ids[name]}"
    if seen is None:
        seen = (await town.get("citra", "organisation", path)).json()["version"]
    return await town.post(by, "organisation", f"{path}:erase-personal-data", REASON, seen=seen, **how)


async def everything(db: Database) -> str:
    """Whatever a database holds, as text."""
    names = await db.list_collection_names()
    return "\n".join([str(document) for name in names async for document in db[name].find({})])


async def test_whoever_is_employed_is_not_erased(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await erase(town, "dedi")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["rule"], error["source"]) == (409, "still-employed", "UU 27/2022")
    assert "2026-09-02" in error["detail"]
    assert NIPS["dedi"] in await everything(memory.databases["organisation"])


async def test_nothing_in_any_service_leads_to_somebody_who_was_erased(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("dedi", [MONDAY], reason="Alasan Dedi sendiri.")
    await memory.settle()
    await leave(town, "dedi")
    erased = await erase(town, "dedi")
    assert (erased.status_code, erased.json()["name"], erased.json()["nip"]) == (200, "[dihapus]", "[dihapus]")
    await memory.settle()
    for db in memory.databases.values():
        held = await everything(db)
        assert NIPS["dedi"] not in held
        assert "Alasan Dedi" not in held
    found = (await town.get("citra", "organisation", "/v1/employees")).json()["items"]
    assert {one["employee_id"]: one["name"] for one in found}[town.ids["dedi"]] == "[dihapus]"
    shown = (await town.get("citra", "requests", f"/v1/requests/{asked['request_id']}")).json()
    assert (shown["employee_id"], shown["reason"]) == (town.ids["dedi"], "[dihapus]")
    known = await memory.databases["organisation"].employees.find_one({"_id": town.ids["dedi"]})
    assert known
    assert known["identity"]["sub"] == town.ids["dedi"], "no token speaks for them"


async def test_nothing_that_is_made_again_from_a_log_leads_to_an_account(memory: Platform) -> None:
    """Neither the log nor what is sent again from it; and what was saved stays what it was."""
    town = await open_town(memory)
    await town.play_to_verified("dedi", MONDAY)
    before = await town.day("dedi", MONDAY)
    left = f"{HEADING},active\n{row('dedi', since='2026-09-08')},tidak\n"
    await town.load("employees", left)
    await memory.settle()
    assert "subject-of-dedi" in await everything(memory.databases["organisation"])
    log = memory.databases["organisation"].commits
    numbers = await numbered(log, town.ids["dedi"])
    assert (await erase(town, "dedi")).status_code == 200
    await memory.settle()
    for name, db in memory.databases.items():
        assert "subject-of-dedi" not in await everything(db), name
    assert (await numbered(log, town.ids["dedi"]))[: len(numbers)] == numbers != [], "what goes out again is the same"
    assert await log.count_documents({"aggregate": town.ids["dedi"]}) == 3, "no commit goes"
    await log.update_many({}, {"$set": {"sent": False}})
    await memory.settle()
    for name, db in memory.databases.items():
        assert "subject-of-dedi" not in await everything(db), name
    shown = (await town.get("citra", "organisation", f"/v1/employees/{town.ids['dedi']}")).json()
    assert {(terms["commute"], terms["grade"]) for terms in shown["history"]} == {(None, None)}
    after = (await town.get("citra", "savings", f"/v1/days/{town.ids['dedi']}/{MONDAY}")).json()
    assert after["entries"] == before["entries"] != []


async def test_an_erasure_is_published_with_its_reason_kept(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    await erase(town, "dedi")
    db = memory.databases["organisation"]
    (commit,) = await db.commits.find({"events.type": "mkd.organisation.person-erased.v1"}).to_list()
    told = json.loads(commit["events"][0]["data"])
    assert (told["employee_id"], told["erasure_id"]) == (town.ids["dedi"], commit["aggregate"])
    text = await db.texts.find_one({"_id": told["reason_text_id"]})
    assert text
    assert text["text"] == REASON["reason"]


async def test_erasing_again_is_harmless(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    key = {"Idempotency-Key": "the-same"}
    answers = await asyncio.gather(*(erase(town, "dedi", seen=2, headers=key) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.headers["etag"] for answer in answers} == {'"3"'}
    again = await erase(town, "dedi")
    assert (again.status_code, again.json()["version"], again.json()["name"]) == (200, 3, "[dihapus]")
    told = await memory.databases["organisation"].erasures.count_documents({"employee_id": town.ids["dedi"]})
    assert told == 2, "once for each command"
    await memory.settle()


async def test_an_erasure_names_the_version_that_was_seen(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    answer = await erase(town, "dedi", seen=1)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (412, "version-changed")
    assert await memory.databases["organisation"].people.find_one({"nip": NIPS["dedi"]})


async def test_erasing_is_for_the_personnel_agency(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    for name in ("ani", "budi", "hana"):
        answer = await erase(town, "dedi", by=name)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (403, "role-missing")
    path = "/v1/employees/emp-nobody:erase-personal-data"
    assert (await town.post("citra", "organisation", path, REASON, seen=1)).status_code == 404


async def test_a_sheet_that_waits_and_names_somebody_who_was_erased_is_dropped(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    names_dedi = (await town.send("employees", f"{HEADING}\n{row('dedi', since='2026-12-01')}\n{row('ani')}\n")).json()
    other = (await town.send("employees", f"{HEADING}\n{row('ani', since='2026-12-01')}\n")).json()
    await erase(town, "dedi")
    db = memory.databases["organisation"]
    assert {one["import_id"] async for one in db.staged_rows.find({})} == {other["import_id"]}
    for report, status in ((names_dedi, 409), (other, 200)):
        path = f"/v1/imports/{report['import_id']}"
        confirmed = await memory.apis.post("administrator", "organisation", f"{path}:confirm")
        assert confirmed.status_code == status
    dropped = (await memory.apis.get("administrator", "organisation", f"/v1/imports/{names_dedi['import_id']}")).json()
    assert dropped["status"] == "dropped"


async def test_whoever_comes_back_is_somebody_new(memory: Platform) -> None:
    town = await open_town(memory)
    await leave(town, "dedi")
    await erase(town, "dedi")
    assert (await town.load("employees", f"{HEADING}\n{row('dedi', since='2026-09-04')}\n"))["changes"] == 1
    me = (await town.get("dedi", "organisation", "/v1/me")).json()
    assert me["employee_id"] != town.ids["dedi"]


async def test_an_export_names_the_erased_by_id_and_still_changes_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    moved = [row(name, since="2026-09-02", superior_nip=NIPS["dedi"]) for name in ("ani", "farah")]
    await town.load("employees", "\n".join([HEADING, *moved]) + "\n")
    await leave(town, "dedi")
    await erase(town, "dedi")
    headers = {"Authorization": f"Bearer {memory.token('administrator')}"}
    exported = (await memory.apis.clients["organisation"].get("/v1/exports/employees", headers=headers)).text
    assert exported.count(town.ids["dedi"]) == 2
    assert NIPS["dedi"] not in exported
    assert (await town.load("employees", exported))["changes"] == 0


async def numbered(log: Any, aggregate: str) -> list[tuple[str, int]]:
    """The ids of an aggregate's events, and their numbers in what is published."""
    commits = await log.find({"aggregate": aggregate}).sort("n", 1).to_list()
    return [(event["id"], event["sequence"]) for commit in commits for event in commit["events"]]
