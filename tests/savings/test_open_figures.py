"""What strangers are told where an instance says so: what everybody on record may read, and nothing that tells more."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import pytest

from services.performance.series.schemas import _percent
from shared.kit.web import app as http
from shared.people import published
from shared.people.openly import region
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town
from tests.platform.test_commands import counted
from tests.savings.test_published import kept, opened, september

SPAN = {"from": "2026-09", "to": "2026-09"}
REGION = "32 Jawa Barat; 3216 Kabupaten Bekasi"
PATHS = (
    ("savings", "/v1/open/savings"),
    ("savings", "/v1/open/savings/columns"),
    ("performance", "/v1/open/results"),
    ("performance", "/v1/open/results/columns"),
)


@asynccontextmanager
async def stranger(memory: Platform, service: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token, at an API that tells strangers."""
    its = memory.settings[service].model_copy(update={"open_figures": True, "open_region": REGION})
    app = http.api(memory.services[service], its)
    app.state.db = memory.databases[service]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def fuel(client: httpx.AsyncClient) -> int | None:
    (month,) = (await client.get("/v1/open/savings", params=SPAN)).raise_for_status().json()["months"]
    found = [one["amounts"]["sen"]["central"] for one in month["figures"] if one["category"] == "fuel"]
    return found[0] if found else None


@pytest.mark.parametrize(("service", "path"), PATHS)
async def test_nothing_is_told_where_the_instance_does_not_say_so(memory: Platform, service: str, path: str) -> None:
    town = await open_town(memory)
    span = {} if path.endswith("columns") else SPAN
    assert (await memory.apis.clients[service].get(path, params=span)).status_code == 401
    assert (await town.get("ani", service, path, **span)).status_code == 404


@pytest.mark.parametrize(("service", "path"), PATHS)
async def test_it_is_told_without_a_token_and_is_small_when_unchanged(
    memory: Platform, service: str, path: str
) -> None:
    await open_town(memory)
    async with stranger(memory, service) as client:
        answer = await client.get(path, params={} if path.endswith("columns") else SPAN)
        assert answer.status_code == 200
        again = await client.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        assert (await client.get("/v1/me")).status_code == 401


async def test_strangers_read_what_everybody_may_read(memory: Platform) -> None:
    """The newest publication, as long as nobody has come into the month since. Who has goes on reading what there was
    before; so do strangers, who may be they."""
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    async with stranger(memory, "savings") as client:
        assert await fuel(client) == 100
        town.at(date(2026, 10, 3))
        await kept(town, september(unit_id, changed=6))
        assert [await _fuel_of(town, name) for name in ("hana", "ani")] == [106, 106]
        assert await fuel(client) == 106
        more = september(unit_id, changed=6, people=range(18))
        more["unit_months"][0]["amounts"] = {"sen": {"low": 150, "central": 150, "high": 150}}
        _is_among(town, more, "emp-17")
        town.at(date(2026, 10, 4))
        await kept(town, more)
        assert [await _fuel_of(town, name) for name in ("hana", "ani")] == [150, 106]
        assert await fuel(client) == 106


async def test_a_figure_that_some_may_not_read_is_told_to_no_stranger(memory: Platform) -> None:
    """Five people, of whom each could take off their own."""
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id, people=range(5)))
    assert await _fuel_of(town, "hana") == 100
    async with stranger(memory, "savings") as client:
        assert await fuel(client) is None
        rows = await _rows(client, "/v1/open/savings")
        assert {(one["kategori"], one["keterangan"], one["jumlah"]) for one in rows} >= {("bahan bakar", "ditahan", "")}
        assert {one["unit_tidak_termasuk"] for one in rows} == {"1"}


async def test_rows_have_the_form_of_open_data_and_every_column_a_meaning(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    async with stranger(memory, "savings") as client:
        rows = await _rows(client, "/v1/open/savings")
        of_fuel = next(one for one in rows if one["kategori"] == "bahan bakar")
        told = [of_fuel[name] for name in ("kode_provinsi", "kode_kabupaten_kota", "bulan", "jumlah", "satuan")]
        assert told == ["32", "3216", "2026-09", "1", "RUPIAH"]
        named = {one["column"]: one["meaning"] for one in await _rows(client, "/v1/open/savings/columns", {})}
        assert list(named) == list(rows[0])
        assert all(named.values())


async def test_a_published_document_of_before_is_read_from_its_first_publication(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))
    db = memory.databases["savings"]
    await db.publications.update_many({}, {"$unset": {"read_by_all": ""}})
    assert (await published.read_by_all(db, ["2026-08", "2026-09"]))["2026-09"].number == 1


