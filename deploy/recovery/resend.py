"""How a lost Kafka is filled from the logs, and how it is told whether a Kafka holds what the logs do not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from deploy.base.failure import Failure
from deploy.base.home import SERVICES, Home
from deploy.local import stack
from deploy.provision.resources import Cluster, services
from shared.kit.base import lease
from shared.kit.base.lease import Lease
from shared.kit.base.mongo import Database, connect
from shared.kit.base.settings import Settings
from shared.kit.decisions import log
from shared.kit.messaging import deadletters
from shared.kit.messaging.kafka import Producer
from shared.kit.messaging.relay import Relay
from shared.kit.process.service import Service

Say = Callable[[str], None]
LOOKED_AT = 20
"""So many records at the end of each partition are looked for in the logs before these are sent again."""

ANSWERS_WITHIN_S = 30.0
NEW_KAFKA = (
    "Whichever is right, both cannot go on together. If MongoDB is, let Kafka begin anew: ./mkd down, then "
    "./mkd up --new-kafka (on a cluster: delete the topics, and run deploy.setup). If Kafka is newer since MongoDB was "
    "restored from too old a backup, restore a later one."
)
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


@dataclass(frozen=True)
class Told:
    """What a record on Kafka says of itself: which of the published events of which aggregate it is."""

    place: str
    id: str
    subject: str
    n: int


async def unsend(settings: Sequence[Settings]) -> int:
    """Mark every commit as not sent, and let every consumer begin at the beginning. Their workers must not run. Returns
    how many commits will be sent again; what had been heard changes nothing when it comes again."""
    count = 0
    async with _opened(settings) as databases:
        for its, _, db in databases:
            await deadletters.leave_kafka(db, its.clock().now())
            await db.checkpoints.delete_many({})
            await db.published.delete_many({})
            anew = {"$set": {"sent": False}, "$unset": {"placed": ""}}
            count += (await db.commits.update_many({}, anew)).matched_count
    return count


async def send(settings: Sequence[Settings]) -> None:
    """Send what is unsent while no worker runs, also what Kafka has lost; when this returns, Kafka has everything."""
    async with _opened(settings) as databases:
        for its, service, db in databases:
            post = Producer(its)
            held = Lease(db, "relay", "up")
            relay = Relay(db, service.publisher, post, held, instance=its.instance, prefix=its.topic_prefix)
            try:
                while await relay.once():
                    pass
            finally:
                await post.close()


async def unsend_at_rest(settings: Sequence[Settings], cluster: Cluster) -> int:
    """The same where others start and stop the workers. Raises `Failure` while one runs, and when Kafka holds what the
    logs do not."""
    async with _opened(settings) as databases:
        running = [service.name for _, service, db in databases if await lease.is_any_held(db)]
    if running:
        raise Failure(f"Workers run: {', '.join(running)}.", "Stop all workers first, and start them afterwards.")
    await check_known(settings, cluster)
    return await unsend(settings)


def resend(home: Home, say: Say, patience_s: float = 3600) -> int:
    """Of a local stack: stop the workers, mark everything as not sent, start them, and wait until all is on Kafka.
    Raises `Failure`, with nothing changed, when Kafka holds what the logs do not."""
    from deploy.local.supervise import Supervisor  # it belongs to a local stack, and is not in the image

    supervisor = Supervisor(home)
    settings = [stack.settings(home, name) for name in SERVICES]
    workers = supervisor.workers()
    say("Stopping the workers")
    try:
        for name in workers:
            supervisor.stop(name)
        asyncio.run(check_known(settings, stack.cluster(home)))
        count = asyncio.run(unsend(settings))
        say(f"Sending {count:,} commits again")
    finally:
        for name in workers:
            supervisor.start(name)
    wait_until_sent(home, say, patience_s)
    return count


def wait_until_sent(home: Home, say: Say, patience_s: float = 3600) -> None:
    """Until all that a local stack's logs hold is on Kafka. Raises `Failure`."""
    asyncio.run(_all_sent([stack.settings(home, name) for name in SERVICES], say, patience_s))


