"""Further pages of the personnel agency, and of officials who act for others: gaps, erasure, mandates."""

from datetime import date

from services.portal.completeness.model import WHERE, Gaps
from services.portal.completeness.value import in_order, rows
from services.savings.month.schemas import LACKED
from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import HEADING, NIPS, open_town, row, subject
from tests.organisation.test_erasure import leave
from tests.portal.test_journey import MONDAY
from tests.portal.test_pages import XSS, holds_no_script

ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"


async def test_what_a_unit_lacks_is_told_with_where_to_give_it(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.submit("hana", [MONDAY])
    await memory.settle()
    await town.approve("eka", asked)
    await memory.settle()
    town.at(MONDAY, 15)
    await town.log("hana", asked)
    await town.on_outputs("eka", asked, "verify")
    await memory.settle()
    town.at(date(2026, 9, 9))
    await memory.settle()
    citra, ani = await portal.signed_in(subject("citra")), await portal.signed_in(subject("ani"))
    page = await citra.page("/completeness?month=2026-09")
    assert "Badan Kepegawaian Daerah" in page.text
    assert "perjalanan: 1 hari Lengkapi" in page.text
    assert 'href="/imports?kind=employees"' in page.html
    chosen = await citra.page("/imports?kind=employees")
    assert ("kind", "employees") in chosen.form("/imports").fields
    assert "lacks_commute" in (await citra.open("/completeness.csv?month=2026-09")).text
    assert "Belum ada hari MKD" in (await citra.page("/completeness?month=2026-01")).text
    assert "Lengkapi" not in (await ani.page("/completeness?month=2026-09")).html
    assert 'href="/completeness"' not in (await ani.page("/today")).html


def test_what_the_agency_can_give_comes_first() -> None:
    def unit(name: str, **lacks: int) -> Gaps:
        said = {name.replace("_", "-"): days for name, days in lacks.items()}
        return Gaps(unit_id=name, unit_name=name, days_agreed=9, days_realised=9, lacks=said)

    waits, lacks = unit("a", verification=9), unit("b", verification=5, seat=1, meal_allowance=2)
    assert [one.unit_id for one in rows([waits, lacks])] == ["b", "a"]
    assert [name for name, _, _ in in_order(lacks)] == ["meal-allowance", "seat", "verification"]


def test_there_is_a_place_for_whatever_data_may_lack() -> None:
    assert set(WHERE) == set(LACKED) - {"approval", "date", "verification"}


async def test_personal_data_are_erased_in_two_steps(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    address = f"/people/{town.ids['dedi']}/erase"
    await leave(town, "dedi")
    citra = await portal.signed_in(subject("citra"))
    first = await citra.page(address)
    assert "Yang tetap, dan mengapa" in first.text
    assert "masih bekerja" not in first.text
    none = await citra.send(first.form(address))
    assert (none.status_code, "Isi alasannya." in none.text) == (422, True)
    second = Page((await citra.send(first.form(address), reason="Surat 12/2026 " + XSS[0])).text)
    holds_no_script(second)
    assert "Periksa sekali lagi" in second.text
    unsure = await citra.send(second.form(address))
    assert (unsure.status_code, "Tandai bahwa Anda yakin" in unsure.text) == (422, True)
    assert "Dedi" in (await citra.page(f"/people/{town.ids['dedi']}")).text
    done = Page((await citra.send(Page(unsure.text).form(address), sure="1")).text)
    assert "Data pribadinya telah dihapus" in done.text
    assert "Dedi" not in done.text
    again = Page((await citra.send(second.form(address), sure="1")).text)
    assert "Data pribadinya telah dihapus" not in again.text or "Dedi" not in again.text
    erased = await citra.page(f"/people/{town.ids['dedi']}")
    assert ("[dihapus]" in erased.text, NIPS["dedi"] in erased.text) == (True, False)


async def test_an_erasure_is_refused_where_it_must_be(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    citra, budi = await portal.signed_in(subject("citra")), await portal.signed_in(subject("budi"))
    address = f"/people/{town.ids['ani']}/erase"
    assert (await budi.open(address)).status_code == 403
    assert (await citra.open(f"{address}?step=2&sure=1&reason=x")).status_code == 200
    form = (await citra.page(address)).form(address)
    refused = await citra.send(form, step="2", reason="Permohonan", sure="1")
    assert (refused.status_code, "masih bekerja" in refused.text) == (422, True)
    assert (await citra.send(form, csrf="a" * 88)).status_code == 403
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    late = await citra.send(form, step="2", reason="Permohonan", sure="1")
    assert late.status_code in (412, 422)
    assert ("reason", "Permohonan") in Page(late.text).form(address).fields
    assert "Ani" in (await citra.page(f"/people/{town.ids['ani']}")).text


async def test_mandates_are_read_by_those_whom_they_concern(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    sheet = (
        f"{ACTING}SP-1,plh,{NIPS['budi']},{NIPS['hana']},2026-09-01,2026-09-30\n"
        f"SP-2,plt,{NIPS['eka']},{NIPS['budi']},2026-10-01,2026-10-31\n"
        f"SP-3,plh,{NIPS['budi']},{NIPS['dedi']},2026-01-05,2026-01-09\n"
    )
    await town.load("acting", sheet)
    await memory.settle()
    budi, hana, farah = [await portal.signed_in(subject(name)) for name in ("budi", "hana", "farah")]
    page = await budi.page("/mandates")
    held, given = page.text.index("Anda bertindak"), page.text.index("Pejabat lain bertindak")
    assert held < page.text.index("SP-2 Plt Eka Budi 1 Oktober 2026 sampai 31 Oktober 2026 akan datang") < given
    assert given < page.text.index("SP-1 Plh Budi Hana") < page.text.index("SP-3 Plh Budi Dedi")
    assert 'href="/mandates"' in (await hana.page("/desk")).html
    assert "SP-1 Plh Budi Hana 1 September 2026 sampai 30 September 2026 berlaku" in (await hana.page("/mandates")).text
    assert "Plh dan Plt lainnya" in (await farah.page("/mandates")).text
    record = await (await portal.signed_in(subject("citra"))).page(f"/people/{town.ids['dedi']}")
    assert ("SP-3" in record.text, "SP-2" in record.text) == (True, False)
