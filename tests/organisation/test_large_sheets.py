"""A sheet too large for one transaction is taken over in many, all rows or none, whatever comes between."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from pymongo.errors import ConnectionFailure

from services.organisation.import_ import jobs as takeover
from services.organisation.import_ import queries as staging
from shared.kit.base import generations
from shared.kit.base.mongo import Database
from tests.harness.platform import Platform
from tests.harness.town import HEADING, SINCE, Town, open_town, row

UNITS = "unit_code,name,parent_code,effective_from\n"
ROWS = "".join(f"unit-{n},Unit {n},unit-{(n + 1) % 7 or 'x'},{SINCE}\n" for n in range(7)).replace("unit-x", "")
"""Seven units, each a part of the next, which stands in a later chunk; the last is part of none."""


@pytest.fixture
async def town(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town in which a sheet of five rows is large, and taken over two rows at a time."""
    opened = await open_town(memory)
    monkeypatch.setattr(takeover, "AT_ONCE_MAX", 4)
    monkeypatch.setattr(staging, "CHUNK", 2)
    return opened


async def confirm(town: Town, kind: str, sheet: str) -> tuple[str, httpx.Response]:
    report = (await town.send(kind, sheet)).json()
    path = f"/v1/imports/{report['import_id']}"
    return path, await town.platform.apis.post("administrator", "organisation", f"{path}:confirm")


async def shown(town: Town, path: str) -> dict[str, Any]:
    return dict((await town.platform.apis.get("administrator", "organisation", path)).json())


async def go_on(town: Town) -> None:
    """The worker does what is due."""
    its = town.platform.settings["organisation"]
    await takeover.go_on(town.platform.databases["organisation"], generations.FIRST, its.clock())


async def units(db: Database) -> set[str]:
    return {code["_id"] async for code in db.codes.find({"_id": {"$regex": "^unit:unit-"}})}


def fail_at(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker loses its database in the midst of a chunk, once."""
    take, calls = takeover._take, 0

    async def failing(*how: Any) -> int:
        nonlocal calls
        calls += 1
        done = await take(*how)
        if calls == chunk:
            raise ConnectionFailure("gone")
        return done

    monkeypatch.setattr(takeover, "_take", failing)


async def test_a_large_sheet_is_taken_over_by_the_worker_and_tells_how_far_it_is(
    memory: Platform, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = memory.databases["organisation"]
    path, answer = await confirm(town, "units", UNITS + ROWS)
    assert (answer.status_code, answer.json()["status"], answer.json()["taken"]) == (202, "confirming", 0)
    assert await units(db) == set()
    fail_at(2, monkeypatch)
    with pytest.raises(ConnectionFailure):
        await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["rows"], report["changes"]) == ("confirming", 2, 7, 2)
    assert len(await units(db)) == 2, "a chunk that failed has left nothing"
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["changes"]) == ("confirmed", 7, 7)
    assert await db.staged_rows.count_documents({}) == 0
    listed = (await town.get("ani", "organisation", "/v1/units")).json()["items"]
    ids = {unit["code"]: unit["unit_id"] for unit in listed}
    parents = {unit["code"]: unit["history"][0]["parent_id"] for unit in listed if unit["code"].startswith("unit-")}
    assert parents == {f"unit-{n}": ids.get(f"unit-{n + 1}") for n in range(7)}
    await memory.settle()


async def test_two_workers_take_over_each_row_once(memory: Platform, town: Town) -> None:
    path, _ = await confirm(town, "units", UNITS + ROWS)
    await asyncio.gather(*(go_on(town) for _ in range(3)))
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["changes"]) == ("confirmed", 7, 7)
    assert await memory.databases["organisation"].commits.count_documents({"cause": path.rpartition("/")[2]}) == 7


async def test_nothing_else_is_changed_while_a_large_sheet_is_taken_over(memory: Platform, town: Town) -> None:
    await town.load("employees", f"{HEADING},active\n{row('dedi', since='2026-09-03')},tidak\n")
    path, _ = await confirm(town, "units", UNITS + ROWS)
    other, refused = await confirm(town, "units", f"unit_code,name,effective_from\nlain,Lain Lagi,{SINCE}\n")
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "another-sheet")
    town.at(date(2026, 9, 4))
    erase = f"/v1/employees/{town.ids['dedi']}:erase-personal-data"
    refused = await town.post("citra", "organisation", erase, {"reason": "Uji."}, seen=2)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "another-sheet")
    again = await memory.apis.post("administrator", "organisation", f"{path}:confirm")
    assert (again.status_code, again.json()["status"]) == (202, "confirming")
    await go_on(town)
    for done in (path, other):
        answer = await memory.apis.post("administrator", "organisation", f"{done}:confirm")
        assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")


async def test_a_large_sheet_that_does_not_fit_any_more_is_not_taken_at_all(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    report = (await town.send("units", UNITS + ROWS)).json()
    assert report["status"] == "valid"
    heading = "unit_code,name,parent_code,effective_from\n"
    await town.load(
        "units", f"{heading}unit-6,Unit 6,,{SINCE}\nunit-0,Unit 0,,{SINCE}\nunit-6,Unit 6,unit-0,2026-01-01\n"
    )
    commits = await db.commits.count_documents({})
    path = f"/v1/imports/{report['import_id']}"
    assert (await memory.apis.post("administrator", "organisation", f"{path}:confirm")).status_code == 202
    await go_on(town)
    refused = await shown(town, path)
    assert (refused["status"], refused["taken"]) == ("invalid", 0)
    assert {problem["rule"] for problem in refused["problems"]} == {"parent-circle"}
    assert await db.commits.count_documents({}) == commits
    assert (await town.load("units", f"{heading}unit-6,Unit 6,,2026-01-01\n"))["changes"] == 1, "the turn is free"
    assert (await memory.apis.post("administrator", "organisation", f"{path}:confirm")).status_code == 202
    await go_on(town)
    assert (await shown(town, path))["status"] == "confirmed"


async def test_a_large_sheet_whose_rows_were_forgotten_is_dropped_whole(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    path, _ = await confirm(town, "units", UNITS + ROWS)
    await db.staged_rows.delete_one({})
    await go_on(town)
    assert (await shown(town, path))["status"] == "dropped"
    assert await units(db) == set()


async def test_people_of_a_large_sheet_know_superiors_who_come_later(memory: Platform, town: Town) -> None:

    def nip(number: int) -> str:
        return f"19900101201503{'1' if number else '2'}{number:03}"

    rows = [row("ani", nip=nip(n), subject=f"s-{n}", superior_nip=nip(n + 1) if n < 5 else "") for n in range(6)]
    path, _ = await confirm(town, "employees", "\n".join([HEADING, *rows]) + "\n")
    await go_on(town)
    assert (await shown(town, path))["status"] == "confirmed"
    found = (await town.get("citra", "organisation", "/v1/employees")).json()["items"]
    ids = {one["nip"]: one["employee_id"] for one in found}
    by_nip = {one["nip"]: one["history"][0]["superior_id"] for one in found}
    assert [by_nip[nip(n)] for n in range(6)] == [*(ids[nip(n + 1)] for n in range(5)), None]
