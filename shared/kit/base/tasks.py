"""How tasks are ended."""

import asyncio
from collections.abc import Awaitable
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended: a driver that is cancelled while it reads can take the cancellation for its
    own, so that the task goes on (seen with PyMongo's transactions)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def together(*of: Awaitable[Any]) -> list[Any]:
    """What each comes to, when all of them have ended. Raises what the first of them failed with: none goes on after
    that, in a transaction that has been given up."""
    found = await asyncio.gather(*of, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found
