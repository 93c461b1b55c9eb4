"""What time brings goes on past what it fails on, and says what that is."""

from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect

from shared.kit.base.metrics import WorkerMetrics
from shared.kit.messaging import deadletters, jobs
from shared.kit.process import attention, status
from shared.kit.process.worker import Worker
from tests.harness.platform import Platform

JOB = "savings.days-due"


async def test_one_thing_that_a_job_fails_on_is_set_aside_alone_and_the_others_are_done(memory: Platform) -> None:
    db = memory.databases["savings"]
    done: list[str] = []

    async def work(ids: Sequence[str]) -> None:
        if "bad" in ids:
            raise ZeroDivisionError
        done.extend(ids)

    await jobs.each_alone(db, JOB, [*"abcdefg", "bad", *"hij"], work)
    assert sorted(done) == sorted("abcdefghij")
    assert await jobs.left_out(db, JOB) == ["bad"]
    await jobs.each_alone(db, JOB, ["bad"], work)
    (letter,) = await db.dead_letters.find({}).to_list()
    assert (letter["consumer"], letter["rule"], letter["about"]) == (JOB, "handler-failed", "bad")
    found = await attention.find(db, [])
    assert [(one.consumer, one.place) for one in found.letters] == [(JOB, "bad")]
    metrics = WorkerMetrics("savings")
    await status.tell(metrics, db, [], {})
    assert metrics.letters.labels(JOB, "open")._value.get() == 1
    for now_is, left in ((deadletters.Status.DISCARDED, ["bad"]), (deadletters.Status.HANDLED, [])):
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"status": now_is.value}})
        assert await jobs.left_out(db, JOB) == left


async def test_a_database_that_does_not_answer_sets_nothing_aside(memory: Platform) -> None:
    async def work(_: Sequence[str]) -> None:
        raise AutoReconnect("the test is away")

    with pytest.raises(AutoReconnect):
        await jobs.each_alone(memory.databases["savings"], JOB, ["a", "b"], work)
    assert await memory.databases["savings"].dead_letters.count_documents({}) == 0


async def test_a_job_that_fails_neither_ends_the_worker_nor_stops_the_other_steps(
    memory: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = Worker(memory.services["organisation"], memory.settings["organisation"])

    async def fails() -> None:
        raise ZeroDivisionError

    async def goes() -> None:
        return

    assert not await worker._guarded("fails", fails)
    assert await worker._guarded("goes", goes)
    assert "job-failed" in capsys.readouterr().out
    assert worker.metrics.jobs_failed.labels("fails")._value.get() == 1
    await worker.db.client.close()
