"""How work that time brings goes on past one thing that it fails on: that one is set aside alone, for a human."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from shared.kit.base.mongo import Database
from shared.kit.base.retries import passing
from shared.kit.messaging import deadletters

Work = Callable[[Sequence[str]], Awaitable[None]]
log = structlog.get_logger()


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
