"""What is on record is exported as sheets that change nothing when they are loaded again."""

import httpx
import pytest

from services.organisation.row.value import SheetKind, columns
from shared.spreadsheets.media import CSV, XLSX
from shared.spreadsheets.tables import csv_table, xlsx_table
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row

TABLES = {CSV: csv_table, XLSX: xlsx_table}


async def export(town: Town, kind: str, media_type: str = CSV, name: str = "citra") -> httpx.Response:
    headers = {"Accept": media_type, "Authorization": f"Bearer {town.platform.token(f'subject-of-{name}')}"}
    return await town.platform.apis.clients["organisation"].get(f"/v1/exports/{kind}", headers=headers)


async def everything(town: Town) -> None:
    """Something of each kind, with every column filled in somewhere."""
    zones = "".join(f"gedung-a,Gedung A,900,1.2,P-1/TR,lantai-{n},120.125,{SINCE}\n" for n in (1, 2))
    heading = "building_code,name,base_kwh,per_head_kwh,tariff_class,zone,zone_load_kwh,effective_from\n"
    await town.load("buildings", heading + zones)
    heading = "unit_code,name,time_zone,kind,parent_code,building_code,zone,meal_allowance_by_attendance,public_facing"
    units = f"loket,=Loket,Asia/Makassar,org_unit,bkd,gedung-a,lantai-2,ya,ya,{SINCE}\n"
    await town.load("units", f"{heading},effective_from\n{units}bkd,BKD,,,,,,,,2026-01-01\n")
    heading = "position_code,measurable,public_contact,assessed_by_nip,assessed_on,reason,effective_from\n"
    assessed = f'analis,ya,tidak,{NIPS["budi"]},2025-01-02,"Terukur, jelas.\nDua baris.",2025-06-01\n'
    await town.load("positions", f"{heading}{assessed}arsiparis,,,,,,{SINCE}\n")
    await town.load("employees", f"{HEADING},grade\n{row('ani', since='2026-10-01', unit_code='lain')},IV\n")
    await town.load("employees", f"{HEADING},active\n{row('dedi', since='2026-10-01')},tidak\n")
    heading = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
    await town.load("acting", f"{heading}SP/1,plt,{NIPS['budi']},{NIPS['citra']},2026-09-01,2026-11-30\n")
    heading = "absence_code,nip,kind,effective_from,ends_on\n"
    leave = f"=C/1,{NIPS['ani']},cuti,2026-09-14,2026-09-18\n=C/1,{NIPS['ani']},cuti,2026-09-16,2026-09-15\n"
    await town.load("absences", heading + leave)


@pytest.mark.parametrize("media_type", [CSV, XLSX])
async def test_an_export_that_is_loaded_again_changes_nothing(media_type: str, memory: Platform) -> None:
    town = await open_town(memory)
    await everything(town)
    db = memory.databases["organisation"]
    commits, codes = await db.commits.count_documents({}), await db.codes.count_documents({})
    for kind in SheetKind:
        exported = await export(town, kind, media_type)
        assert (exported.status_code, exported.headers["content-type"].partition(";")[0]) == (200, media_type)
        (_, heading), *rows = TABLES[media_type](exported.content)
        assert heading == list(columns(kind))
        assert rows
        sent = await town.post(
            "citra",
            "organisation",
            f"/v1/imports?kind={kind}",
            content=exported.content,
            headers={"Content-Type": media_type},
        )
        assert (sent.json()["status"], sent.json()["problems"]) == ("valid", []), kind
        path = f"/v1/imports/{sent.json()['import_id']}:confirm"
        confirmed = (await town.post("citra", "organisation", path)).json()
        assert (confirmed["status"], confirmed["changes"]) == ("confirmed", 0), kind
    assert await db.commits.count_documents({}) == commits
    assert await db.codes.count_documents({}) == codes


async def test_an_export_holds_every_day_of_every_history(memory: Platform) -> None:
    town = await open_town(memory)
    await everything(town)
    rows = {kind: len(list(csv_table((await export(town, kind)).content))) - 1 for kind in SheetKind}
    assert rows == {"units": 4, "buildings": 2, "positions": 6, "employees": 10, "acting": 1, "absences": 2}


async def test_names_and_nip_are_exported_to_those_who_may_know_them(memory: Platform) -> None:
    town = await open_town(memory)
    for kind in SheetKind:
        for name in ("ani", "budi", "hana"):
            refused = await export(town, kind, name=name)
            assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (403, "role-missing")
    headers = {"Authorization": f"Bearer {memory.token('administrator')}"}
    exported = await memory.apis.clients["organisation"].get("/v1/exports/employees", headers=headers)
    assert NIPS["ani"] in exported.text
    assert exported.headers["content-disposition"] == 'attachment; filename="employees-2026-09-02.csv"'
    assert int(exported.headers["content-length"]) == len(exported.content)


async def test_before_anything_is_loaded_a_sheet_has_its_heading(memory: Platform) -> None:
    headers = {"Authorization": f"Bearer {memory.token('administrator')}"}
    for kind in SheetKind:
        exported = await memory.apis.clients["organisation"].get(f"/v1/exports/{kind}", headers=headers)
        assert exported.text == ",".join(columns(kind)) + "\r\n"
