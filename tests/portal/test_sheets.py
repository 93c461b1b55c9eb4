"""Reference data are loaded by forms: template, upload, report, preview, confirmation, progress."""

import io

import openpyxl
import pytest

from services.organisation.import_ import jobs
from services.portal.sheet.model import Import
from services.portal.sheet.value import headings, media_type
from shared.spreadsheets.media import CSV, XLSX
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Browser, Page, Portal
from tests.harness.town import HEADING, NIPS, SINCE, open_town, row, subject
from tests.portal.test_pages import XSS, holds_no_script

HEAD = "unit_code,name,effective_from"
UNITS = f"{HEAD}\nbaru,Dinas Baru,{SINCE}\nlain,Lain-lain,2026-08-01\nbkd,Badan Kepegawaian Daerah,{SINCE}\n"


async def upload(browser: Browser, text: str, kind: str = "units", **changed: str | list[str] | None) -> Page:
    """Somebody sends a sheet. The page on which it is shown."""
    form = (await browser.page("/imports")).form("/imports")
    answer = await browser.send_file(form, "lembar.csv", text.encode(), kind=kind, **changed)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def own(page: Page, verb: str) -> str:
    """The address at which the sheet of a page is confirmed or dropped."""
    return next(form.action for form in page.forms if form.action.endswith(f"/{verb}"))


