"""People, units and positions are found by what they are called, by those who may know them."""

from datetime import date
from typing import Any

import httpx
import pytest

from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row


async def look(town: Town, by: str, **body: Any) -> httpx.Response:
    return await town.post(by, "organisation", "/v1/employees:search", body)


async def names(town: Town, by: str, **body: Any) -> list[str]:
    answer = await look(town, by, **body)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def items(town: Town, path: str, **params: Any) -> list[str]:
    answer = await town.get("ani", "organisation", path, **params)
    assert answer.status_code == 200, answer.text
    return sorted(one["code"] for one in answer.json()["items"])


async def test_people_are_found_by_name_and_nip(memory: Platform) -> None:
    town = await open_town(memory)
    called = row("ani", since="2026-08-01").replace("Ani", '"Sri (Ani) Lestari, S.Kom."')
    await town.load("employees", f"{HEADING}\n{called}\n")
    everybody = ["Budi", "Citra", "Dedi", "Eka", "Farah", "Gilang", "Hana", "Sri (Ani) Lestari, S.Kom."]
    assert await names(town, "citra") == everybody
    for said in ("lestari sri", "(ani)", " S.Kom. "):
        assert await names(town, "citra", name=said) == everybody[-1:], said
    for said in ("s.kom.x", ".*", "ani$"):
        assert await names(town, "citra", name=said) == [], said
    assert await names(town, "citra", nip=NIPS["ani"]) == everybody[-1:]
    assert len(await names(town, "citra", nip="1990")) == 8
    assert await names(town, "citra", nip="1990", name="a", on="2024-12-31") == []


async def test_capitals_and_accents_make_no_difference_to_the_order_of_names(memory: Platform) -> None:
    town = await open_town(memory)
    renamed = {"hana": "dewi", "gilang": "Éka Putra", "farah": "ZAINAL"}
    rows = "\n".join(row(name, name=called) for name, called in renamed.items())
    await town.load("employees", f"{HEADING}\n{rows}\n")
    whole = ["Ani", "Budi", "Citra", "Dedi", "dewi", "Eka", "Éka Putra", "ZAINAL"]
    assert await names(town, "citra") == whole
    assert await names(town, "citra", nip=NIPS["ani"][:8]) == whole
    for body in ({}, {"nip": NIPS["ani"][:8]}):
        found: list[str] = []
        cursor: dict[str, Any] | None = {}
        while cursor is not None:
            answer = (await look(town, "citra", limit=3, **body, **cursor)).json()
            found += [one["name"] for one in answer["items"]]
            cursor = {"cursor": answer["next_cursor"]} if answer["next_cursor"] else None
        assert found == whole, body


async def test_people_are_found_by_unit_and_position(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    units = {
        one["code"]: one["unit_id"] for one in (await town.get("ani", "organisation", "/v1/units")).json()["items"]
    }
    positions = (await town.get("ani", "organisation", "/v1/positions")).json()["items"]
    (desk,) = [one["position_id"] for one in positions if one["code"] == "loket"]
    assert await names(town, "citra", unit_id=units["lain"]) == []
    assert await names(town, "citra", unit_id=units["lain"], on="2026-10-01") == ["Ani"]
    assert await names(town, "citra", position_id=desk) == ["Farah"]
    assert await names(town, "citra", position_id=desk, name="ani") == []


async def test_people_are_found_page_by_page(memory: Platform) -> None:
    town = await open_town(memory)
    found, cursor = [], None
    while True:
        page = (await look(town, "citra", limit=3, cursor=cursor)).json()
        found += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert found == sorted(found)
    assert len(set(found)) == 8
    for wrong in ("bm90LW91cnM", "WzFd"):
        assert (await look(town, "citra", cursor=wrong)).status_code == 400


async def test_nobody_finds_whom_they_may_not_see(memory: Platform) -> None:
    town = await open_town(memory)
    assert await names(town, "ani") == ["Ani"]
    assert await names(town, "budi", name="a") == ["Ani", "Citra", "Farah", "Gilang"]
    assert await names(town, "ani", nip=NIPS["budi"]) == []


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a\x00"}, {"nip": "12a"}, {"limit": 0}, {"other": 1}, {"on": "soon"}]
)
async def test_a_search_that_makes_no_sense_is_refused(wrong: dict[str, Any], memory: Platform) -> None:
    town = await open_town(memory)
    assert (await look(town, "citra", **wrong)).status_code == 422


