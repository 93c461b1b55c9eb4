"""A request from its form on: judged before it is sent, followed, changed, and taken back day by day."""

from datetime import date

import httpx

from services.portal.calendar.model import Month
from services.portal.calendar.value import rows
from services.portal.request.value import weeks
from services.portal.today.model import Day
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Page, Portal
from tests.harness.town import open_town, subject
from tests.portal.test_journey import MONDAY, TUESDAY, WEDNESDAY

LATER = date(2026, 9, 14)


async def test_a_form_is_judged_before_it_is_sent(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    form = (await ani.page("/requests/new")).form("/requests/new")
    days = [str(day) for day in (MONDAY, TUESDAY, WEDNESDAY, date(2026, 9, 10))]
    many = {f"title-{day}": "Telaahan" for day in days[1:]}
    checked = await ani.send(form, do="check", day=days, **many)
    page = Page(checked.text)
    assert checked.status_code == 200
    assert "Belum ada yang dikirim." in page.text
    assert "kuota" in page.text
    assert 'aria-invalid="true"' in page.html
    assert {("day", day) for day in days} <= set(page.form("/requests/new").fields)
    typing = await ani.post("/requests:check", form.filled(day=days, **many), Origin=PUBLIC)
    assert f'hx-target="#problems-title-{MONDAY}"' in typing.text
    assert "Dasar:" in typing.text
    assert "alasan" not in typing.text.lower()
    good = await ani.send(form, do="check", day=days[1:2], reason="Terencana.", **many)
    assert "Semua aturan terpenuhi." in Page(good.text).text
    assert (await town.get("ani", "requests", "/v1/requests")).json()["items"] == []


async def test_what_is_typed_stays_while_a_service_is_away(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    form = (await ani.page("/requests/new")).form("/requests/new")
    reach = portal.app.state.reach
    reach._clients = {**reach._clients, "requests": httpx.AsyncClient(base_url="http://127.0.0.1:9")}
    typed: dict[str, str | list[str]] = {"day": [str(MONDAY)], "reason": "Terencana.", f"title-{MONDAY}": "Telaahan"}
    for pressed, status in (("send", 503), ("check", 200)):
        answer = await ani.send(form, do=pressed, **typed)
        kept = Page(answer.text).form("/requests/new").fields
        assert answer.status_code == status
        assert {("day", str(MONDAY)), ("reason", "Terencana."), (f"title-{MONDAY}", "Telaahan")} <= set(kept)
        assert dict(kept)["key"] == dict(form.fields)["key"]
    assert "layanannya tidak menjawab" in (await ani.page("/calendar")).text


async def test_a_request_is_changed_and_what_happened_meanwhile_is_shown(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    ani = await portal.signed_in(subject("ani"))
    page = await ani.page(f"/requests/{asked['request_id']}")
    assert "Menunggu keputusan Budi" in page.text
    assert "Pekerjaan terencana." in page.text
    address = f"/requests/{asked['request_id']}/change"
    form = (await ani.page(address)).form(address)
    assert {("day", str(MONDAY)), (f"title-{MONDAY}", "Telaahan staf")} <= set(form.fields)
    await town.decide("budi", asked, "return", {"reason": "Belum jelas."})
    await memory.settle()
    assert "Alasan atasan: Belum jelas." in (await ani.page(f"/requests/{asked['request_id']}")).text
    late = await ani.send(form, **{f"title-{MONDAY}": "Telaahan yang jelas"})
    assert late.status_code == 412
    assert "Permohonan ini berubah sejak Anda membukanya" in Page(late.text).text
    assert "Pengembalian dicatat" in Page(late.text).text
    again = Page(late.text).form(address)
    assert (f"title-{MONDAY}", "Telaahan yang jelas") in again.fields
    two = {f"title-{MONDAY}-2": "Notula rapat", f"quantity-{MONDAY}-2": "2"}
    done = Page((await ani.send(again, **two)).text)
    assert "Perubahan terkirim" in done.text
    assert "Notula rapat 2 dokumen" in done.text
    assert "Telaahan yang jelas" in done.text
    assert "Buka penggantinya" in (await ani.page(f"/requests/{asked['request_id']}")).text


async def test_days_are_taken_back_one_by_one(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY, LATER])
    await memory.settle()
    await town.approve("budi", asked)
    await memory.settle()
    address = f"/requests/{asked['request_id']}"
    ani, budi = await portal.signed_in(subject("ani")), await portal.signed_in(subject("budi"))
    stale = (await ani.page(address)).form(f"{address}/withdraw")
    none = await ani.send(stale)
    assert (none.status_code, "Pilih paling sedikit satu hari." in none.text) == (422, True)
    form = (await budi.page(address)).form(f"{address}/revoke")
    without = await budi.send(form, day=[str(MONDAY)])
    assert (without.status_code, "Isi alasannya." in without.text) == (422, True)
    revoked = await budi.send(form, day=[str(MONDAY)], reason="Ada rapat.")
    assert "Pencabutan tersimpan." in Page(revoked.text).text
    await memory.settle()
    late = await ani.send(stale, day=[str(LATER)])
    page = Page(late.text)
    assert late.status_code == 412
    assert "berubah sejak Anda membukanya" in page.text
    assert "Alasan atasan: Ada rapat." in page.text
    again = page.form(f"{address}/withdraw")
    assert ("day", str(LATER)) in again.fields
    assert "Persetujuan dicabut (Sen, 7 Sep)" in page.text
    done = Page((await ani.send(again)).text)
    assert "Penarikan tersimpan." in done.text
    states = ("Senin, 7 September 2026 dicabut persetujuannya", "Senin, 14 September 2026 ditarik")
    assert all(state in done.text for state in states)
    assert "Disetujui (Sen, 7 Sep, Sen, 14 Sep) 2 September 2026, 08.00 WIB, Budi" in done.text
    like = (await ani.page(f"/requests/new?like={asked['request_id']}")).form("/requests/new")
    assert (f"title-{WEDNESDAY}", "Telaahan staf") in like.fields
    assert "day" not in dict(like.fields)


async def test_a_request_of_somebody_else_is_not_there(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    dedi = await portal.signed_in(subject("dedi"))
    assert (await dedi.open(f"/requests/{asked['request_id']}")).status_code == 404
    for name in ("a:withdraw", "%2e%2e", "x y"):
        assert (await dedi.open(f"/requests/{name}")).status_code == 404


async def test_days_are_chosen_in_the_calendar(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    ani = await portal.signed_in(subject("ani"))
    page = await ani.page("/calendar/2026-09")
    assert "1 dari" in page.text
    assert f"/requests/{asked['request_id']}" in page.html
    offered = [said["value"] for _, said in page.tags if said.get("name") == "day"]
    assert str(LATER) in offered
    assert str(MONDAY) not in offered
    form = (await ani.page(f"/requests/new?day=2026-10-05&day={LATER}")).form("/requests/new")
    assert [value for name, value in form.fields if name == "day"] == [str(LATER), "2026-10-05"]
    assert "Belum ada kebijakan" in (await ani.page("/calendar/2000-01")).text


def test_a_month_is_laid_out_in_whole_weeks() -> None:
    days = [Day(day=date(2026, 9, n), day_off=None, hours=None, asked=[]) for n in range(1, 31)]
    month = Month(month="2026-09", working_days=22, minutes_owed=None, days=days, weeks=[], absences=[])
    found = rows(month, date(2026, 9, 2))
    assert [row.monday.day for row in found] == [31, 7, 14, 21, 28]
    assert [cell and cell.is_free for cell in found[0].cells] == [None, False, *[True] * 5]


def test_weeks_of_chosen_days_are_offered_too() -> None:
    assert weeks(MONDAY, ["2026-11-02", "gibberish", "2020-01-01"]) == [
        "2026-W37",
        "2026-W38",
        "2026-W39",
        "2026-W45",
    ]