@pytest.mark.parametrize(("service", "path"), [one for one in PATHS if not one[1].endswith("columns")])
async def test_many_months_cost_strangers_two_questions(
    memory: Platform, monkeypatch: pytest.MonkeyPatch, service: str, path: str
) -> None:
    await open_town(memory)
    open_ = memory.settings[service].model_copy(update={"open_figures": True})
    monkeypatch.setitem(memory.settings, service, open_)
    async with counted(memory, service, monkeypatch) as commands:
        commands.names.clear()
        answer = await memory.apis.clients[service].get(path, params={"from": "2024-01", "to": "2026-12"})
        assert len(answer.json()["months"]) == 36
        assert len(commands.names) == 2, commands.names


async def test_results_of_all_units_are_told_month_by_month(memory: Platform) -> None:
    """The agency reads what is so; others nothing of few people; strangers neither."""
    town = await open_town(memory)
    await town.play_to_verified("ani", date(2026, 9, 7))
    town.at(date(2026, 9, 8))
    await memory.settle()
    (month,) = (await town.get("citra", "performance", "/v1/results/series", **SPAN)).json()["months"]
    (of_mkd,) = month["modes"]
    single = (await town.get("citra", "performance", "/v1/results/unit-months", month="2026-09")).json()["items"]
    assert of_mkd["results"] == single[0]["results"]
    town.at(date(2026, 10, 2))
    await memory.settle()
    for name in ("hana", "ani"):
        (month,) = (await town.get(name, "performance", "/v1/results/series", **SPAN)).json()["months"]
        assert [(one["withheld"], one["results"]) for one in month["modes"]] in ([], [(True, None)])
    csv_ = await town.get("citra", "performance", "/v1/results/series", **SPAN, format="csv")
    (row,) = csv.DictReader(io.StringIO(csv_.text))
    assert (row["mode"], row["outputs"], row["withheld"]) == ("mkd", str(single[0]["results"]["outputs"]), "False")
    async with stranger(memory, "performance") as client:
        rows = await _rows(client, "/v1/open/results")
        assert all(one["keterangan"] == "ditahan" and not one["keluaran"] for one in rows)
        named = [one["column"] for one in await _rows(client, "/v1/open/results/columns", {})]
        assert named[:4] == ["kode_provinsi", "nama_provinsi", "kode_kabupaten_kota", "nama_kabupaten_kota"]


@pytest.mark.parametrize(
    ("ppm", "said"), [(None, ""), (0, "0.0"), (1_000_000, "100.0"), (912_345, "91.2"), (912_500, "91.3")]
)
def test_shares_are_told_in_per_cent(ppm: int | None, said: str) -> None:
    assert _percent(ppm) == said


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("", ["", "", "", ""]),
        ("32 Jawa Barat", ["32", "Jawa Barat", "", ""]),
        (REGION, ["32", "Jawa Barat", "3216", "Kabupaten Bekasi"]),
    ],
)
def test_a_region_is_stated_by_codes_and_names(memory: Platform, stated: str, said: Sequence[str]) -> None:
    its = memory.settings["savings"].model_copy(update={"open_region": stated})
    assert list(region(its).model_dump().values()) == said


def _is_among(town: Town, part: dict[str, Any], who: str) -> None:
    """Ani is one of the month's people."""
    for name in ("employee_months", "days"):
        found = ((one, one["employee_id"] == who) for one in part[name])
        part[name] = [one | {"employee_id": town.ids["ani"]} if is_hers else one for one, is_hers in found]


async def _fuel_of(town: Town, name: str) -> int | None:
    answer = (await town.get(name, "savings", "/v1/instance-months/2026-09")).json()
    found = [one["amounts"]["sen"]["central"] for one in answer["figures"] if one["category"] == "fuel"]
    return found[0] if found else None


async def _rows(client: httpx.AsyncClient, path: str, params: dict[str, str] = SPAN) -> list[dict[str, str]]:
    answer = (await client.get(path, params={**params, "format": "csv"})).raise_for_status()
    return list(csv.DictReader(io.StringIO(answer.text)))
