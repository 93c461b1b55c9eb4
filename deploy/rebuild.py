"""How read models are filled anew beside the live ones, and how a lost Kafka is filled from the logs."""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Sequence

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from deploy import stack
from deploy.failure import Failure
from deploy.home import SERVICES, Home
from deploy.provision import services
from deploy.supervise import Supervisor
from shared.kit import generations, hearing, kafka
from shared.kit.consumer import Partition, Runner
from shared.kit.mongo import Database, connect
from shared.kit.service import Service
from shared.kit.settings import Settings
from shared.kit.standing import ends

Say = Callable[[str], None]
Offsets = dict[tuple[str, Partition], int]
"""The next offset of each partition, by consumer."""


def rebuilt_services() -> list[Service]:
    """Those that have read models to rebuild."""
    return [service for service in services() if service.read_models]


async def rebuild(service: Service, settings: Settings, say: Say, patience_s: float = 3600) -> str:
    """Fill a new generation from the beginning of Kafka, check it, and let it answer. Returns its name; the one before
    is kept until the next rebuild is done. Raises `Failure` when a check fails: the live generation then stays."""
    db = connect(settings, service.database)
    try:
        was, new = await generations.live(db), await generations.following(db)
        await _drop(db, service, settings, {new})
        await generations.set_up(db, new, service.read_models)
        await _fill(db, service, settings, was, new, say, patience_s)
        if service.verify and (faults := await service.verify(db, new, settings.clock())):
            raise Failure(
                f"The new generation {new} contradicts itself: {'; '.join(faults[:3])}.",
                f"{was} stays live. This is a defect: keep {new} to look at.",
            )
        await generations.switch(db, new)
        names = {name.partition(".")[0] for name in await db.list_collection_names() if re.match(r"g\d+\.", name)}
        await _drop(db, service, settings, names - {was, new})
        return new
    finally:
        await db.client.close()


async def _drop(db: Database, service: Service, settings: Settings, those: Collection[str]) -> None:
    """Remove generations that do not answer, or what an interrupted rebuild has left of one, and where they stood."""
    for generation in sorted(those):
        await generations.drop(db, generation)
        for runner in _runners(db, service, settings, generation):
            for collection in ("heard", "progress", "dead_letters"):
                await db[collection].delete_many({"_id": {"$regex": f"^{re.escape(runner.group)}\\|"}})


async def _fill(
    db: Database, service: Service, settings: Settings, was: str, new: str, say: Say, patience_s: float
) -> None:
    """Until it has heard all that there was at the first look and what the live generation had at the look before, and
    what time brings is done with. Raises `Failure`."""
    deadline = time.monotonic() + patience_s
    live, filled = _runners(db, service, settings, was), _runners(db, service, settings, new)
    broker: KafkaBroker = kafka.broker(settings)
    subscribers = [hearing.subscribe(broker, runner) for runner in filled]
    await broker.start()
    said = -1
    first: Offsets | None = None
    heard_by_live: Offsets = {}
    try:
        while True:
            await _do_chores(db, service, settings, new)
            if there_is := await _ends(filled, subscribers):
                if any(offset > there_is[at] for at, offset in heard_by_live.items()):
                    raise Failure(
                        f"Kafka holds less than {was} has heard.", "Fill it from the logs first: ./mkd resend"
                    )
                heard = await _heard(filled)
                behind = sum(max(0, end - heard.get(at, 0)) for at, end in there_is.items())
                if behind != said:
                    said = behind
                    say(f"Filling {new}: {behind:,} records to go")
                if first and _reaches(heard, first) and _reaches(heard, heard_by_live):
                    break
                first = first or there_is
                heard_by_live = await _heard(live)
            await _wait(deadline, new, patience_s)
    finally:
        await broker.stop()
    while service.due and (due := await service.due(db, new, settings.clock())):
        say(f"Filling {new}: {due:,} days to go")
        await _do_chores(db, service, settings, new)
        await _wait(deadline, new, patience_s)


async def _ends(runners: Sequence[Runner], subscribers: Sequence[BatchSubscriber]) -> Offsets | None:
    """How much there is to hear; nothing while Kafka does not say."""
    try:
        found = [(r.consumer.name, await ends(r, of)) for r, of in zip(runners, subscribers, strict=True)]
    except (KafkaError, TimeoutError):
        return None
    return {(name, partition): end for name, told in found for partition, end in told.items()}


def _runners(db: Database, service: Service, settings: Settings, generation: str) -> list[Runner]:
    rebuilt = [consumer for consumer in service.consumers if consumer.rebuilt]
    at = (db, settings.clock(), settings.instance, settings.topic_prefix, generation)
    return [Runner(consumer, *at) for consumer in rebuilt]


async def _heard(runners: Sequence[Runner]) -> Offsets:
    """While people work, nobody has heard all that there is; how far others have come is known, and can be reached."""
    found = [(runner.consumer.name, await runner.progress()) for runner in runners]
    return {(name, partition): next_ for name, progress in found for partition, next_ in progress.items()}


def _reaches(heard: Offsets, goal: Offsets) -> bool:
    return all(heard.get(at, 0) >= offset for at, offset in goal.items())


async def _do_chores(db: Database, service: Service, settings: Settings, generation: str) -> None:
    if service.chore:
        await service.chore(db, generation, settings.clock())


async def _wait(deadline: float, generation: str, patience_s: float) -> None:
    if time.monotonic() > deadline:
        raise Failure(f"{generation} was not filled within {patience_s:.0f} s.", "See ./mkd logs.")
    await asyncio.sleep(0.5)


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
