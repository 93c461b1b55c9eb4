"""How tasks are ended."""

import asyncio
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended: a driver that is cancelled while it reads can take the cancellation for its
    own, so that the task goes on (seen with PyMongo's transactions)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)
