"""How read models are filled anew beside the live ones, and how a lost Kafka is filled from the logs."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence

from faststream.kafka import KafkaBroker

from deploy import stack
from deploy.failure import Failure
from deploy.home import SERVICES, Home
from deploy.provision import services
from deploy.supervise import Supervisor
from shared.kit import generations, hearing, kafka
from shared.kit.consumer import Runner
from shared.kit.generations import group_of
from shared.kit.mongo import Database, connect
from shared.kit.service import Service
from shared.kit.settings import Settings
from shared.kit.standing import lag

Say = Callable[[str], None]


def rebuilt_services() -> list[Service]:
    """Those that have read models to rebuild."""
    return [service for service in services() if service.read_models]


async def rebuild(service: Service, settings: Settings, say: Say, patience_s: float = 3600) -> str:
    """Fill a new generation from the beginning of Kafka, check it, and let it answer. Returns its name; the one before
    is kept until the next rebuild. Raises `Failure` when a check fails: the live generation then stays."""
    db = connect(settings, service.database)
    try:
        was, new = await generations.live(db), await generations.following(db)
        await _clear(db, service, settings, new, keep=was)
        await generations.set_up(db, new, service.read_models)
        await _fill(db, service, settings, new, say, patience_s)
        if service.verify and (faults := await service.verify(db, new, settings.clock())):
            raise Failure(
                f"The new generation {new} contradicts itself: {'; '.join(faults[:3])}.",
                f"{was} stays live. This is a defect: keep {new} to look at.",
            )
        await generations.switch(db, new)
        return new
    finally:
        await db.client.close()


async def _clear(db: Database, service: Service, settings: Settings, new: str, keep: str) -> None:
    """Remove older generations, and what an interrupted rebuild has left of the new one."""
    names = {name.partition(".")[0] for name in await db.list_collection_names() if re.match(r"g\d+\.", name)}
    for generation in sorted(names - {keep}):
        await generations.drop(db, generation)
    for consumer in service.consumers:
        if consumer.rebuilt:
            group = f"{settings.topic_prefix}{group_of(consumer.name, new)}"
            for collection in ("heard", "progress", "dead_letters"):
                await db[collection].delete_many({"_id": {"$regex": f"^{re.escape(group)}\\|"}})


async def _fill(
    db: Database, service: Service, settings: Settings, generation: str, say: Say, patience_s: float
) -> None:
    clock = settings.clock()
    runners = [
        Runner(consumer, db, clock, settings.instance, settings.topic_prefix, generation)
        for consumer in service.consumers
        if consumer.rebuilt
    ]
    broker: KafkaBroker = kafka.broker(settings)
    subscribers = [hearing.subscribe(broker, runner) for runner in runners]
    await broker.start()
    deadline, said = time.monotonic() + patience_s, -1
    try:
        while True:
            if service.chore:
                await service.chore(db, generation, clock)
            pairs = list(zip(runners, subscribers, strict=True))
            behind = sum([sum((await lag(runner, subscriber)).values()) for runner, subscriber in pairs])
            due = await service.due(db, generation, clock) if service.due else 0
            if behind + due != said:
                said = behind + due
                say(f"Filling {generation}: {behind:,} records and {due:,} days to go")
            if not behind and not due:
                return
            if time.monotonic() > deadline:
                raise Failure(f"{generation} was not filled within {patience_s:.0f} s.", "See ./mkd logs.")
            await asyncio.sleep(0.5)
    finally:
        await broker.stop()


async def unsend(settings: Sequence[Settings], platform: Sequence[Service]) -> int:
    """Mark every commit as not sent, and let every consumer begin at the beginning. Their workers must not run. Returns
    how many commits will be sent again; what had been heard changes nothing when it comes again."""
    count = 0
    for its, service in zip(settings, platform, strict=True):
        db = connect(its, service.database)
        try:
            await db.progress.delete_many({})
            count += (await db.commits.update_many({}, {"$set": {"sent": False}})).modified_count
        finally:
            await db.client.close()
    return count


def resend(home: Home, say: Say, patience_s: float = 3600) -> int:
    """Stop the workers, mark everything as not sent, start them, and wait until all is on Kafka again."""
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
