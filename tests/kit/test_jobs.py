"""What time brings goes on past what it fails on, and says what that is."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from pymongo.errors import AutoReconnect

from shared.kit.base import tasks
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import JobMetrics, WorkerMetrics
from shared.kit.messaging import deadletters, jobs
from shared.kit.process import attention, status
from shared.kit.process.jobs import Jobs, LeasedJob
from tests.harness.platform import Platform

JOB = "savings.days-due"
FAR = datetime(2999, 1, 1, tzinfo=UTC)


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
    assert [(one.consumer, one.count) for one in found.aside] == [(JOB, 1)]
    metrics = WorkerMetrics("savings")
    await status.tell(metrics, db, [], {})
    assert metrics.letters.labels(JOB, "open")._value.get() == 1
    for now_is, left in ((deadletters.Status.DISCARDED, ["bad"]), (deadletters.Status.HANDLED, [])):
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"status": now_is.value}})
        assert await jobs.left_out(db, JOB) == left


@pytest.mark.parametrize(("heard", "sizes"), [(False, [100, 100, 50]), (True, [8, 16, 32, 64, 100, 30])])
async def test_while_events_are_heard_a_job_does_as_much_at_once_as_they_can_wait_for(
    memory: Platform, heard: bool, sizes: list[int]
) -> None:
    done: list[Sequence[str]] = []

    async def work(ids: Sequence[str]) -> None:
        done.append(ids)

    async def gap() -> bool:
        return heard

    jobs.gap.set(gap)
    ids = [str(number) for number in range(250)]
    await jobs.in_turns(memory.databases["savings"], JOB, ids, 100, work)
    assert [len(some) for some in done] == sizes
    assert [id_ for some in done for id_ in some] == ids


async def test_a_job_that_takes_long_does_less_at_once_and_never_next_to_nothing(memory: Platform) -> None:
    done: list[int] = []

    async def work(ids: Sequence[str]) -> None:
        done.append(len(ids))
        await asyncio.sleep(0.01 * len(ids))

    async def gap() -> bool:
        return True

    jobs.gap.set(gap)
    await jobs.in_turns(memory.databases["savings"], JOB, ["one"] * 30, 100, work)
    assert done[:2] == [8, 4]
    assert max(done[1:]) <= 5


async def test_a_database_that_does_not_answer_sets_nothing_aside(memory: Platform) -> None:
    async def work(_: Sequence[str]) -> None:
        raise AutoReconnect("the test is away")

    with pytest.raises(AutoReconnect):
        await jobs.each_alone(memory.databases["savings"], JOB, ["a", "b"], work)
    assert await memory.databases["savings"].dead_letters.count_documents({}) == 0


async def test_a_job_that_fails_neither_ends_the_worker_nor_stops_the_other_steps(
    memory: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    went = 0

    async def fails() -> None:
        raise ZeroDivisionError

    async def goes() -> None:
        nonlocal went
        went += 1

    metrics = JobMetrics()
    both = [leased(memory, "one", "fails", fails), leased(memory, "one", "goes", goes)]
    await run_for(0.5, Jobs("savings", both, metrics))
    assert "job-failed" in capsys.readouterr().out
    failed = metrics.failed.labels("fails")._value.get()
    assert failed >= 1
    assert went > 2 * failed, "one that fails pauses, and the other does not"


def leased(
    platform: Platform,
    holder: str,
    name: str,
    run: Callable[[], Awaitable[None]],
    seconds: int = 10,
    waits: Callable[[], Awaitable[bool]] | None = None,
) -> LeasedJob:
    """A job of one worker among several."""
    return LeasedJob(name, 0.05, Lease(platform.databases["savings"], f"job:{name}", holder, seconds), run, waits)


async def run_for(seconds: float, *workers: Jobs) -> None:
    """Let workers work, and stop them."""
    running = [asyncio.create_task(worker.run()) for worker in workers]
    await asyncio.sleep(seconds)
    await tasks.end(*running)


async def test_a_job_is_run_by_one_worker_and_by_the_other_once_that_has_stopped(memory: Platform) -> None:
    ran: list[str] = []

    def worker(holder: str) -> Jobs:
        async def run() -> None:
            ran.append(holder)

        return Jobs("savings", [leased(memory, holder, "job", run)], JobMetrics())

    one = asyncio.create_task(worker("one").run())
    while not ran:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    two = asyncio.create_task(worker("two").run())
    await asyncio.sleep(0.5)
    assert set(ran) == {"one"}
    await tasks.end(one)
    before = len(ran)
    await asyncio.sleep(0.5)
    await tasks.end(two)
    assert set(ran[before:]) == {"two"}, "a lease that is given up is free at once"


async def test_who_works_for_long_keeps_that_job_and_lets_the_others_go(memory: Platform) -> None:
    """Two workers share two jobs: while one is busy with the long one, the other does the short one."""
    busy, short = asyncio.Event(), Counter[str]()
    at_once = worst = 0

    def worker(holder: str) -> Jobs:
        async def long() -> None:
            nonlocal at_once, worst
            at_once += 1
            worst = max(worst, at_once)
            busy.set()
            await asyncio.sleep(3.5)
            at_once -= 1

        async def quick() -> None:
            short[holder] += 1

        both = (leased(memory, holder, "quick", quick, 2), leased(memory, holder, "long", long, 2))
        return Jobs("savings", both, JobMetrics())

    first = asyncio.create_task(worker("one").run())
    await busy.wait()
    second = asyncio.create_task(worker("two").run())
    await asyncio.sleep(3)
    assert short["two"] > 0
    assert worst == 1, "a lease that is renewed was taken over"
    await tasks.end(first, second)


async def test_the_job_of_a_worker_that_was_killed_goes_on_within_the_time_of_its_lease(memory: Platform) -> None:
    assert await Lease(memory.databases["savings"], "job:job", "killed", 2).hold()
    took_over = asyncio.Event()

    async def run() -> None:
        took_over.set()

    other = asyncio.create_task(Jobs("savings", [leased(memory, "other", "job", run)], JobMetrics()).run())
    began = time.monotonic()
    await asyncio.wait_for(took_over.wait(), 3)
    assert time.monotonic() - began > 1
    await tasks.end(other)


async def test_a_worker_whose_lease_another_has_taken_does_not_go_on(memory: Platform) -> None:
    """As after the machine has slept."""
    db, ended = memory.databases["savings"], asyncio.Event()

    async def run() -> None:
        await db.leases.update_one({"_id": "job:job"}, {"$set": {"holder": "another", "expires_at": FAR}}, upsert=True)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise

    worker = asyncio.create_task(Jobs("savings", [leased(memory, "slept", "job", run, 2)], JobMetrics()).run())
    await asyncio.wait_for(ended.wait(), 5)
    await tasks.end(worker)
    assert (await db.leases.find_one({"_id": "job:job"}) or {})["holder"] == "another"


async def test_a_job_comes_after_what_it_rests_on(memory: Platform) -> None:
    waiting, ran = True, asyncio.Event()

    async def waits() -> bool:
        return waiting

    async def run() -> None:
        ran.set()

    worker = asyncio.create_task(Jobs("savings", [leased(memory, "one", "job", run, waits=waits)], JobMetrics()).run())
    await asyncio.sleep(0.3)
    assert not ran.is_set()
    waiting = False
    await asyncio.wait_for(ran.wait(), 2)
    await tasks.end(worker)


async def test_a_job_runs_soon_after_something_was_heard_and_once_in_its_interval(memory: Platform) -> None:
    ran: list[float] = []

    async def run() -> None:
        ran.append(time.monotonic())

    of = leased(memory, "one", "job", run)
    of.every_s = 1.0
    worker = Jobs("savings", [of], JobMetrics())
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    for _ in range(20):
        worker.wake()
        await asyncio.sleep(0.02)
    assert len(ran) == 2, "at first, and when it was woken"
    assert ran[1] - ran[0] < 0.6
    await asyncio.sleep(1.1)
    assert 3 <= len(ran) <= 4
    await tasks.end(running)


async def test_what_is_heard_while_a_job_runs_is_not_waited_for_longer(memory: Platform) -> None:
    ran: list[float] = []

    async def run() -> None:
        ran.append(time.monotonic())
        if len(ran) == 1:
            worker.wake()

    of = leased(memory, "one", "job", run)
    of.every_s = 60
    worker = Jobs("savings", [of], JobMetrics())
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1)
    await tasks.end(running)
    assert len(ran) == 2


async def test_what_jobs_do_is_measured(memory: Platform) -> None:
    metrics = JobMetrics()

    async def run() -> None:
        await asyncio.sleep(0.02)

    worker = asyncio.create_task(Jobs("savings", [leased(memory, "one", "job", run)], metrics).run())
    await asyncio.sleep(0.4)
    assert metrics.held.labels("job")._value.get() == 1
    await tasks.end(worker)
    assert metrics.held.labels("job")._value.get() == 0
    assert time.time() - metrics.last_run.labels("job")._value.get() < 2
    assert metrics.seconds.labels("job")._sum.get() > 0.02


def test_what_is_published_comes_after_what_it_is_made_of(memory: Platform) -> None:
    after = {job.name: [one.name for one in job.after] for of in memory.services.values() for job in of.jobs}
    assert after["savings.publishing"] == ["savings.settle-days", "savings.settle-units"]
    assert after["performance.publishing"] == ["performance.count"]
