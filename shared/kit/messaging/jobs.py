"""How work that time brings goes on past one thing that it fails on: that one is set aside alone, for a human."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar

import structlog

from shared.kit.base.mongo import Database
from shared.kit.base.retries import passing
from shared.kit.messaging import deadletters

Work = Callable[[Sequence[str]], Awaitable[None]]
AIM_S = 0.05
FEWEST, FIRST_AT_ONCE = 4, 8
"""While events are heard, a transaction of a job takes about so long, which they wait for; but is about so many things
at least, since it costs something whatever it is about."""


async def _nobody_hears() -> bool:
    return False


gap: ContextVar[Callable[[], Awaitable[bool]]] = ContextVar("gap", default=_nobody_hears)
"""How a job waits, before each transaction, for those who hear in the same process to be between two of theirs; and
whether they have heard something lately."""
log = structlog.get_logger()


async def in_turns(db: Database, job: str, ids: Sequence[str], most: int, work: Work) -> None:
    """Work on some things, at most so many together, as `each_alone` does: where events are heard meanwhile, on as many
    as they can wait for."""
    fitting, at = FIRST_AT_ONCE, 0
    while at < len(ids):
        together = min(fitting, most) if await gap.get()() else most
        began = time.monotonic()
        await each_alone(db, job, ids[at : at + together], work)
        took_s = max(time.monotonic() - began, AIM_S / 2)
        fitting = max(FEWEST, int(together * AIM_S / took_s))
        at += together


async def each_alone(db: Database, job: str, ids: Sequence[str], work: Work) -> None:
    """Work on some things together; where that fails, on ever fewer, until the one that it fails on is alone. That one
    becomes a dead letter of the job, and the others are done. A database that does not answer fails them all, to be
    tried again."""
    try:
        await work(ids)
    except Exception as failed:
        if passing(failed):
            raise
        if len(ids) > 1:
            half = len(ids) // 2
            await each_alone(db, job, ids[:half], work)
            await each_alone(db, job, ids[half:], work)
            return
        log.error("job-failed-on", job=job, about=ids[0], reason=failed)
        await deadletters.set_aside(db, job, ids[0], failed)


async def left_out(db: Database, job: str) -> list[str]:
    """The ids of what a job has set aside: it is not to be tried again by itself, until somebody retries it."""
    left = {"$in": [deadletters.Status.OPEN.value, deadletters.Status.DISCARDED.value]}
    found = db.dead_letters.find({"consumer": job, "status": left}, {"about": 1})
    return [letter["about"] async for letter in found]