async def _all_sent(settings: Sequence[Settings], say: Say, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    async with _opened(settings) as databases:
        while left := sum([await db.commits.count_documents({"sent": False}) for _, _, db in databases]):
            if time.monotonic() > deadline:
                raise Failure(f"{left:,} commits are not sent yet.", "See ./mkd logs all.")
            await asyncio.sleep(1)
    say("Everything is on Kafka again")


async def check_known(settings: Sequence[Settings], cluster: Cluster) -> None:
    """Raises `Failure` when the last records of a topic are not in the log of the service that publishes there: MongoDB
    is then of an earlier time than Kafka, or of another instance."""
    async with _opened(settings) as databases:
        for its, service, db in databases:
            topic = f"{its.topic_prefix}{service.publisher.topic}"
            told = await asyncio.to_thread(_last, cluster, topic, service.publisher.source(its.instance))
            if strange := await _unknown(db, told):
                one = strange[0]
                raise Failure(
                    f"Kafka holds what the log of {service.name} does not, such as event {one.n} of {one.subject} "
                    f"at {one.place}: MongoDB is of an earlier time, or of another instance.",
                    NEW_KAFKA,
                )


async def _unknown(db: Database, told: Iterable[Told]) -> list[Told]:
    """Those of some records whose event is not in the log under its id and number."""
    strange = []
    for one in told:
        commit = await db.commits.find_one({"aggregate": one.subject, "events.id": one.id}, {"events.data": 0})
        numbered = log.numbered(commit) if commit else []
        if (one.id, one.n) not in [(event["id"], sequence) for event, sequence in numbered]:
            strange.append(one)
    return strange


def check_empty(cluster: Cluster, prefix: str = "") -> None:
    """Raises `Failure` when any of the platform's topics holds a record."""
    topics = [f"{prefix}mkd.{name}{kind}" for name in SERVICES for kind in ("", ".dlq")]
    consumer = _reader(cluster)
    try:
        held = {at.topic for at, low, high in _watermarks(consumer, topics) if high > low}
    except KafkaException as silent:
        raise _silent(cluster, silent) from silent
    finally:
        consumer.close()
    if held:
        raise Failure(
            f"Kafka holds records already ({', '.join(sorted(held))}), and they may be of later than the backup.",
            "Restore beside an empty Kafka: delete these topics, run deploy.setup, and try again.",
        )


def _last(cluster: Cluster, topic: str, source: str) -> list[Told]:
    """What the last records of each partition say of themselves, where they are of that source. Raises `Failure`."""
    consumer = _reader(cluster)
    try:
        found = [(at, max(low, high - LOOKED_AT), high) for at, low, high in _watermarks(consumer, [topic])]
        ends = {at.partition: high for at, first, high in found if high > first}
        consumer.assign([TopicPartition(topic, at.partition, first) for at, first, high in found if high > first])
        told: list[Told] = []
        deadline = time.monotonic() + ANSWERS_WITHIN_S
        while ends:
            record: Any = consumer.poll(1)
            if record is not None and record.error() is None:
                told += [one] if (one := _told(record, source)) else []
                if record.offset() + 1 >= ends.get(record.partition(), 0):
                    ends.pop(record.partition(), None)
            elif time.monotonic() > deadline:
                raise Failure(f"Kafka does not hand out the last records of {topic}.", "See ./mkd logs kafka.")
        return told
    except KafkaException as silent:
        raise _silent(cluster, silent) from silent
    finally:
        consumer.close()


def _told(record: Any, source: str) -> Told | None:
    said = {name: (value or b"").decode(errors="replace") for name, value in record.headers() or ()}
    n = said.get("ce_sequence", "")
    if said.get("ce_source") != source or not n.isdecimal():
        return None
    place = f"{record.topic()}/{record.partition()}/{record.offset()}"
    return Told(place, said.get("ce_id", ""), said.get("ce_subject", ""), int(n))


def _reader(cluster: Cluster) -> Consumer:
    mine = {"group.id": "mkd-operate", "enable.auto.commit": False, "enable.partition.eof": False}
    return Consumer({**cluster.config(), **mine})


def _watermarks(consumer: Consumer, topics: Sequence[str]) -> list[tuple[TopicPartition, int, int]]:
    """Each partition with its first offset and the one after its last."""
    known = consumer.list_topics(timeout=ANSWERS_WITHIN_S).topics
    there = [(topic, number) for topic in topics if topic in known for number in known[topic].partitions]
    found = []
    for at in (TopicPartition(topic, number) for topic, number in there):
        low, high = consumer.get_watermark_offsets(at, timeout=ANSWERS_WITHIN_S) or (OFFSET_INVALID, OFFSET_INVALID)
        found.append((at, low, high))
    return found


def _silent(cluster: Cluster, failed: KafkaException) -> Failure:
    return Failure(f"Kafka at {cluster.bootstrap} does not answer: {failed}.", "Start it first, and try again.")
