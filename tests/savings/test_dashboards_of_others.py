"""A dashboard for Grafana and a notebook that stand on the open APIs: each asks for what there is."""

import asyncio
import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from deploy.base.home import ROOT
from shared.kit.base.catalogue import VALUES
from tests.harness.parts import free_port_base
from tests.harness.platform import Platform
from tests.harness.portal import open_apps
from tests.savings.test_published import kept, opened, september

GRAFANA = json.loads((ROOT / "deploy" / "grafana" / "figures.json").read_text())
NOTEBOOK = json.loads((ROOT / "docs" / "notebooks" / "figures.ipynb").read_text())
SPAN = {"${__from:date:YYYY-MM}": "2026-09", "${__to:date:YYYY-MM}": "2026-09"}
WORDS = {word for catalogue in VALUES.by_language.values() for word in catalogue.values()}


def targets() -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in GRAFANA["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target


async def played(memory: Platform) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(town, september(unit_id))


async def test_every_panel_asks_for_rows_that_there_are(memory: Platform) -> None:
    await played(memory)
    apps = open_apps(memory)
    for title, target in targets():
        url = target["url"]
        for name, value in SPAN.items():
            url = url.replace(name, value)
        service = re.match(r"\$\{(\w+)\}", url)
        assert service, title
        its = urlsplit(url.replace(service[0], "http://127.0.0.1"))
        transport = httpx.ASGITransport(apps[service[1]])
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.get(f"{its.path}?{its.query}")
        assert answer.status_code == 200, (title, answer.text)
        heading = next(csv.reader(io.StringIO(answer.text)))
        named = {column["selector"] for column in target["columns"]} | {one["field"] for one in target["filters"]}
        assert named <= set(heading), title


@pytest.mark.parametrize("field", ["kategori", "penerima_manfaat"])
def test_what_panels_choose_by_is_said_so(field: str) -> None:
    chosen = {
        value for _, target in targets() for one in target["filters"] if one["field"] == field for value in one["value"]
    }
    assert chosen
    assert chosen <= WORDS


async def test_the_notebook_runs_from_its_first_cell_to_its_last(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await played(memory)
    apps, base = open_apps(memory), free_port_base()
    servers = []
    for offset, name in enumerate(("savings", "performance")):
        server = uvicorn.Server(uvicorn.Config(apps[name], port=base + offset, lifespan="off", log_level="error"))
        servers.append((server, asyncio.create_task(server.serve())))
        monkeypatch.setenv(f"MKD_{name.upper()}", f"http://127.0.0.1:{base + offset}")
    monkeypatch.setenv("MKD_FIRST", "2026-09")
    monkeypatch.setenv("MKD_LAST", "2026-09")
    try:
        async with asyncio.timeout(20):
            while not all(server.started for server, _ in servers):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            found, said = await asyncio.to_thread(_run)
    finally:
        for server, running in servers:
            server.should_exit = True
            await running
    assert ("bahan bakar", "pegawai") in {kind[:2] for kind in found["sums"]}
    assert "kategori" in said


def _run() -> tuple[dict[str, Any], str]:
    told, names = io.StringIO(), dict[str, Any]()
    with contextlib.redirect_stdout(told):
        for cell in NOTEBOOK["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
    return names, told.getvalue()
