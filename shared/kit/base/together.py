"""How one question is asked for many who want to know the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """A question that is asked once for all who ask while it has not begun. Who comes after that waits for the next
    one, so that nobody is told what was read before they asked."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[T]] = {}
        self._next: dict[Hashable, asyncio.Task[T]] = {}

    async def ask(self, about: Hashable, question: Callable[[], Awaitable[T]]) -> T:
        """What the question about something is answered. Raises what it raises."""
        if about not in self._next:
            self._next[about] = asyncio.create_task(self._ask(about, self._running.get(about), question))
        return await asyncio.shield(self._next[about])

    async def _ask(self, about: Hashable, before: asyncio.Task[T] | None, question: Callable[[], Awaitable[T]]) -> T:
        if before and not before.done():
            await asyncio.wait({before})
        self._running[about] = self._next.pop(about)
        try:
            return await question()
        finally:
            if self._running.get(about) is asyncio.current_task():
                del self._running[about]