async def test_a_sheet_is_looked_at_and_confirmed(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    page = await upload(citra, UNITS)
    for said in (
        "Berkas ini benar. Periksa pratinjaunya, lalu konfirmasi. Belum ada yang berubah.",
        "2 baru baru Nama: Dinas Baru",
        "3 lain berubah Nama: Lain → Lain-lain",
        "4 bkd tetap",
        "oleh Anda",
    ):
        assert said in page.text, said
    assert "Dinas Baru" not in (await citra.page("/units")).text
    done = Page((await citra.send(page.form(own(page, "confirm")))).text)
    assert "Berkas ini tercatat: 3 baris, 2 perubahan." in done.text
    assert not [form for form in done.forms if form.action.startswith("/imports/")]
    assert "Dinas Baru" in (await citra.page("/units")).text
    listed = await citra.page("/imports")
    assert "tercatat 3 0" in listed.text
    again = await citra.send(page.form(own(page, "drop")))
    assert (again.status_code, "sudah tercatat" in again.text) == (422, True)


async def test_what_is_wrong_stands_at_its_row_and_field_with_its_rule(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    page = await upload(citra, f"{HEAD}\nbaru,Dinas Baru,31-12\nlagi,,{SINCE}\n")
    assert "Berkas ini tidak dapat diambil alih: 2 masalah." in page.text
    assert "2 Berlaku sejak (TMT)" in page.text
    assert "3 Nama" in page.text
    assert "Tidak ada pratinjau" in page.text
    with pytest.raises(StopIteration):
        own(page, "confirm")
    dropped = Page((await citra.send(page.form(own(page, "drop")))).text)
    assert "Berkas ini dilepaskan." in dropped.text
    unknown = await upload(citra, f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='tidak-ada')}\n", "employees")
    assert "2 Kode unit" in unknown.text
    assert "unknown-code" in unknown.text
    assert f"2 {NIPS['ani']} ditolak" in unknown.text
    assert "muat kode itu dahulu" in unknown.text
    refused = await citra.send(unknown.form(own(unknown, "confirm")))
    assert (refused.status_code, "tidak dapat diambil alih: 1 masalah" in refused.text) == (422, True)


async def test_columns_with_other_headings_are_matched(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    text = f"Sandi Satker,Nomenklatur,TMT,Catatan\nbaru,Dinas Baru,{SINCE},-\n"
    page = await upload(citra, text)
    assert "Kolom yang diharapkan dan tidak ditemukan: Nama, Kode unit." in page.text
    assert "Judul yang ditemukan dan tidak dikenal: Catatan Nomenklatur Sandi Satker" in page.text
    form = page.form("/imports")
    assert ("kind", "units") in form.fields
    named = {"column-unit_code": "Sandi Satker", "column-name": "Nomenklatur"}
    still = Page((await citra.send_file(form, "lembar.csv", text.encode(), ignore=None, **named)).text)
    assert "Kolom yang diharapkan" not in still.text
    assert "Catatan" in still.text
    good = Page((await citra.send_file(form, "lembar.csv", text.encode(), key="other", ignore="1", **named)).text)
    assert "2 baru baru Nama: Dinas Baru" in good.text


async def test_a_workbook_is_filled_in_and_sent_back(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra, ani = await portal.signed_in(subject("citra")), await portal.signed_in(subject("ani"))
    answer = await citra.open("/imports/templates/units.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="units.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book["units"]["B2"] = "Dinas dari Templat"
    filled = io.BytesIO()
    book.save(filled)
    form = (await citra.page("/imports")).form("/imports")
    page = Page((await citra.send_file(form, "units.xlsx", filled.getvalue(), kind="units")).text)
    assert "Nama: Dinas dari Templat" in page.text
    exported = await citra.open("/imports/exports/employees.csv")
    assert NIPS["ani"] in exported.text
    assert exported.headers["cache-control"] == "no-store"
    assert openpyxl.load_workbook(io.BytesIO((await citra.open("/imports/exports/units.xlsx")).content))
    assert (await ani.open("/imports/exports/employees.csv")).status_code == 403
    assert (await citra.open("/imports/exports/desks.csv")).status_code == 404


async def test_sheets_are_for_those_who_load_them(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    ani, administrator = await portal.signed_in(subject("ani")), await portal.signed_in("administrator")
    refused = await ani.open("/imports")
    assert (refused.status_code, "Tidak berhak" in refused.text) == (403, True)
    page = await upload(administrator, UNITS)
    assert (await ani.open(own(page, "confirm").removesuffix("/confirm"))).status_code == 403
    assert 'href="/people"' not in page.html
    for broken in ({"name": ""}, {"name": "x.csv", "body": b""}):
        form = (await administrator.page("/imports")).form("/imports")
        answer = await administrator.send_file(form, str(broken["name"]), bytes(broken.get("body", b"")))  # type: ignore[arg-type]
        assert answer.status_code == 422
        assert "Pilih sebuah berkas" in answer.text
    answer = await administrator.send_file(form, "x.csv", b"\xff\xfe\xff", kind="units")
    assert (answer.status_code, "UTF-8" in answer.text) == (422, True)


async def test_a_form_with_a_file_is_held_against_its_session_too(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    form = (await citra.page("/imports")).form("/imports")
    other = await citra.send_file(form, "a.csv", UNITS.encode(), csrf="a" * 88)
    assert (other.status_code, "dari sesi lain" in other.text) == (403, True)
    files = {"file": ("a.csv", UNITS.encode())}
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"}):
        answer = await citra.http.post("/imports", data=dict(form.fields), files=files, headers=headers)
        assert answer.status_code == 403, headers
    plain = await citra.post("/imports", form.fields, Origin=PUBLIC)
    assert plain.status_code == 400
    page = await upload(citra, UNITS)
    for verb in ("confirm", "drop"):
        assert (await citra.http.get(own(page, verb))).status_code == 405
        assert (await citra.post(own(page, verb), [("csrf", "a" * 88)], Origin=PUBLIC)).status_code == 403


async def test_a_second_person_finds_what_waits_for_them(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING}\n{row('hana', since='2026-09-01', roles='personnel_agency')}\n")
    await memory.settle()
    citra, hana = await portal.signed_in(subject("citra")), await portal.signed_in(subject("hana"))
    page = await upload(citra, f"{HEADING}\n{row('dedi', since='2026-09-02', roles='analyst')}\n", "employees")
    assert "Orang kedua yang berhak harus memeriksa" in page.text
    with pytest.raises(StopIteration):
        own(page, "confirm")
    address = own(page, "drop").removesuffix("/drop")
    assert f'href="{address}"' in (await hana.page("/imports")).html
    seen = await hana.page(address)
    assert "menunggu orang kedua" in seen.text
    assert "Citra" in seen.text
    assert "Berkas ini tercatat" in Page((await hana.send(seen.form(own(seen, "confirm")))).text).text


async def test_a_large_sheet_is_followed_while_it_is_taken_over(
    memory: Platform, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_town(memory)
    monkeypatch.setattr(jobs, "AT_ONCE_MAX", 2)
    citra = await portal.signed_in(subject("citra"))
    page = await upload(citra, UNITS)
    begun = Page((await citra.send(page.form(own(page, "confirm")))).text)
    assert "Sedang diambil alih: 0 dari 3 baris (0%)." in begun.text
    assert 'hx-trigger="every 2s"' in begun.html
    assert own(begun, "drop")
    await memory.settle()
    address = own(begun, "drop").removesuffix("/drop")
    ended = await citra.page(address)
    assert "Berkas ini tercatat: 3 baris" in ended.text
    assert "every 2s" not in ended.html


async def test_what_stands_in_a_cell_is_text_wherever_it_is_shown(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    citra, ani = await portal.signed_in(subject("citra")), await portal.signed_in(subject("ani"))
    evil = [text.replace('"', '""') for text in XSS]
    lines = "\n".join(f'evil-{n},"{text}",{SINCE}' for n, text in enumerate(evil))
    page = await upload(citra, f"{HEAD}\n{lines}\n")
    holds_no_script(page)
    assert page.text.count("alert(1)") == sum(text.count("alert(1)") for text in XSS)
    await citra.send(page.form(own(page, "confirm")))
    found = await ani.page("/units?search=evil")
    holds_no_script(found)
    for address in {said["href"] or "" for _, said in found.tags if (said.get("href") or "").startswith("/units/")}:
        holds_no_script(await ani.page(address))
    people = "\n".join(
        row("ani", nip=f"1991010120150310{n:02}", subject=f"s-{n}").replace("Ani", f'"{text}"')
        for n, text in enumerate(evil)
    )
    sheet = await upload(citra, f"{HEADING}\n{people}\n", "employees")
    holds_no_script(sheet)
    await citra.send(sheet.form(own(sheet, "confirm")))
    everybody = await citra.page("/people")
    holds_no_script(everybody)
    assert everybody.text.count("alert(1)") == sum(text.count("alert(1)") for text in XSS)
    for address in {
        said["href"] or "" for _, said in everybody.tags if (said.get("href") or "").startswith("/people/emp")
    }:
        for path in (address, f"{address}/history", f"{address}/erase"):
            holds_no_script(await citra.page(path))
    heading = ",".join(f'"{text}"' for text in evil if "\n" not in text)
    holds_no_script(await upload(citra, f"{heading},TMT\n{'x,' * len(evil)}{SINCE}\n"))
    reason = evil[1]
    held = await upload(
        citra,
        f'position_code,measurable,public_contact,reason,effective_from\nanalis,ya,tidak,"{reason}",2026-08-01\n',
        "positions",
    )
    await citra.send(held.form(own(held, "confirm")))
    known = (await town.get("ani", "organisation", "/v1/positions", search="analis")).json()["items"]
    shown = await citra.page(f"/positions/{known[0]['position_id']}")
    holds_no_script(shown)
    assert "alert(1)" in shown.text


def test_what_a_file_is_shows_in_how_it_begins() -> None:
    assert media_type("a.csv", b"PK\x03\x04...") == XLSX
    assert media_type("a.xls", b"\xd0\xcf\x11\xe0") == XLSX
    assert media_type("A.XLSX", b"anything") == XLSX
    assert media_type("a.txt", b"unit_code;name") == CSV


def test_headings_that_look_like_data_are_nothing_to_choose_from() -> None:
    problems = [
        {"row": 1, "column": name, "rule": rule, "source": "", "detail": ""}
        for name, rule in (
            ("nip", "column-missing"),
            ("Nama Pegawai", "column-unknown"),
            (NIPS["ani"], "column-unknown"),
        )
    ]
    said = {"import_id": "imp-1", "kind": "employees", "status": "invalid", "rows": 1, "taken": 0, "changes": 0}
    said |= {"kept_columns": ["grade"], "second_person": False, "problem_count": 3}
    said |= {"sent_at": "2026-09-02T01:00:00Z", "sent_by": "emp-1", "problems": problems}
    found = headings(Import.model_validate(said))
    assert (found.missing, found.absent, found.unknown) == (("nip",), ("grade",), ("Nama Pegawai",))
    assert found.differ
