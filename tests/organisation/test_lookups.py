"""The reference data is looked up as it stands and as it stood, by those who may know it."""

from datetime import date
from typing import Any

from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row

ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"


async def items(town: Town, name: str, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await town.get(name, "organisation", path, **params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def unit_ids(town: Town) -> dict[str, str]:
    return {unit["code"]: unit["unit_id"] for unit in await items(town, "ani", "/v1/units")}


async def test_terms_are_shown_as_of_a_day(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = "unit_code,name,effective_from\nbkd,BKD Baru,2026-10-01\nbaru,Unit Baru,2026-10-01\n"
    await town.load("units", sheet)
    for day, names in (("2024-12-31", []), ("2026-09-30", ["Badan Kepegawaian Daerah", "Lain"])):
        found = await items(town, "ani", "/v1/units", on=day)
        assert sorted(unit["history"][0]["name"] for unit in found) == names
    found = await items(town, "ani", "/v1/units", on="2026-10-01")
    assert {unit["code"]: [terms["name"] for terms in unit["history"]] for unit in found} == {
        "bkd": ["BKD Baru"],
        "baru": ["Unit Baru"],
        "lain": ["Lain"],
    }
    positions = (
        "position_code,measurable,public_contact,effective_from\nanalis,tidak,tidak,2026-10-01\nbelum,,,2026-10-01\n"
    )
    await town.load("positions", positions)
    for day, measurable in (("2026-09-30", True), ("2026-10-01", False)):
        found = await items(town, "ani", "/v1/positions", on=day)
        assert {one["code"]: one["history"][0]["measurable"] for one in found}["analis"] is measurable
        assert "belum" not in {one["code"] for one in found}


async def test_employees_are_shown_by_unit_as_of_a_day(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    ids = await unit_ids(town)
    assert await items(town, "citra", "/v1/employees", unit_id=ids["lain"]) == []
    (ani,) = await items(town, "citra", "/v1/employees", unit_id=ids["lain"], on="2026-10-01")
    assert (ani["name"], [terms["effective_from"] for terms in ani["history"]]) == ("Ani", ["2026-10-01"])
    assert len(await items(town, "citra", "/v1/employees", unit_id=ids["bkd"])) == 8
    assert len(await items(town, "citra", "/v1/employees", unit_id=ids["bkd"], on="2026-10-01")) == 7
    assert await items(town, "citra", "/v1/employees", on="2024-12-31") == []
    town.at(date(2026, 10, 1))
    assert len(await items(town, "citra", "/v1/employees", unit_id=ids["lain"])) == 1
    assert await items(town, "dedi", "/v1/employees", unit_id=ids["lain"]) == [], "whom one does not lead is not told"


async def test_lists_are_read_page_by_page(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("positions", f"position_code,effective_from\nbelum-1,{SINCE}\nbelum-2,{SINCE}\n")
    for path, count in (("/v1/positions", 6), ("/v1/employees", 8), ("/v1/units", 2)):
        found, cursor = [], None
        while True:
            params: dict[str, str] = {"cursor": cursor} if cursor else {}
            page = (await town.get("citra", "organisation", path, limit=2, **params)).json()
            found += [item.get("code") or item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(found) == len(set(found)) == count, path


async def test_an_employee_is_shown_with_the_version_that_a_change_must_name(memory: Platform) -> None:
    town = await open_town(memory)
    path = f"/v1/employees/{town.ids['ani']}"
    shown = await town.get("ani", "organisation", path)
    assert (shown.headers["etag"], shown.json()["version"]) == ('"1"', 1)
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    assert (await town.get("ani", "organisation", path)).headers["etag"] == '"2"'


async def test_a_mandate_is_known_to_those_whom_it_concerns(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = ACTING + f"SP-1,plh,{NIPS['budi']},{NIPS['dedi']},2026-09-01,2026-09-30\n"
    await town.load("acting", sheet)
    for name, known in (("budi", 1), ("dedi", 1), ("ani", 1), ("citra", 1), ("hana", 0)):
        assert len(await items(town, name, "/v1/acting-assignments")) == known, name
    (mandate,) = await items(town, "ani", "/v1/acting-assignments", employee_id=town.ids["dedi"])
    assert await items(town, "ani", "/v1/acting-assignments", employee_id=town.ids["ani"]) == []
    called = {one["employee_id"]: one["name"] for one in mandate["people"]}
    assert called == {town.ids["budi"]: "Budi", town.ids["dedi"]: "Dedi"}
    listed = await memory.apis.get("administrator", "organisation", "/v1/acting-assignments")
    assert [mandate["code"] for mandate in listed.json()["items"]] == ["SP-1"]
