"""One bad row stops nobody: it is set aside alone, the others are taken, the next sheet has its turn, and there is a
way out for a human."""

from typing import Any

import pytest

from services.organisation.import_ import jobs as takeover
from services.organisation.import_ import queries as staging
from shared.kit.base import generations
from shared.kit.base.mongo import Database
from tests.harness.platform import Platform
from tests.harness.town import SINCE, Town, open_town

UNITS = "unit_code,name,effective_from\n"
ADMIN = "administrator"


@pytest.fixture
async def town(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town in which a sheet of five rows is large, and taken over four rows at a time."""
    opened = await open_town(memory)
    monkeypatch.setattr(takeover, "AT_ONCE_MAX", 4)
    monkeypatch.setattr(staging, "CHUNK", 4)
    return opened


async def confirm(town: Town, rows: int = 11, prefix: str = "u") -> str:
    """A large sheet is confirmed. Returns its path."""
    sheet = UNITS + "".join(f"{prefix}-{n:02},Unit {n},{SINCE}\n" for n in range(rows))
    report = (await town.send("units", sheet)).json()
    assert report["status"] == "valid", report["problems"]
    path = f"/v1/imports/{report['import_id']}"
    answer = await town.platform.apis.post(ADMIN, "organisation", f"{path}:confirm")
    assert answer.status_code == 202
    return path


async def shown(town: Town, path: str) -> dict[str, Any]:
    return dict((await town.platform.apis.get(ADMIN, "organisation", path)).json())


async def go_on(town: Town) -> None:
    its = town.platform.settings["organisation"]
    await takeover.go_on(town.platform.databases["organisation"], generations.FIRST, its.clock())


async def poison(db: Database, path: str, code: str) -> None:
    """A row that no check has seen comes to lie among the checked ones."""
    where = {"import_id": path.rpartition("/")[2], "code": code}
    changed = {"$set": {"cells.time_zone": "EST5EDT"}}
    assert (await db.staged_rows.update_one(where, changed)).modified_count == 1


async def checked(db: Database, path: str) -> None:
    """The worker has checked the sheet, and has been ended before it took a row."""
    changed = {"$set": {"checked": True}}
    await db.imports.update_one({"_id": path.rpartition("/")[2]}, changed)


async def test_a_row_that_fails_is_set_aside_and_the_others_are_taken(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    path = await confirm(town)
    await poison(db, path, "u-05")
    await checked(db, path)
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["changes"]) == ("incomplete", 10, 10)
    assert [(problem["row"], problem["rule"]) for problem in report["problems"]] == [(7, "row-failed")]
    (letter,) = await db.dead_letters.find({"consumer": takeover.JOB}).to_list()
    assert letter["about"].startswith(path.rpartition("/")[2])
    assert "time_zone" in letter["reason"]
    assert "EST5EDT" not in letter["reason"], "what is in a cell may name somebody"
    assert (await town.load("units", f"{UNITS}lain-lagi,Lain,{SINCE}\n"))["changes"] == 1, "the next has its turn"


async def test_what_was_set_aside_is_taken_once_its_reason_is_mended(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    path = await confirm(town)
    await poison(db, path, "u-05")
    await checked(db, path)
    await go_on(town)
    where = {"import_id": path.rpartition("/")[2]}
    assert await db.staged_rows.count_documents(where) == 1
    await memory.apis.post(ADMIN, "organisation", f"{path}:confirm")
    await go_on(town)
    assert (await shown(town, path))["status"] == "incomplete", "still the same"
    await db.staged_rows.update_one(where, {"$unset": {"cells.time_zone": ""}})
    again = await memory.apis.post(ADMIN, "organisation", f"{path}:confirm")
    assert again.status_code == 202
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["problems"]) == ("confirmed", 11, [])
    assert await db.dead_letters.count_documents({"consumer": takeover.JOB, "status": "open"}) == 0


async def test_what_an_operator_retries_is_taken_up_again(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    path = await confirm(town)
    await poison(db, path, "u-05")
    await checked(db, path)
    await go_on(town)
    await go_on(town)
    assert (await shown(town, path))["status"] == "incomplete", "not by itself"
    await db.staged_rows.update_one({"import_id": path.rpartition("/")[2]}, {"$unset": {"cells.time_zone": ""}})
    await db.dead_letters.update_one({"consumer": takeover.JOB}, {"$set": {"status": "handled"}})
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["problems"]) == ("confirmed", 11, [])


async def test_dropping_one_sheet_does_not_give_the_turn_of_another(memory: Platform, town: Town) -> None:
    waiting = (await town.send("units", f"{UNITS}a,A,{SINCE}\n")).json()
    other = (await town.send("units", f"{UNITS}b,B,{SINCE}\n")).json()
    path = await confirm(town)
    dropped = await memory.apis.post(ADMIN, "organisation", f"/v1/imports/{waiting['import_id']}:drop")
    assert dropped.status_code == 200
    refused = await memory.apis.post(ADMIN, "organisation", f"/v1/imports/{other['import_id']}:confirm")
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "another-sheet")
    await go_on(town)
    assert (await shown(town, path))["status"] == "confirmed"


async def test_what_was_set_aside_and_forgotten_since_is_not_confirmed(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    path = await confirm(town)
    await poison(db, path, "u-05")
    await checked(db, path)
    await go_on(town)
    await db.staged_rows.delete_many({})
    await memory.apis.post(ADMIN, "organisation", f"{path}:confirm")
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"]) == ("dropped", 10)


async def test_a_poisoned_row_is_found_by_the_check_before_any_row_is_taken(memory: Platform, town: Town) -> None:
    path = await confirm(town)
    await poison(memory.databases["organisation"], path, "u-05")
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"]) == ("invalid", 0)
    assert [(problem["row"], problem["rule"]) for problem in report["problems"]] == [(7, "row-unfit")]


async def test_a_sheet_that_cannot_be_gone_on_with_ends_and_the_next_is_taken(
    memory: Platform, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await confirm(town)
    check = staging.check

    async def fails(*_: Any) -> Any:
        raise KeyError("a defect")

    monkeypatch.setattr(staging, "check", fails)
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"]) == ("invalid", 0)
    assert [problem["rule"] for problem in report["problems"]] == ["sheet-failed"]
    monkeypatch.setattr(staging, "check", check)
    other = await confirm(town, prefix="v")
    await go_on(town)
    assert (await shown(town, other))["status"] == "confirmed"
    assert (await memory.apis.post(ADMIN, "organisation", f"{path}:confirm")).status_code == 202
    await go_on(town)
    assert (await shown(town, path))["status"] == "confirmed", "newer code takes it"


async def test_a_sheet_is_dropped_from_every_state_but_confirmed(memory: Platform, town: Town) -> None:
    db = memory.databases["organisation"]
    paths = {}
    for status, sheet in (("valid", f"{UNITS}a,A,{SINCE}\n"), ("invalid", f"{UNITS}a,A,{SINCE}\na,B,{SINCE}\n")):
        report = (await town.send("units", sheet)).json()
        assert report["status"] == status
        paths[status] = f"/v1/imports/{report['import_id']}"
    paths["confirming"] = await confirm(town)
    for status, path in paths.items():
        for _ in range(2):
            dropped = await memory.apis.post(ADMIN, "organisation", f"{path}:drop")
            assert (dropped.status_code, dropped.json()["status"]) == (200, "dropped"), status
        assert await db.staged_rows.count_documents({"import_id": path.rpartition("/")[2]}) == 0
        refused = await memory.apis.post(ADMIN, "organisation", f"{path}:confirm")
        assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "import-dropped")
    await go_on(town)
    other = await confirm(town, prefix="w")
    await go_on(town)
    assert (await shown(town, other))["status"] == "confirmed"
    refused = await memory.apis.post(ADMIN, "organisation", f"{other}:drop")
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "import-confirmed")
    assert (await town.post("ani", "organisation", f"{other}:drop")).status_code == 403


async def test_a_large_sheet_whose_poison_was_injected_lets_the_worker_live(memory: Platform) -> None:
    """At its true size: 2,501 rows, of which the last is the one."""
    town = await open_town(memory)
    db = memory.databases["organisation"]
    path = await confirm(town, rows=2_501, prefix="besar")
    await poison(db, path, "besar-2500")
    await checked(db, path)
    await go_on(town)
    report = await shown(town, path)
    assert (report["status"], report["taken"], report["rows"]) == ("incomplete", 2_500, 2_501)
    assert (await town.load("units", f"{UNITS}lain-lagi,Lain,{SINCE}\n"))["changes"] == 1


async def test_a_sheet_without_rows_is_confirmed_and_changes_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    for kind, heading in (("acting", "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"), ("units", UNITS)):
        report = await town.load(kind, heading)
        assert (report["status"], report["rows"], report["changes"]) == ("confirmed", 0, 0)
