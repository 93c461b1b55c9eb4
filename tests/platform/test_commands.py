"""How much a command asks of the database: few commands, whatever has been heard of, and rights as fresh as ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from pymongo import monitoring

from shared.kit.base import generations
from shared.kit.base.lease import Lease
from shared.kit.base.mongo import connect
from shared.kit.messaging.rejections import Limits
from shared.kit.web import app as http
from tests.harness.made import MONDAY, TUESDAY
from tests.harness.platform import Platform
from tests.harness.town import HEADING, Town, open_town, row, subject


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


@asynccontextmanager
async def all_counted(platform: Platform, patch: pytest.MonkeyPatch) -> AsyncIterator[Counter]:
    """Relays and consumers, as workers have them, whose commands are counted."""
    assert platform.bus
    counter = Counter()
    with patch.context() as meanwhile:
        meanwhile.setattr(monitoring, "_LISTENERS", monitoring._Listeners([counter], [], [], [], []))
        meanwhile.setattr("shared.kit.messaging.relay.LOOKS_EVERY_S", 600)
        for name, service in platform.services.items():
            meanwhile.setitem(platform.databases, name, connect(platform.settings[name], service.database))
        counted_ = list(platform.databases.values())
        platform.put_on(platform.bus.kept())
        for relay in platform.relays.values():
            relay._lease = Lease(relay._db, "relay", "test", 600)
        for runner in platform.runners.values():
            runner._limits = Limits()
        await platform.settle()
        yield counter
        for db in counted_:
            await db.client.close()


async def carried(platform: Platform, counter: Counter) -> dict[str, int]:
    """How many commands each took to send or hear what there was, until there was nothing more. Looks that find nothing
    are made once for many commits and are left out."""
    assert platform.bus
    caused: dict[str, int] = {}
    moved = 1
    while moved:
        moved = 0
        steps = {f"relay of {name}": relay.attempt for name, relay in platform.relays.items()}
        steps |= {name: partial(platform.bus.deliver, runner) for name, runner in platform.runners.items()}
        for name, step in steps.items():
            counter.names.clear()
            if done := await step():
                caused[name] = caused.get(name, 0) + len([one for one in counter.names if one != "distinct"])
                moved += done
    return caused


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


async def test_what_somebody_was_told_is_not_told_again_once_they_may_see_less(memory: Platform) -> None:
    """The day comes on which the personnel agency's role is over, as has been known; nothing is written then."""
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    await town.load("employees", f"{HEADING}\n{row('citra', since='2026-09-20', roles='')}\n")
    await memory.settle()
    told = [await town.get("citra", "savings", "/v1/unit-months", month="2026-09") for _ in range(3)]
    assert {answer.json()["items"][0]["people"] for answer in told} == {1}
    assert (await town.get("hana", "savings", "/v1/unit-months", month="2026-09")).json()["items"] == []
    town.at(date(2026, 9, 20))
    assert (await town.get("citra", "savings", "/v1/unit-months", month="2026-09")).json()["items"] == []


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


HEARD = 5
"""What a batch takes that changes nothing: whether the consumer is stopped, what it had heard, two writes, the commit.
It is one for all that comes within a quarter of a second."""


async def test_what_a_submission_and_an_approval_cause_everywhere(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    before = await submitted(town, [MONDAY])
    await memory.settle()
    await town.approve("budi", before)
    async with all_counted(memory, monkeypatch) as counter:
        asked = await submitted(town, [TUESDAY])
        caused = await carried(memory, counter)
        assert caused == {
            "relay of requests": 3,
            "approvals.cases": 7,
            "performance.plans": 2 * HEARD,
            "performance.results": HEARD,
            "savings.days": 2 * HEARD,
            "relay of approvals": 3,
            "requests.outcomes": HEARD,
        }
        await town.approve("budi", asked)
        caused = await carried(memory, counter)
        assert caused.pop("savings.days") <= 15 + 2 * HEARD
        assert caused.pop("performance.results") <= 11 + HEARD
        assert caused == {
            "relay of approvals": 3,
            "requests.outcomes": 8,
            "performance.plans": 9 + HEARD,
            "relay of requests": 3,
            "approvals.cases": HEARD,
            "relay of performance": 3,
        }
