"""A consumer all of whose records have become unreadable stops, says so, and goes on once somebody lets it."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from deploy.lifecycle.up import STOPPED, unready
from deploy.recovery import reach
from services.savings.employee_day.jobs import verify
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.event import Rejected
from shared.kit.messaging import cloudevents, stops
from shared.kit.messaging.admission import Item
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.rejections import Limit, Limits
from shared.kit.process import worker as worker_module
from shared.kit.process.probes import probes
from shared.kit.process.worker import Worker
from tests.deploy.typed import Mkd, typing
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY = date(2026, 9, 7)
WHO = ("ani", "dedi", "citra")
LIMITS = Limits(in_a_row=3)
"""Three records, each about somebody else."""

Bad = Callable[[Record], bool]


def broken(patch: pytest.MonkeyPatch, bad: Bad = lambda _: True) -> None:
    """From now on savings cannot read what performance says: its code is older, or the other's is wrong."""
    read = Runner.item

    def item(self: Runner, record: Record) -> Item:
        found = read(self, record)
        concerned = self.consumer.name == "savings.days" and record.topic.endswith("mkd.performance") and bad(record)
        fault = Rejected("unknown-version", "newer than version 1, the newest known")
        return Item(record, found.whole, found.stream, found.n, fault=fault) if concerned else found

    patch.setattr(Runner, "item", item)


@pytest.fixture
def mkd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Mkd:
    """Commands about the test's platform."""
    name = "real" if "real" in request.fixturenames else "memory"
    whole: Platform = request.getfixturevalue(name)
    monkeypatch.setattr(reach, "settings_of", lambda service: whole.settings[service])
    return typing(monkeypatch, capsys)


def started(memory: Platform) -> Runner:
    """A consumer of a process that has just begun, with nothing in its memory."""
    its = memory.settings["savings"]
    consumer = memory.runners["savings.days"].consumer
    runner = Runner(consumer, memory.databases["savings"], its.clock(), its.instance, its.topic_prefix, limits=LIMITS)
    memory.runners["savings.days"] = runner
    return runner


async def work(memory: Platform, town: Town) -> None:
    """All work a day from home as agreed: the first that performance says is of a plan of each."""
    plans = [await town.submit(name, [MONDAY]) for name in WHO]
    await memory.settle()
    for plan in plans:
        await town.approve("budi", plan)
    await memory.settle()
    town.at(MONDAY, 15)
    for name, plan in zip(WHO, plans, strict=True):
        await town.log(name, plan)
        await town.verify("budi", plan)
    await memory.settle()


async def letters(platform: Platform) -> list[dict[str, Any]]:
    """What savings has put aside, but for what waits behind that."""
    return await platform.databases["savings"].dead_letters.find({"status": "open"}).to_list()


async def behind(memory: Platform, runner: Runner) -> int:
    assert memory.bus
    heard = await runner.checkpoint.offsets()
    ends = {at: len(records) for at, records in memory.bus.partitions.items() if at[0] in runner.publishers}
    return sum(end - heard.get(at, 0) for at, end in ends.items())


async def fold(memory: Platform) -> str:
    """The hash of what everything that was published comes to."""
    assert memory.bus
    publishers = {p.topic: p for m in (organisation, requests, approvals, performance) for p in [m.PUBLISHER]}
    events: list[ReceivedEvent] = []
    for (topic, _), records in memory.bus.partitions.items():
        publisher = publishers.get(topic.partition(".")[2])
        events += [cloudevents.read(record, publisher, {publisher.source("tests")}) for record in records if publisher]
    now = memory.settings["savings"].clock().now()
    models = ReadModels(factors())
    models.hear(events, now)
    models.settle_all(now)
    return models.digest()


async def test_a_publisher_that_cannot_be_read_stops_its_consumer_until_it_is_mended_and_resumed(
    memory: Platform, mkd: Mkd
) -> None:
    town = await open_town(memory)
    runner = started(memory)
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        await work(memory, town)
        assert [letter["rule"] for letter in await letters(memory)] == ["unknown-version"] * LIMITS.in_a_row
        assert runner.stopped
        assert (runner.stopped.exceeded.limit, runner.stopped.exceeded.rejected) == (Limit.IN_A_ROW, 3)
        lag = await behind(memory, runner)
        assert lag > 0
        runner = started(memory)
        await town.submit("hana", [MONDAY + timedelta(1)])
        await memory.settle()
        assert runner.stopped, "a process that begins anew goes no further"
        assert len(await letters(memory)) == LIMITS.in_a_row, "nothing further is put aside"
        assert await behind(memory, runner) > lag
        listed = await asyncio.to_thread(mkd, "consumers", "list")
        assert (runner.group in listed.out.replace("\n", ""), "3 of 3" in listed.out) == (True, True), listed.out
        refused = await asyncio.to_thread(mkd, "consumers", "resume", runner.group, "--retry")
        assert (refused.code, "still cannot be handled: unknown-version" in refused.err) == (1, True), refused.err
        assert await stops.every(memory.databases["savings"]), "it is not mended"
    done = await asyncio.to_thread(mkd, "consumers", "resume", runner.group, "--retry")
    assert (done.code, "3 records were handled again" in done.out) == (0, True), done
    started(memory)
    town.at(MONDAY + timedelta(1))
    await memory.settle()
    assert await letters(memory) == []
    live = (await town.get("citra", "savings", "/v1/digest")).json()
    assert (live["digest"], live["positions"]) == (await fold(memory), 4), "three people's days, and their unit's"
    again = await asyncio.to_thread(mkd, "consumers", "resume", runner.group)
    assert (again.code, "has stopped" in again.err) == (1, True)


