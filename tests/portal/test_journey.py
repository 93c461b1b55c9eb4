"""The whole way by forms alone, without a script: an employee asks, the superior decides, and a figure is read."""

from datetime import date

import httpx

from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import Town, open_town, subject

MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)
FIRST_OF_OCTOBER = date(2026, 10, 5)


async def asked(portal: Portal, town: Town, name: str, *days: date) -> Page:
    """Somebody asks for days by the form."""
    browser = await portal.signed_in(subject(name))
    form = (await browser.page("/requests/new")).form("/requests/new")
    typed: dict[str, str | list[str]] = {"day": [str(day) for day in days], "reason": "Pekerjaan terencana."}
    answer = await browser.send(form, **typed, **{f"title-{day}": "Telaahan staf" for day in days})
    assert answer.status_code == 200, answer.text
    await town.platform.settle()
    return Page(answer.text)


async def test_from_a_form_to_a_figure(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    assert "Permohonan terkirim" in (await asked(portal, town, "ani", MONDAY)).text
    budi = await portal.signed_in(subject("budi"))
    desk = await budi.page("/desk")
    assert "Ani" in desk.text
    assert "Telaahan staf" in desk.text
    (case,) = [said["value"] for tag, said in desk.tags if said.get("name") == "case"]
    done = await budi.send(desk.form("/desk"), case=str(case), decision="approve")
    assert "1 keputusan tersimpan." in Page(done.text).text
    await memory.settle()
    (request,) = (await town.get("ani", "requests", "/v1/requests")).json()["items"]
    assert request["status"] == "approved"
    town.at(MONDAY, 15)
    ani = await portal.signed_in(subject("ani"))
    assert "Keluaran yang perlu dilaporkan" in (today := await ani.page("/today")).text
    assert "disepakati" in today.text
    form = (await ani.page("/outputs")).form("/outputs")
    (note,) = [name for name, _ in form.fields if name.startswith("note-")]
    assert (await ani.send(form)).status_code == 422
    wrong = await ani.send(form, **{note: "Selesai.", note.replace("note", "quantity"): "banyak"})
    assert (wrong.status_code, (note, "Selesai.") in Page(wrong.text).form("/outputs").fields) == (422, True)
    assert "1 keluaran dilaporkan" in Page((await ani.send(form, **{note: "Selesai."})).text).text
    await town.verify("budi", request)
    town.at(TUESDAY)
    await memory.settle()
    citra = await portal.signed_in(subject("citra"))
    shown = await citra.open("/dashboard?month=2026-09")
    page = Page(shown.text)
    assert "Bahan bakar perjalanan" in page.text
    assert "Rp4.200" in page.text or "Rp4.300" in page.text
    assert 'class="bar"' in page.html
    again = await citra.open("/dashboard?month=2026-09", **{"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304


async def test_a_few_people_are_withheld_also_in_the_page(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    hana = await portal.signed_in(subject("hana"))
    page = await hana.page("/dashboard?month=2026-09")
    assert "ditahan" in page.text
    assert "Keadaan per" in page.text
    assert "4.2" not in page.text
    assert 'class="bar"' not in page.html


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    memory: Platform, portal: Portal
) -> None:
    await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    form = (await ani.page("/requests/new")).form("/requests/new")
    empty = await ani.send(form, reason="")
    assert empty.status_code == 422
    assert {"Pilih paling sedikit satu hari.", "Isi alasannya."} <= set(Page(empty.text).words)
    days = [str(day) for day in (MONDAY, TUESDAY, WEDNESDAY)]
    typed: dict[str, str | list[str]] = {"day": days, "reason": "Alasan yang panjang.", "km": "12,5"}
    many = await ani.send(form, **typed, **{f"title-{day}": f"Keluaran {day}" for day in days})
    page = Page(many.text)
    assert many.status_code == 422
    assert 'aria-invalid="true"' in page.html
    kept = page.form("/requests/new").fields
    assert {("day", day) for day in days} <= set(kept)
    assert ("reason", "Alasan yang panjang.") in kept
    assert (f"title-{MONDAY}", f"Keluaran {MONDAY}") in kept


async def test_many_are_returned_with_one_reason_and_a_refused_one_stays(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    for name in ("ani", "dedi"):
        await asked(portal, town, name, MONDAY)
    budi = await portal.signed_in(subject("budi"))
    desk = await budi.page("/desk")
    cases = [str(said["value"]) for _, said in desk.tags if said.get("name") == "case"]
    assert len(cases) == 2
    one = await budi.page(f"/desk?employee={town.ids['ani']}&case={cases[0]}&case={cases[1]}&until=2026-12-31")
    address = f"/desk?employee={town.ids['ani']}&until=2026-12-31"
    assert [name for name, _ in one.form(address).fields if name == "case"] == ["case"]
    assert len([said for _, said in one.tags if (said.get("type"), said.get("name")) == ("hidden", "case")]) == 1
    without = await budi.send(desk.form("/desk"), case=cases, decision="return")
    assert without.status_code == 422
    assert "Isi alasannya." in Page(without.text).text
    stale = cases[0].rpartition(":")[0] + ":99"
    some = await budi.send(desk.form("/desk"), case=[stale, cases[1]], decision="return", reason="Belum jelas.")
    assert some.status_code == 422
    assert "Tidak tersimpan" in Page(some.text).text
    assert ("reason", "Belum jelas.") in Page(some.text).form("/desk").fields
    await memory.settle()
    returned = [await (await portal.signed_in(subject(name))).page("/today") for name in ("ani", "dedi")]
    assert sum("Alasan atasan: Belum jelas." in page.text for page in returned) == 1


async def test_who_is_on_no_record_is_told_so(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    nobody = await portal.signed_in("nobody")
    answer = await nobody.open("/today")
    assert answer.status_code == 403
    assert "belum tercatat sebagai pegawai yang aktif" in answer.text


async def test_a_service_that_is_away_leaves_the_rest_of_the_page(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    ani = await portal.signed_in(subject("ani"))
    clients = portal.app.state.reach._clients
    nobody = httpx.AsyncClient(base_url="http://127.0.0.1:9")
    portal.app.state.reach._clients = {**clients, "performance": nobody}
    page = await ani.page("/today")
    assert "layanannya tidak menjawab" in page.text
    assert "Pekan ini" in page.text
