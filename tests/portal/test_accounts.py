"""The pages of service accounts: recorded by a form, told with what they read, and ended."""

from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import open_town, subject
from tests.portal.test_pages import XSS, holds_no_script

PATH = "/accounts"
FILLED: dict[str, str | list[str] | None] = {
    "name": "Dasbor Diskominfo",
    "subject": "dasbor",
    "figures": ["savings"],
    "scope": "units",
    "units": "bkd, lain",
    "ends_on": "2026-12-31",
}


async def test_an_account_is_recorded_told_and_ended_by_forms(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    empty = await citra.page(PATH)
    assert "Belum ada akun layanan." in empty.text
    done = Page((await citra.send(empty.form(PATH), **FILLED)).text)
    assert "telah dicatat" in done.text
    assert "Badan Kepegawaian Daerah , Lain (beserta bagiannya)" in done.text
    await memory.settle()
    assert (await memory.apis.get("dasbor", "savings", "/v1/factor-sets")).status_code == 200
    listed = await citra.page(PATH)
    assert "Dasbor Diskominfo penghematan 2 unit 31 Desember 2026 berlaku" in listed.text
    (account,) = (await town.get("citra", "organisation", "/v1/accounts")).json()["items"]
    address = f"{PATH}/{account['account_id']}"
    form = (await citra.page(address)).form(f"{address}/end")
    unsure = await citra.send(form)
    assert (unsure.status_code, "Tandai bahwa Anda yakin." in unsure.text) == (422, True)
    assert (await citra.send(form, csrf="a" * 88)).status_code == 403
    ended = Page((await citra.send(form, sure="1")).text)
    assert "Akun layanan ini tidak berlaku lagi" in ended.text
    assert [one.action for one in ended.forms if one.action.endswith("/end")] == []
    await memory.settle()
    assert (await memory.apis.get("dasbor", "savings", "/v1/factor-sets")).status_code == 403
    late = await citra.send(form, sure="1", key="another-key")
    assert (late.status_code, "versinya sekarang 2" in late.text) == (412, True)


async def test_what_is_wrong_is_said_beside_what_was_typed(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    form = (await citra.page(PATH)).form(PATH)
    nothing = Page((await citra.send(form, figures=None)).text)
    for text in ("Isi nama programnya.", "Isi subjek tokennya.", "Pilih angka", "Isi hari terakhirnya.", "Pilih semua"):
        assert nothing.text.count(text) == 2, text
    for changed, text in (
        ({"units": ""}, "Isi satu sampai dua puluh kode unit."),
        ({"units": "bkd, tiada"}, "tidak tercatat: tiada."),
        ({"subject": subject("ani")}, "Subjek ini milik seorang pegawai"),
        ({"ends_on": "2026-09-01"}, "Hari terakhirnya sudah lewat."),
    ):
        answer = await citra.send(form, **FILLED | changed)
        page = Page(answer.text)
        assert (answer.status_code, page.text.count(text)) == (422, 2), (changed, page.text)
        assert ("name", "Dasbor Diskominfo") in page.form(PATH).fields
    for text in XSS:
        holds_no_script(Page((await citra.send(form, **FILLED | {"name": text, "units": text})).text))


async def test_who_may_not_record_accounts_is_told_so(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    assert (await ani.open(PATH)).status_code == 403
    assert 'href="/accounts"' not in (await ani.page("/today")).html
