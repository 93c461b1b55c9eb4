"""Tasks end, though a cancellation be swallowed."""

import asyncio

import pytest

from shared.kit.base import tasks


async def test_a_task_that_swallows_its_cancellation_is_ended_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await tasks.end(task)
    assert (task.cancelled(), swallowed) == (True, 3)


async def test_no_tasks_end_at_once() -> None:
    await tasks.end()


async def test_what_is_done_together_has_ended_when_one_of_it_has_failed() -> None:
    ended = asyncio.Event()

    async def slow() -> None:
        await asyncio.sleep(0.05)
        ended.set()

    async def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tasks.together(fails(), slow())
    assert ended.is_set(), "a transaction that has been given up was gone on with"
