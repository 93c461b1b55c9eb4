"""From the superior's judgement to a figure, and from the figure back to the events that made it."""

import csv
import io
from datetime import date

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.portal.pages import workbook
from services.portal.person.model import Employee
from services.portal.series.value import first_of
from services.portal.team.model import Absence, AbsenceTerms
from services.portal.team.value import columns, mondays, rows
from services.portal.verification.api import PATH
from shared.spreadsheets.media import XLSX
from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import open_town, subject
from tests.portal.test_journey import FIRST_OF_OCTOBER, MONDAY, TUESDAY


async def test_reports_are_judged_in_bulk(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    for name in ("ani", "dedi"):
        asked = await town.submit(name, [MONDAY])
        await memory.settle()
        await town.approve("budi", asked)
        await memory.settle()
        town.at(MONDAY, 15)
        await town.log(name, asked)
        town.at(date(2026, 9, 2))
    town.at(MONDAY, 16)
    budi = await portal.signed_in(subject("budi"))
    page = await budi.page("/desk/outputs")
    boxes = [str(said["value"]) for _, said in page.tags if said.get("name") == "output"]
    assert len(boxes) == 2
    assert "Telaahan staf" in page.text
    assert "https://contoh.example/1" in page.text
    one = await budi.page(f"/desk/outputs?employee={town.ids['ani']}&output={boxes[0]}&output={boxes[1]}")
    form = one.form(f"/desk/outputs?employee={town.ids['ani']}")
    assert len([name for name, _ in form.fields if name == "output"]) == 1
    assert "Tidak ada yang sesuai" in (await budi.page("/desk/outputs?until=2026-01-01")).text
    without = await budi.send(form, verdict="return")
    assert (without.status_code, "Isi alasannya." in without.text) == (422, True)
    returned = await budi.send(form, verdict="return", reason="Belum lengkap.")
    assert "1 putusan tersimpan." in Page(returned.text).text
    every = (await budi.page(f"{PATH}?all=1")).form(PATH)
    stale = [box.rpartition(":")[0] + ":99" for name, box in every.fields if name == "output"]
    late = await budi.send(every, output=stale, verdict="verify")
    assert (late.status_code, "Tidak tersimpan" in late.text) == (422, True)
    assert "1 putusan tersimpan." in Page((await budi.send(every, verdict="verify")).text).text
    ani = await portal.signed_in(subject("ani"))
    assert "Belum lengkap." in (await ani.page("/outputs")).text


async def test_a_superior_sees_who_is_where(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await town.approve("budi", asked)
    await memory.settle()
    page = await (await portal.signed_in(subject("budi"))).page("/team")
    assert f"/requests/{asked['request_id']}" in page.html
    assert "4 dari 5" in page.text
    assert "tidak memimpin siapa pun" in (await (await portal.signed_in(subject("ani"))).page("/team")).text


async def test_a_figure_is_explained_down_to_its_events(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(TUESDAY)
    await memory.settle()
    citra = await portal.signed_in(subject("citra"))
    dashboard = await citra.page("/dashboard?month=2026-09")
    (unit,) = {str(said["href"]) for _, said in dashboard.tags if "/units/" in (said.get("href") or "")}
    month = await citra.page(unit)
    assert "km per liter" in month.text
    days = await citra.page(f"{unit}/days")
    address = f"/savings/{town.ids['ani']}/{MONDAY}"
    assert address in days.html
    assert "Ani" in days.text
    for name in ("citra", "ani"):
        browser = await portal.signed_in(subject(name))
        day = await browser.page(address)
        assert "20 km / 1 orang / 40 km per liter x (1 - " in day.text
        assert "Disetujui" in day.text
        assert "Keluaran diverifikasi" in day.text
    assert address in (await (await portal.signed_in(subject("ani"))).page("/savings?month=2026-09")).html
    assert (await (await portal.signed_in(subject("dedi"))).open(address)).status_code == 404


async def test_months_are_a_series_and_a_file(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    citra, hana = await portal.signed_in(subject("citra")), await portal.signed_in(subject("hana"))
    shown = await citra.open("/series?from=2026-08&to=2026-09")
    assert "September 2026" in Page(shown.text).text
    assert 'class="bar"' in shown.text
    seen = {"If-None-Match": shown.headers["etag"]}
    assert (await citra.open("/series?from=2026-08&to=2026-09", **seen)).status_code == 304
    for path in ("/series.csv?from=2026-08&to=2026-09", "/dashboard.csv?month=2026-09"):
        file = await citra.open(path)
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert file.headers["content-disposition"].startswith('attachment; filename="fuel-')
        assert "fuel" in file.text
        assert "4200" not in (await hana.open(path)).text
    (unit,) = {line.split(",")[1] for line in file.text.splitlines()[1:]} or {""}
    withheld = await hana.page(f"/series?unit={unit}&from=2026-09&to=2026-09")
    assert 'class="bar"' not in withheld.html


def test_an_absence_holds_by_its_latest_terms() -> None:
    def terms(since: int, until: int) -> AbsenceTerms:
        return AbsenceTerms(effective_from=date(2026, 9, since), ends_on=date(2026, 9, until), kind="leave")

    days = [date(2026, 9, n) for n in (7, 8, 9)]
    away = Absence(employee_id="e", history=[terms(7, 11), terms(8, 8)])
    (row,) = rows([Employee(employee_id="e", name="E")], [], [away], days)
    assert [one.absence for one in row.days] == ["leave", "leave", None]
    assert [one.at_office for one in columns([row], days)] == [0, 0, 1]
    assert mondays(date(2026, 9, 9)) == (date(2026, 9, 7), date(2026, 9, 14))
    assert first_of("2026-03") == "2025-04"


async def test_figures_are_told_along_the_tree_of_units(memory: Platform, portal: Portal) -> None:
    """From the top down to how a unit's figure came about; for who may read all units, and for nobody else."""
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    citra = await portal.signed_in(subject("citra"))
    dashboard = await citra.page("/dashboard?month=2026-09")
    (top,) = {str(said["href"]) for _, said in dashboard.tags if "/parts" in (said.get("href") or "")}
    shown = await citra.open(top)
    page = Page(shown.text)
    assert "jumlah 1 unit" in page.text
    assert "Seluruh perangkat daerah" in page.text
    (leads,) = {str(said["href"]) for _, said in page.tags if "/units/" in (said.get("href") or "")}
    assert "km per liter" in (await citra.page(leads)).text
    again = await citra.open(top, **{"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    rows = await citra.open(top.replace("/parts?", "/parts.csv?"))
    assert rows.text.startswith("month,as_of,")
    unit_id = leads.split("/")[3]
    assert "Seluruh perangkat daerah" in (await citra.page(f"{top}&unit={unit_id}")).text
    assert (await citra.open(f"{top}&unit=unit-nowhere")).status_code == 404
    ani = await portal.signed_in(subject("ani"))
    assert "/dashboard/parts" not in (await ani.page("/dashboard?month=2026-09")).html
    refused = await ani.open(top)
    assert (refused.status_code, "hanya dapat dilihat analis" in refused.text) == (403, True)


async def test_figures_are_kept_as_a_workbook(memory: Platform, portal: Portal) -> None:
    """The same rows as in CSV: numbers as numbers, and texts that are never run."""
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    citra = await portal.signed_in(subject("citra"))
    month = "month=2026-09"
    for path in (f"/dashboard.xlsx?{month}", f"/dashboard/parts.xlsx?{month}", "/series.xlsx?to=2026-09"):
        rows = list(csv.DictReader(io.StringIO((await citra.open(path.replace(".xlsx", ".csv"))).text)))
        answer = await citra.open(path)
        assert answer.headers["content-type"] == XLSX
        heading, *found = sheet_of(answer.content).values
        assert len(found) == len(rows) > 0
        for cells, row in zip(found, rows, strict=True):
            assert list(heading) == list(row)
            assert ["" if cell is None else str(cell) for cell in cells] == list(row.values())
        assert any(isinstance(cell, int) for cell in found[0])
    for path in (f"/completeness.xlsx?{month}", "/results.xlsx?to=2026-09"):
        assert sheet_of((await citra.open(path)).content).max_row > 1
    assert (await citra.open(f"/dashboard.exe?{month}")).status_code == 404


def sheet_of(body: bytes) -> Worksheet:
    """The sheet of a workbook."""
    sheet = load_workbook(io.BytesIO(body)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def test_a_text_in_a_workbook_is_a_text() -> None:
    """What would be a formula, a code with a zero before it, and a number that a spreadsheet would round."""
    kept = ("'=1+1", "007", "12345678901234567890", "-12.50", "9")
    sheet = sheet_of(workbook("a,b,c,d,e\r\n" + ",".join(kept) + "\r\n"))
    assert [cell.value for cell in sheet[2]] == ["=1+1", "007", "12345678901234567890", -12.5, 9]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "s", "n", "n"]
