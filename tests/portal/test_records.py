"""What is on record: people, units and positions, found and read by those who may see them."""

from collections.abc import Awaitable, Callable

import httpx

from services.portal.record.value import Slice, sliced
from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import HEADING, NIPS, SINCE, open_town, row, subject
from tests.portal.test_journey import MONDAY
from tests.portal.test_pages import XSS, holds_no_script

UNITS = (
    f"unit_code,name,kind,parent_code,effective_from\nbkd-1,Bidang Mutasi,org_unit,bkd,{SINCE}\n"
    f"bkd-1,Bidang Mutasi dan Promosi,org_unit,bkd,2026-08-01\n"
)


async def test_the_agency_finds_somebody_by_name_and_by_nip(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    citra = await portal.signed_in(subject("citra"))
    first = await citra.page("/people")
    assert all(name in first.text for name in ("Ani", "Budi", "Hana", NIPS["ani"], "Badan Kepegawaian Daerah"))
    assert 'aria-current="page"' in first.html
    form = first.form("/people")
    found = await citra.send(form, text="nI")
    assert ("Ani" in found.text, "Dedi" in found.text, found.url.query) == (True, False, b"")
    by_nip = await citra.send(form, text=f"{NIPS['dedi'][:8]} {NIPS['dedi'][8:]}")
    assert ("Dedi" in by_nip.text, "Ani" in by_nip.text) == (True, False)
    nobody = Page((await citra.send(form, text="siapa")).text)
    assert "Tidak ada pegawai yang ditemukan." in nobody.text
    assert ("text", "siapa") in nobody.form("/people").fields
    record = await citra.page(f"/people/{town.ids['ani']}")
    for said in (
        "Ani",
        NIPS["ani"],
        "Atasan langsung Budi",
        "analis",
        "20 km, sepeda motor, Pertalite, 40 km per liter",
        "bekerja",
    ):
        assert said in record.text, said
    (unit,) = {said["href"] for tag, said in record.tags if (said.get("href") or "").startswith("/units/")}
    assert "Badan Kepegawaian Daerah" in (await citra.page(unit or "")).text


async def test_people_are_read_page_by_page(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    many = "\n".join(
        row("ani", nip=f"1991010120150310{n:02}", subject=f"s-{n}").replace("Ani", f"Orang {n}") for n in range(50)
    )
    await town.load("employees", f"{HEADING}\n{many}\n")
    citra = await portal.signed_in(subject("citra"))
    form = next(form for form in (await citra.page("/people")).forms if dict(form.fields).get("cursor"))
    second = Page((await citra.send(form, do="next")).text)
    assert ("Orang 9" in second.text, "Ani" in second.text) == (True, False)
    assert not [form for form in second.forms if dict(form.fields).get("cursor")]


async def test_people_are_for_those_who_may_see_them(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    ani, budi = await portal.signed_in(subject("ani")), await portal.signed_in(subject("budi"))
    refused = await ani.open("/people")
    assert (refused.status_code, "untuk badan kepegawaian" in refused.text) == (403, True)
    assert 'href="/people"' not in (await ani.page("/today")).html
    led = await budi.page("/people")
    assert ("Ani" in led.text, "Eka" in led.text) == (True, False)
    assert (await ani.open(f"/people/{town.ids['dedi']}")).status_code == 404
    assert (await ani.open(f"/people/{town.ids['ani']}")).status_code == 200
    past = await budi.page(f"/people/{town.ids['ani']}/history")
    assert "Bagian ini tidak ada untuk Anda" in past.text


async def test_what_happened_to_a_record_and_a_request_is_told(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    citra = await portal.signed_in(subject("citra"))
    past = await citra.page(f"/people/{town.ids['ani']}/history")
    assert past.text.count("Data dicatat") == 2
    assert "sistem" in past.text
    assert f'href="/requests/{asked["request_id"]}"' in past.html
    assert "Diajukan" in (await citra.page(f"/requests/{asked['request_id']}")).text
    by_eka = await town.submit("hana", [MONDAY])
    await memory.settle()
    await town.approve("eka", by_eka)
    await memory.settle()
    course = await citra.page(f"/requests/{by_eka['request_id']}")
    assert "WIB, Eka" in course.text
    assert f'href="/people/{town.ids["hana"]}"' in course.html
    record = await citra.page(f"/people/{town.ids['ani']}")
    assert "1 Oktober 2026 akan datang" in record.text


async def test_units_and_positions_are_for_everybody(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.load("units", UNITS)
    sheet = "position_code,measurable,public_contact,reason,effective_from\n"
    await town.load("positions", f"{sheet}analis,ya,ya,Pindah ke loket,2026-10-01\nbelum-1,,,,{SINCE}\n")
    ani, citra = await portal.signed_in(subject("ani")), await portal.signed_in(subject("citra"))
    top = await ani.page("/units")
    assert ("Lain" in top.text, "Bidang Mutasi" in top.text) == (True, False)
    found = await ani.page("/units?search=mutasi")
    assert "Bidang Mutasi dan Promosi bkd-1 bagian Badan Kepegawaian Daerah" in found.text
    assert "Tidak ada unit" in (await ani.page("/units?search=zzz")).text
    address = next(said["href"] for _, said in found.tags if (said.get("href") or "").startswith("/units/"))
    assert "Sejak 1 Agustus 2026: Bidang Mutasi dan Promosi" in (await ani.page(address or "")).text
    positions = await ani.page("/positions")
    assert "belum dinilai" in positions.text
    assert "analis ya tidak memenuhi syarat" in positions.text
    only = await citra.page("/positions?search=ANA")
    (one,) = [said["href"] or "" for _, said in only.tags if (said.get("href") or "").startswith("/positions/")]
    shown, as_agency = await ani.page(one), await citra.page(one)
    assert ("Pindah ke loket" in shown.text, "Pindah ke loket" in as_agency.text) == (False, True)
    assert "Ani" in as_agency.text
    for path in ("/units/unit-none", "/positions/pos-none", "/people/emp-none"):
        assert (await citra.open(path)).status_code == 404


async def test_a_search_is_sent_and_never_stands_in_an_address(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    seen: list[httpx.Request] = []
    for client in memory.apis.clients.values():
        client.event_hooks["request"] = [_keep(seen)]
    citra = await portal.signed_in(subject("citra"))
    await citra.send((await citra.page("/people")).form("/people"), text="Dedi")
    for client in memory.apis.clients.values():
        client.event_hooks["request"] = []
    assert any(b"Dedi" in one.content for one in seen)
    assert not [one.url for one in seen if "Dedi" in str(one.url)]


def _keep(seen: list[httpx.Request]) -> Callable[[httpx.Request], Awaitable[None]]:
    async def keep(request: httpx.Request) -> None:
        seen.append(request)

    return keep


async def test_long_lists_of_units_and_positions_are_in_order_over_all_pages(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    many = "\n".join(f"jf-{n:02},{SINCE}" for n in range(60))
    await town.load("positions", f"position_code,effective_from\n{many}\n")
    units = "\n".join(f"u-{n:02},Seksi {n:02},{SINCE}" for n in range(60))
    await town.load("units", f"unit_code,name,effective_from\n{units}\n")
    ani = await portal.signed_in(subject("ani"))
    first, second = await ani.page("/positions?search=jf"), await ani.page("/positions?search=jf&page=2")
    assert ("jf-49" in first.text, "jf-50" in first.text, "Halaman 1 dari 2" in first.text) == (True, False, True)
    assert ("jf-49" in second.text, "jf-59" in second.text) == (False, True)
    named = [form for form in second.forms if form.action == "/positions" and form.method == "get"]
    assert ("search", "jf") in named[-1].fields
    last = await ani.page("/units?search=seksi&page=99")
    assert ("Seksi 59" in last.text, "Seksi 49" in last.text, "60 unit ditemukan" in last.text) == (True, False, True)


def test_a_page_of_a_list_is_one_that_there_is() -> None:
    assert sliced([], 3) == Slice((), 1, 1)
    assert (sliced(range(100), 2).rows[0], sliced(range(100), 2).pages) == (50, 2)
    assert sliced(range(101), 99).rows == (100,)


async def test_a_history_tells_what_was_there_before(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    moved = row("ani", since="2026-10-01", unit_code="lain")
    await town.load("employees", f"{HEADING}\n{moved}\n")
    await town.load("employees", f"{HEADING}\n{row('ani', name=XSS[0])}\n")
    await town.load("units", "unit_code,name,effective_from\nlain,Bidang Lain,2026-08-01\n")
    await memory.settle()
    citra, budi = await portal.signed_in(subject("citra")), await portal.signed_in(subject("budi"))
    page = await citra.page(f"/people/{town.ids['ani']}/history")
    holds_no_script(page)
    assert "Sejak 1 Oktober 2026" in page.text
    assert "Unit: sebelumnya Badan Kepegawaian Daerah → sekarang Bidang Lain" in page.text
    assert "Nama sebelumnya: Ani" in page.text
    units = (await town.get("citra", "organisation", "/v1/units", search="lain")).json()["items"]
    address = f"/units/{units[0]['unit_id']}"
    assert "Nama: sebelumnya Lain → sekarang Bidang Lain" in (await citra.page(address)).text
    assert "sebelumnya" not in (await budi.page(address)).text
    english = await portal.signed_in(subject("citra"))
    await english.post("/language/en", [], Origin="https://portal.example")
    assert (
        "Unit: before Badan Kepegawaian Daerah → now Bidang Lain"
        in (await english.page(f"/people/{town.ids['ani']}/history")).text
    )