async def test_it_stops_again_where_it_is_resumed_and_nothing_is_mended(memory: Platform, mkd: Mkd) -> None:
    town = await open_town(memory)
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        runner = started(memory)
        await work(memory, town)
        assert runner.stopped
        await asyncio.to_thread(mkd, "consumers", "resume", runner.group)
        runner = started(memory)
        await memory.settle()
        assert runner.stopped
        assert len(await letters(memory)) > LIMITS.in_a_row
        assert await behind(memory, runner) > 0


async def test_one_persons_bad_records_among_others_good_ones_stop_nothing(memory: Platform) -> None:
    town = await open_town(memory)
    runner = started(memory)
    ani = town.ids["ani"].encode()
    with pytest.MonkeyPatch.context() as patch:
        broken(patch, lambda record: record.key == ani)
        await work(memory, town)
    assert runner.stopped is None
    assert len(await letters(memory)) >= LIMITS.in_a_row
    assert await behind(memory, runner) == 0
    town.at(MONDAY + timedelta(1))
    await memory.settle()
    assert (await town.day("dedi", MONDAY))["realised"]


async def limited(real: Platform) -> Town:
    """A town on the real Kafka, whose savings' worker has a small limit."""
    town = await open_town(real)
    await real.stop("savings")
    few = {"rejected_in_a_row_max": LIMITS.in_a_row}
    real.settings["savings"] = real.settings["savings"].model_copy(update=few)
    await real.start("savings")
    return town


def asked(one: Worker) -> httpx.AsyncClient:
    """The probes of a running worker, without a port."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=probes(one)), base_url="http://worker")


async def until(true: Callable[[], Any], patience_s: float = 60) -> None:
    async with asyncio.timeout(patience_s):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def test_a_worker_whose_consumer_has_stopped_says_so_and_stays_so_when_it_is_restarted(
    real: Platform, mkd: Mkd, capsys: pytest.CaptureFixture[str]
) -> None:
    town = await limited(real)
    plans = [await town.submit(name, [MONDAY]) for name in WHO]
    await real.settle()

    async def not_ready() -> bool:
        async with asked(real.workers["savings"]) as client:
            answer = await client.get("/readyz")
            return answer.status_code == 503 and answer.json()["rejections"] is False

    async def planned() -> bool:
        paths = [("performance", f"/v1/plans/{one['request_id']}") for one in plans]
        found = [await town.get(name, *path) for name, path in zip(WHO, paths, strict=True)]
        return all(answer.status_code == 200 for answer in found)

    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        for one in plans:
            await town.approve("budi", one)
        await until(not_ready)
        assert len(await letters(real)) == LIMITS.in_a_row
        assert "consumer-stopped" in capsys.readouterr().out
        await until(planned)
        town.at(MONDAY, 15)
        for name, one in zip(WHO, plans, strict=True):
            await town.log(name, one)
            await town.verify("budi", one)
        first = real.workers["savings"]
        await until(lambda: lags(first, 6))
        await says_so(first)
        await is_not_taken_for_stalled(first)
        await real.stop("savings")
        second = await real.start("savings")
        assert await not_ready(), "from the first moment on"
        await until(lambda: assigned(second))
        await asyncio.sleep(2)
        assert await not_ready()
        assert await lags(second, 6)
        assert len(await letters(real)) == LIMITS.in_a_row
    runner = next(one for one in second.runners if one.consumer.name == "savings.days")
    assert (await asyncio.to_thread(mkd, "consumers", "resume", runner.group, "--retry")).code == 0
    await until(lambda: ready(second))
    town.at(MONDAY + timedelta(1))
    await real.settle()
    assert await letters(real) == []
    for name in WHO:
        assert (await town.day(name, MONDAY))["realised"], name
    assert await verify(real.databases["savings"], "g1", real.settings["savings"].clock()) == []


async def lags(one: Worker, records: int) -> bool:
    return sum((await one.lag()).values()) >= records


async def assigned(one: Worker) -> bool:
    """Whether its consumers have their partitions."""
    return all(listener.running and listener.consumer.assignment() for listener in one.listeners)


async def is_not_taken_for_stalled(one: Worker) -> None:
    """The watchdog lets who is stopped wait, and would not let who has work and may do it."""
    ended: list[int] = []
    behind = await one.lag()

    async def lag() -> dict[tuple[str, str], int]:
        return behind

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_module, "WATCH_EVERY_S", 0.05)
        patch.setattr(worker_module, "STALLED_AFTER_S", 0.5)
        patch.setattr("os._exit", ended.append)
        patch.setattr(one, "lag", lag)
        behind = {of: records for of, records in behind.items() if of[0].endswith("savings.days")}
        await asyncio.sleep(6)
        assert ended == []
        behind = {("others", "mkd.performance"): 1}
        await asyncio.sleep(2)
        assert ended


async def ready(one: Worker) -> bool:
    return all((await one.checks()).values())


async def says_so(one: Worker) -> None:
    """To whoever looks: operators, Prometheus, and who starts the stack."""
    group = next(runner.group for runner in one.runners if runner.consumer.name == "savings.days")
    async with asked(one) as client:
        metrics = (await client.get("/metrics")).text
        assert f'mkd_consumer_stopped{{consumer="{group}"}} 1.0' in metrics
        assert 'mkd_worker_ready{check="rejections"} 0.0' in metrics
        answer = await client.get("/readyz")
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503, json=answer.json()))) as client:
        assert unready(client, "http://worker/readyz") == STOPPED
