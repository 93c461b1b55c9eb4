"""Tasks end, though a cancellation be swallowed."""

import asyncio

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
