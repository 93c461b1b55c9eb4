"""How much a command asks of the database: few commands, whatever has been heard of, and rights as fresh as ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from pymongo import monitoring

from shared.kit.base import generations
from shared.kit.web import app as http
from tests.harness.made import MONDAY, TUESDAY
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town, subject


class Counter(monitoring.CommandListener):
    """Notes the name of each command."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name not in ("hello", "isMaster", "ping", "endSessions", "saslStart", "saslContinue"):
            self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@asynccontextmanager
async def counted(platform: Platform, service: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Counter]:
    """An API whose commands are counted, instead of the one that a platform has."""
    counter = Counter()
    with patch.context() as meanwhile:
        meanwhile.setattr(monitoring, "_LISTENERS", monitoring._Listeners([counter], [], [], [], []))
        app = http.api(platform.services[service], platform.settings[service])
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{service}") as client:
                meanwhile.setitem(platform.apis.clients, service, client)
                yield counter


async def submitted(town: Town, days: list[date]) -> dict[str, Any]:
    return await town.submit("ani", days)


async def test_a_submit_is_six_commands(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    town = await open_town(memory)
    async with counted(memory, "requests", monkeypatch) as counter:
        await submitted(town, [MONDAY])
        counter.names.clear()
        await submitted(town, [TUESDAY])
    assert counter.names == ["find", "update", "insert", "update", "insert", "commitTransaction"]


async def test_an_approval_is_five_commands(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    town = await open_town(memory)
    first, second = [await submitted(town, [day]) for day in (MONDAY, TUESDAY)]
    await memory.settle()
    path = f"/v1/cases/{second['request_id']}:approve"
    async with counted(memory, "approvals", monkeypatch) as counter:
        await town.approve("budi", first)
        counter.names.clear()
        answer = await town.post("budi", "approvals", path, seen=1)
    assert answer.status_code == 200, answer.text
    assert counter.names == ["find", "find", "insert", "update", "commitTransaction"]


async def test_a_list_of_decisions_is_no_more_commands_than_a_few(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    asked = [await submitted(town, [MONDAY + timedelta(days)]) for days in (0, 7)]
    await memory.settle()
    items = [{"request_id": one["request_id"], "version": 1, "decision": "approve"} for one in asked]
    async with counted(memory, "approvals", monkeypatch) as counter:
        answer = await town.post("budi", "approvals", "/v1/cases:decide", {"items": items})
    assert [item["status"] for item in answer.json()["items"]] == [200, 200]
    writes = [name for name in counter.names if name in ("insert", "update", "commitTransaction")]
    assert writes == ["insert", "update", "commitTransaction"]


async def test_a_month_that_has_not_changed_is_one_question_and_one_that_has_is_told_anew(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    citra = {"Authorization": f"Bearer {memory.token(subject('citra'))}"}
    for path in ("/v1/unit-months?month=2026-09", "/v1/instance-months/2026-09", "/v1/completeness?month=2026-09"):
        async with counted(memory, "savings", monkeypatch) as counter:
            client = memory.apis.clients["savings"]
            first = await client.get(path, headers=citra)
            counter.names.clear()
            again = await client.get(path, headers=citra)
            assert counter.names == ["aggregate"], path
            unchanged = await client.get(path, headers=citra | {"If-None-Match": first.headers["etag"]})
            assert counter.names == ["aggregate"] * 2, path
        assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
        assert (unchanged.status_code, unchanged.content) == (304, b"")
    before = await town.get("citra", "savings", "/v1/unit-months", month="2026-09")
    await town.play_to_verified("dedi", TUESDAY + timedelta(1))
    after = await town.get("citra", "savings", "/v1/unit-months", month="2026-09")
    assert after.headers["etag"] != before.headers["etag"]
    assert [one["people"] for one in before.json()["items"] if one["category"] == "fuel"] == [1]
    assert [one["people"] for one in after.json()["items"] if one["category"] == "fuel"] == [2]


async def test_another_generation_answers_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    citra = {"Authorization": f"Bearer {memory.token(subject('citra'))}"}
    path, client = "/v1/unit-months?month=2026-09", memory.apis.clients["savings"]
    told = [await client.get(path, headers=citra) for _ in range(3)]
    assert len({(answer.status_code, answer.headers["etag"]) for answer in told}) == 1
    seen = citra | {"If-None-Match": told[-1].headers["etag"]}
    assert (await client.get(path, headers=seen)).status_code == 304
    await generations.switch(memory.databases["savings"], "g2", memory.services["savings"].models_version)
    assert [(await client.get(path, headers=seen)).status_code for _ in range(2)] == [200, 200]