async def test_units_are_found_by_code_name_and_parent(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = (
        f"unit_code,name,kind,parent_code,effective_from\nbkd-1,Bidang Mutasi,org_unit,bkd,{SINCE}\n"
        f"bkd-2,Bidang Lama,org_unit,bkd,{SINCE}\nbkd-2,Bidang Pengembangan,org_unit,bkd,2026-01-01\n"
    )
    await town.load("units", sheet)
    units = {
        one["code"]: one["unit_id"] for one in (await town.get("ani", "organisation", "/v1/units")).json()["items"]
    }
    assert await items(town, "/v1/units", search="bidang") == ["bkd-1", "bkd-2"]
    assert await items(town, "/v1/units", search="BKD-1") == ["bkd-1"]
    assert await items(town, "/v1/units", search="lama") == ["bkd-2"], "by a name of before as well"
    assert await items(town, "/v1/units", search=".") == []
    assert await items(town, "/v1/units", top=True) == ["bkd", "lain"]
    assert await items(town, "/v1/units", parent_id=units["bkd"]) == ["bkd-1", "bkd-2"]
    assert await items(town, "/v1/units", parent_id=units["bkd"], search="mutasi") == ["bkd-1"]
    assert await items(town, "/v1/units", parent_id=units["bkd"], top=True) == []
    assert await items(town, "/v1/units", id=[units["bkd"], units["bkd-1"], "unit-none"]) == ["bkd", "bkd-1"]
    for path in ("/v1/units", "/v1/positions"):
        assert (await town.get("ani", "organisation", path, search="a\x00")).status_code == 422
    shown = await town.get("ani", "organisation", f"/v1/units/{units['bkd-2']}")
    assert [terms["name"] for terms in shown.json()["history"]] == ["Bidang Lama", "Bidang Pengembangan"]
    assert (await town.get("ani", "organisation", "/v1/units/unit-none")).status_code == 404


async def test_a_position_is_shown_with_its_reasons_to_those_who_keep_them(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = "position_code,measurable,public_contact,reason,effective_from\n"
    await town.load("positions", f"{sheet}analis,ya,tidak,Dinilai ulang,2026-08-01\nbelum-1,,,,{SINCE}\n")
    assert await items(town, "/v1/positions", search="ANA") == ["analis"]
    assert await items(town, "/v1/positions", search="belum") == ["belum-1"]
    assert await items(town, "/v1/positions", search="belum", on="2026-09-01") == []
    known = (await town.get("ani", "organisation", "/v1/positions")).json()["items"]
    ids = {one["code"]: one["position_id"] for one in known}
    assert await items(town, "/v1/positions", id=[ids["analis"], ids["belum-1"]]) == ["analis", "belum-1"]
    assert await items(town, "/v1/positions", id=ids["analis"], search="belum") == []
    assert await items(town, "/v1/positions", id=[ids["analis"], ids["belum-1"]], on="2026-09-01") == ["analis"]
    path = f"/v1/positions/{ids['analis']}"
    agency = (await town.get("citra", "organisation", path)).json()
    assert list(agency["reasons"].values()) == ["Dinilai ulang"]
    assert (await town.get("ani", "organisation", path)).json()["reasons"] is None
    unassessed = (await town.get("ani", "organisation", f"/v1/positions/{ids['belum-1']}")).json()
    assert (unassessed["code"], unassessed["history"]) == ("belum-1", [])
    for other in ("pos-none", town.ids["ani"]):
        assert (await town.get("ani", "organisation", f"/v1/positions/{other}")).status_code == 404


async def test_sheets_are_listed_for_those_who_may_confirm_them(memory: Platform) -> None:
    town = await open_town(memory)
    sent = (await town.send("units", f"unit_code,name,effective_from\nlagi,Lagi,{SINCE}\n")).json()
    page = (await town.get("citra", "organisation", "/v1/imports", limit=2)).json()
    newest, before = page["items"]
    assert (newest["import_id"], newest["status"]) == (sent["import_id"], "valid")
    assert (newest["sent_by"], before["status"]) == ("sys-administrator", "confirmed")
    assert "problems" not in newest
    after = (await town.get("citra", "organisation", "/v1/imports", cursor=page["next_cursor"])).json()["items"]
    assert newest["import_id"] not in {one["import_id"] for one in after}
    assert (await town.get("ani", "organisation", "/v1/imports")).status_code == 403


async def test_requests_of_one_employee_are_listed_for_those_who_may_see_them(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [date(2026, 9, 7)])
    for name, count in (("citra", 1), ("budi", 1), ("ani", 1), ("dedi", 0)):
        found = await town.get(name, "requests", "/v1/requests", employee_id=town.ids["ani"])
        assert [one["request_id"] for one in found.json()["items"]] == [asked["request_id"]] * count, name
    assert (await town.get("citra", "requests", "/v1/requests", employee_id=town.ids["dedi"])).json()["items"] == []
