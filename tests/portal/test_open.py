"""What strangers see of the portal, where an instance tells them anything."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import httpx
import pytest

from services.portal.reach import Reach
from services.portal.results.model import Compared, Comparison, ModeResults, Results, ResultsMonth, ResultsSeries
from services.portal.results.value import More, lines
from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal, open_clients
from tests.harness.town import open_town, subject
from tests.savings.test_published import kept, opened, september

FILES = ("savings", "results", "savings-columns", "results-columns")


@pytest.fixture
def openly(memory: Platform, portal: Portal) -> Iterator[Portal]:
    """The portal of an instance that tells strangers."""
    state = portal.app.state
    before = state.settings
    state.reach, state.settings = Reach(open_clients(memory)), before.model_copy(update={"open_figures": True})
    yield portal
    state.settings = before


async def test_there_is_no_open_page_where_the_instance_does_not_say_so(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    browser = portal.browser()
    assert "/open" not in (await browser.page("/")).html
    for path in ("/open", *(f"/open/{name}.csv" for name in FILES)):
        assert (await browser.open(path)).status_code == 404


async def test_strangers_read_what_was_saved_and_how_it_was_worked_out(memory: Platform, openly: Portal) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    browser = openly.browser()
    assert 'href="/open"' in (await browser.page("/")).html
    shown = await browser.open("/open?month=2026-09")
    page = Page(shown.text)
    assert "Bahan bakar perjalanan" in page.text
    assert "km per liter" in page.text
    assert "Keadaan per 2 Oktober 2026" in page.text
    assert shown.headers["cache-control"] == "private, no-cache"
    again = await browser.open("/open?month=2026-09", **{"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    assert "Belum ada angka" in (await browser.page("/open?month=2026-08")).text
    for name in FILES:
        file = await browser.open(f"/open/{name}.csv?month=2026-09")
        assert list(csv.DictReader(io.StringIO(file.text))) or name == "results"
    assert (await browser.open("/open/nothing.csv")).status_code == 404


async def test_a_month_whose_figures_are_withheld_is_not_one_that_has_none_yet(
    memory: Platform, portal: Portal, openly: Portal
) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id, people=range(3)))
    for browser, path in ((openly.browser(), "/open"), (await portal.signed_in(subject("hana")), "/dashboard")):
        text = (await browser.page(f"{path}?month=2026-09")).text
        assert ("Semua angka bulan ini ditahan" in text, "Belum ada angka untuk bulan ini" in text) == (True, False)


async def test_many_strangers_cost_one_question(memory: Platform, openly: Portal) -> None:
    await open_town(memory)
    asked: list[str] = []
    for client in openly.app.state.reach._clients.values():

        async def note(request: httpx.Request) -> None:
            asked.append(request.url.path)
            assert "authorization" not in request.headers

        client.event_hooks["request"].append(note)
    try:
        for _ in range(3):
            await openly.browser().page("/open?month=2026-09")
    finally:
        for client in openly.app.state.reach._clients.values():
            client.event_hooks["request"].clear()
    assert sorted(asked) == ["/v1/open/results", "/v1/open/savings"]


async def test_results_are_shown_month_by_month(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", date(2026, 9, 7))
    citra = await portal.signed_in(subject("citra"))
    shown = await citra.open("/results?from=2026-08&to=2026-09")
    page = Page(shown.text)
    assert "September 2026" in page.text
    assert "100%" in page.text or "100,0%" in page.text, page.text
    assert "belum dapat dibandingkan" in page.text
    again = await citra.open("/results?from=2026-08&to=2026-09", **{"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    assert (await citra.open("/results.csv?to=2026-09")).text.startswith("month,as_of,mode,")
    ani = await portal.signed_in(subject("ani"))
    assert "Belum ada hasil" in (await ani.page("/results?from=2026-08&to=2026-09")).text


def test_a_month_is_shown_as_it_is_told() -> None:
    def month(comparison: Comparison | None = None, **of: Results | None) -> ResultsMonth:
        modes = [ModeResults(mode=mode, units=1, withheld=not its, results=its) for mode, its in of.items()]
        return ResultsMonth(month="2026-09", as_of=None, modes=modes, comparison=comparison)

    good, fair = (Results(outputs=9, attainment_ppm=ppm, timeliness_ppm=800_000) for ppm in (950_049, 900_000))
    of = Compared(difference_ppm=50_049, low_ppm=-20_000, high_ppm=120_000, verdict="inconclusive")
    (both, hidden, alone) = lines(
        ResultsSeries(
            months=[
                month(),
                month(Comparison(attainment=of, timeliness=of), mkd=good, office=fair),
                month(mkd=good, office=None),
                month(mkd=good),
            ]
        )
    )
    assert both.attainment_more == More(Decimal("5.0"), Decimal("-2.0"), Decimal("12.0"), "inconclusive")
    assert (hidden.office.withheld, hidden.attainment_more) == (True, None)
    assert (alone.office.withheld, alone.attainment_more) == (False, None)
