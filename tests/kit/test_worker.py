"""What a worker says of itself, and that it ends rather than stand still."""

import asyncio
import time
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from aiokafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families

from services.savings.unit_day.jobs import SETTLE_UNITS
from shared.kit.messaging.subscriber import RebalanceListener
from shared.kit.process import worker as worker_module
from shared.kit.process import workers
from shared.kit.process.probes import probes
from shared.kit.process.worker import Worker
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

MONDAY = date(2026, 9, 7)


def client_of(one: Worker) -> httpx.AsyncClient:
    """The probes of a running worker, without a port."""
    app = probes(one)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://worker")


async def told_well(real: Platform) -> bool:
    """Whether approvals' worker has said in the database that it has caught up and that all is well."""
    told = await workers.told(real.databases["approvals"])
    return bool(told and told[0].lag and not any(told[0].lag.values()) and all(told[0].checks.values()))


async def test_a_worker_tells_its_lag_its_outbox_its_dead_letters_and_that_it_is_ready(real: Platform) -> None:
    town = await open_town(real)
    await town.submit("ani", [MONDAY])
    await real.settle()
    async with client_of(real.workers["approvals"]) as client:
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"mongodb": True, "clock": True, "kafka": True, "consumers": True, "rejections": True},
        )
        text = (await client.get("/metrics")).text
        found = {(s.name, *s.labels.values()): s.value for f in text_string_to_metric_families(text) for s in f.samples}
        prefix = real.settings["approvals"].topic_prefix
        assert found["mkd_consumer_lag", f"{prefix}approvals.cases", f"{prefix}mkd.requests"] == 0
        said = await real.databases["requests"].commits.count_documents({})
        assert found["mkd_consumer_events", f"{prefix}approvals.cases", "applied"] == said
        assert found["mkd_outbox_unsent",] == 0
        assert found["mkd_dead_letters", f"{prefix}approvals.cases", "open"] == 0
        assert {s: found["mkd_worker_ready", s] for s in ready.json()} == dict.fromkeys(ready.json(), 1)
        async with asyncio.timeout(30):
            while not await told_well(real):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        document = (await client.get("/asyncapi.json")).json()
        assert set(document["channels"]) == {"approvals", "requests", "organisation"}


@pytest.mark.parametrize(("behind", "name"), [(0, "HEARING_RESTS_S"), (2000, "BEHIND_RESTS_S")])
async def test_what_the_next_batch_would_touch_again_waits_while_something_is_heard_and_not_for_ever(
    memory: Platform, monkeypatch: pytest.MonkeyPatch, behind: int, name: str
) -> None:
    worker, job = Worker(memory.services["savings"], memory.settings["savings"]), SETTLE_UNITS
    listener = SimpleNamespace(behind=0, heard_at=float("-inf"))
    worker.listeners = [cast("RebalanceListener", listener)]
    assert not worker._rests(job), "nothing is heard"
    listener.behind, listener.heard_at = behind, time.monotonic()
    assert worker._rests(job)
    assert worker._rests(job)
    monkeypatch.setattr(worker_module, name, 0)
    assert not worker._rests(job), "it has waited long enough"
    await worker.db.client.close()


async def test_a_worker_whose_kafka_cannot_be_reached_does_not_start(
    real: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    its = real.settings["approvals"].model_copy(update={"kafka_bootstrap": "127.0.0.1:9"})
    with pytest.raises(KafkaError):
        await _run(Worker(real.services["approvals"], its))
    assert "kafka-not-reachable" in capsys.readouterr().out


async def behind() -> dict[tuple[str, str], int]:
    """The lag of a worker that has work."""
    return {("approvals.cases", "mkd.requests"): 7}


async def _run(one: Worker) -> None:
    async with one.running():
        pass


async def test_a_worker_that_has_work_and_makes_no_progress_ends_itself(
    real: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    one = real.workers["approvals"]

    def end(code: int) -> None:
        ended.append(code)
        raise asyncio.CancelledError

    monkeypatch.setattr(worker_module, "WATCH_EVERY_S", 0.05)
    monkeypatch.setattr(worker_module, "STALLED_AFTER_S", 0.3)
    monkeypatch.setattr(one, "lag", behind)
    monkeypatch.setattr("os._exit", end)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(one._watch(), 5)
    assert set(ended) == {70}, "the worker's own watch may have come first"


async def test_a_worker_that_has_slept_is_given_the_time_to_go_on(
    real: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that wakes up finds a last progress of hours ago, which is nobody's fault."""
    ended: list[int] = []
    one = real.workers["approvals"]

    monkeypatch.setattr(one, "lag", behind)
    monkeypatch.setattr("os._exit", ended.append)
    one._progress = (await _done(one), time.monotonic() - 3600)
    one._beat = time.monotonic() - 3600
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one._watch(), 1)
    assert ended == []


async def _done(one: Worker) -> object:
    return (await behind(), [tuple(runner.outcomes.items()) for runner in one.runners])


async def test_a_job_that_fails_takes_the_process_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that died in silence would leave a worker that looks alive."""
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)

    async def dies() -> None:
        raise ZeroDivisionError

    await worker_module._vital(dies())
    assert ended == [70]


async def test_a_worker_taken_over_goes_on_where_the_other_stood(real: Platform) -> None:
    """Two workers of one service, one stopped while work comes in."""
    town = await open_town(real)
    second = Worker(real.services["approvals"], real.settings["approvals"])
    async with second.running():
        asked: list[Any] = [await town.submit(name, [MONDAY]) for name in ("ani", "dedi")]
        await real.stop("approvals")
        asked.append(await town.submit("citra", [MONDAY]))
        async with asyncio.timeout(30):
            await asyncio.gather(*(_on_the_desk(town, one["request_id"]) for one in asked))
    cases = await real.databases["approvals"].commits.count_documents({"n": 1})
    assert cases == 3


async def _on_the_desk(town: Town, request_id: str) -> None:
    while (await town.get("budi", "approvals", f"/v1/cases/{request_id}")).status_code != 200:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
