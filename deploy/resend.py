"""How a lost Kafka is filled from the logs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from deploy import stack
from deploy.failure import Failure
from deploy.home import SERVICES, Home
from deploy.provision import services
from shared.kit import deadletters
from shared.kit.mongo import Database, connect
from shared.kit.service import Service
from shared.kit.settings import Settings

Say = Callable[[str], None]


Databases = list[tuple[Settings, Service, Database]]


@asynccontextmanager
async def _opened(settings: Sequence[Settings]) -> AsyncIterator[Databases]:
    """Every service's database, by its settings, in the order of the services."""
    pairs = zip(settings, services(), strict=True)
    opened = [(its, service, connect(its, service.database)) for its, service in pairs]
    try:
        yield opened
    finally:
        for _, _, db in opened:
            await db.client.close()


async def unsend(settings: Sequence[Settings]) -> int:
    """Mark every commit as not sent, and let every consumer begin at the beginning. Their workers must not run. Returns
    how many commits will be sent again; what had been heard changes nothing when it comes again."""
    count = 0
    async with _opened(settings) as databases:
        for its, _, db in databases:
            await deadletters.leave_kafka(db, its.clock().now())
            await db.progress.delete_many({})
            count += (await db.commits.update_many({}, {"$set": {"sent": False}})).modified_count
    return count


async def unsend_at_rest(settings: Sequence[Settings]) -> int:
    """The same where others start and stop the workers. Raises `Failure` while one runs."""
    held = {"$expr": {"$gt": ["$expires_at", "$$NOW"]}}
    async with _opened(settings) as databases:
        running = [service.name for _, service, db in databases if await db.leases.find_one(held)]
    if running:
        raise Failure(f"Workers run: {', '.join(running)}.", "Stop all workers first, and start them afterwards.")
    return await unsend(settings)


def resend(home: Home, say: Say, patience_s: float = 3600) -> int:
    """Of a local stack: stop the workers, mark everything as not sent, start them, and wait until all is on Kafka."""
    from deploy.supervise import Supervisor  # it belongs to a local stack, and is not in the image

    supervisor = Supervisor(home)
    settings = [stack.settings(home, name) for name in SERVICES]
    say("Stopping the workers")
    workers = [name for service in SERVICES for name in home.worker_names(service)]
    for name in workers:
        supervisor.stop(name)
    count = asyncio.run(unsend(settings))
    say(f"Sending {count:,} commits again")
    for name in workers:
        supervisor.start(name)
    asyncio.run(_all_sent(settings, say, patience_s))
    return count


async def _all_sent(settings: Sequence[Settings], say: Say, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    async with _opened(settings) as databases:
        while left := sum([await db.commits.count_documents({"sent": False}) for _, _, db in databases]):
            if time.monotonic() > deadline:
                raise Failure(f"{left:,} commits are not sent yet.", "See ./mkd logs all.")
            await asyncio.sleep(1)
    say("Everything is on Kafka again")
