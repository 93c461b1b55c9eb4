"""What passes is tried again, in our own log and metric; what does not pass is raised, and who is cancelled ends."""

import asyncio
import time

import pytest
import stamina
from pymongo.errors import AutoReconnect, BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure

from shared.kit.base.retries import RETRIES, attempts, passing, pause_s

TAKEN = BulkWriteError({"writeErrors": [{"code": 11000}]})


@pytest.mark.parametrize("failed", [AutoReconnect("away"), OperationFailure("not now", 91)])
def test_a_database_that_does_not_answer_passes(failed: Exception) -> None:
    assert passing(failed)


@pytest.mark.parametrize(
    "failed",
    [
        ValueError(),
        DocumentTooLarge("x"),
        DuplicateKeyError("taken", 11000, {"code": 11000}),
        TAKEN,
        OperationFailure("Stage not supported inside of a multi-document transaction", 263),
        BulkWriteError({"writeErrors": [{"code": 17419}]}),
        asyncio.CancelledError(),
    ],
)
def test_what_stays_as_it_is_does_not(failed: BaseException) -> None:
    assert not passing(failed)


async def test_what_passes_is_tried_again_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    times = 0
    before = RETRIES.labels("a-test")._value.get()
    async for attempt in attempts("a-test", first_s=0.01):
        with attempt:
            times += 1
            if times < 4:
                raise AutoReconnect("the test is away")
    assert times == 4
    assert RETRIES.labels("a-test")._value.get() - before == 3
    assert capsys.readouterr().out.count("tried-again") == 3
    assert len(stamina.instrumentation.get_on_retry_hooks()) == 1, "no other hook prints what was passed on"


async def test_what_does_not_pass_is_raised_at_once() -> None:
    times = 0

    async def tries() -> None:
        nonlocal times
        async for attempt in attempts("a-test"):
            with attempt:
                times += 1
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tries()
    assert times == 1


def test_who_tries_so_many_times_at_most_is_told_the_last_failure() -> None:
    times = 0

    def tries() -> None:
        nonlocal times
        for attempt in attempts("a-test", first_s=0, cap_s=0, at_most=3):
            with attempt:
                times += 1
                raise AutoReconnect(f"number {times}")

    with pytest.raises(AutoReconnect, match="number 3"):
        tries()


@pytest.mark.parametrize("at_work", [False, True])
async def test_who_is_cancelled_ends_at_once(at_work: bool) -> None:
    """While it pauses, and while it works."""

    async def tries() -> None:
        async for attempt in attempts("a-test", first_s=60, cap_s=60):
            with attempt:
                if at_work:
                    await asyncio.sleep(60)
                raise AutoReconnect("the test is away")

    task = asyncio.create_task(tries())
    await asyncio.sleep(0.05)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 1


def test_pauses_double_up_to_a_cap_and_are_never_all_the_same() -> None:
    drawn = {n: [pause_s(n, 8.0) for _ in range(200)] for n in (1, 2, 4, 9, 10_000)}
    for n, longest in ((1, 1), (2, 2), (4, 8), (9, 8), (10_000, 8)):
        assert longest / 2 <= min(drawn[n]) < max(drawn[n]) <= longest
