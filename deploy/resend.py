"""How a lost Kafka is filled from the logs."""

import asyncio
import time
from collections.abc import Callable, Sequence

from deploy import stack
from deploy.failure import Failure
from deploy.home import SERVICES, Home
from deploy.provision import services
from shared.kit import deadletters
from shared.kit.mongo import connect
from shared.kit.service import Service
from shared.kit.settings import Settings

Say = Callable[[str], None]


async def unsend(settings: Sequence[Settings], platform: Sequence[Service]) -> int:
    """Mark every commit as not sent, and let every consumer begin at the beginning. Their workers must not run. Returns
    how many commits will be sent again; what had been heard changes nothing when it comes again."""
    count = 0
    for its, service in zip(settings, platform, strict=True):
        db = connect(its, service.database)
        try:
            await deadletters.leave_kafka(db, its.clock().now())
            await db.progress.delete_many({})
            count += (await db.commits.update_many({}, {"$set": {"sent": False}})).modified_count
        finally:
            await db.client.close()
    return count


async def unsend_at_rest(settings: Sequence[Settings]) -> int:
    """The same where others start and stop the workers. Raises `Failure` while one runs."""
    running = []
    for its, service in zip(settings, services(), strict=True):
        db = connect(its, service.database)
        try:
            if await db.leases.find_one({"$expr": {"$gt": ["$expires_at", "$$NOW"]}}):
                running.append(service.name)
        finally:
            await db.client.close()
    if running:
        raise Failure(f"Workers run: {', '.join(running)}.", "Stop all workers first, and start them afterwards.")
    return await unsend(settings, services())


def resend(home: Home, say: Say, patience_s: float = 3600) -> int:
    """Of a local stack: stop the workers, mark everything as not sent, start them, and wait until all is on Kafka."""
    from deploy.supervise import Supervisor  # it belongs to a local stack, and is not in the image

    supervisor = Supervisor(home)
    settings = [stack.settings(home, name) for name in SERVICES]
    say("Stopping the workers")
    workers = [name for service in SERVICES for name in home.worker_names(service)]
    for name in workers:
        supervisor.stop(name)
    count = asyncio.run(unsend(settings, services()))
    say(f"Sending {count:,} commits again")
    for name in workers:
        supervisor.start(name)
    asyncio.run(_all_sent(settings, say, patience_s))
    return count


async def _all_sent(settings: Sequence[Settings], say: Say, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    databases = [connect(its, service.database) for its, service in zip(settings, services(), strict=True)]
    try:
        while left := sum([await db.commits.count_documents({"sent": False}) for db in databases]):
            if time.monotonic() > deadline:
                raise Failure(f"{left:,} commits are not sent yet.", "See ./mkd logs all.")
            await asyncio.sleep(1)
        say("Everything is on Kafka again")
    finally:
        for db in databases:
            await db.client.close()
