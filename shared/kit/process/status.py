"""Where a service stands between its log, Kafka and its read models, as its metrics tell it."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.kit.base.metrics import UNKNOWN, WorkerMetrics
from shared.kit.base.mongo import Database
from shared.kit.messaging import outbox, refill, stops
from shared.kit.messaging.checkpoint import Partition
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.deadletters import OF_JOBS, WAITING, Status
from shared.kit.messaging.subscriber import RebalanceListener
from shared.kit.process.lagging import Lag
from shared.kit.process.service import Job


async def ends(listener: RebalanceListener) -> dict[Partition, int]:
    """The offset after the last record of each partition that is heard. Raises `KafkaError` or `TimeoutError`."""
    partitions = []
    if not listener.running:
        raise KafkaError(f"{listener.runner.group} does not run yet")
    for topic in listener.runner.publishers:
        if not (found := listener.consumer.partitions_for_topic(topic)):
            raise KafkaError(f"the partitions of {topic} are not known yet")
        partitions += [TopicPartition(topic, partition) for partition in found]
    told = await asyncio.wait_for(listener.consumer.end_offsets(partitions), 10)
    return {(at.topic, at.partition): end for at, end in told.items()}


async def lag(listener: RebalanceListener) -> dict[tuple[str, str], int]:
    """How far Kafka's end and the stored progress are apart: where Kafka ends before what was heard, it has lost
    records, which will come again. Raises `KafkaError`, `TimeoutError` or PyMongo's errors."""
    runner, found = listener.runner, await ends(listener)
    going_on = await runner.checkpoint.offsets()
    behind = dict.fromkeys(((runner.group, topic) for topic in runner.publishers), 0)
    for partition, end in found.items():
        behind[runner.group, partition[0]] += abs(end - going_on.get(partition, 0))
    return behind


def tell_lag(metrics: WorkerMetrics, runners: Iterable[Runner], found: Lag | None) -> None:
    """Set the lag, or say that it is not known."""
    metrics.lag.clear()
    for runner in runners:
        for topic in runner.publishers:
            metrics.lag.labels(runner.group, topic).set((found or {}).get((runner.group, topic), UNKNOWN))


async def tell(metrics: WorkerMetrics, db: Database, runners: Iterable[Runner], pending: Mapping[str, int]) -> None:
    """Set what the consumers have done, what the relay has yet to send, what is put aside, and how much of each
    job waits: all that `unknown` unsets."""
    now = datetime.now(UTC)
    for job, waiting in pending.items():
        metrics.pending.labels(job).set(waiting)
    lost = [one["lost"] for one in await refill.lately_lost(db, now - timedelta(days=1))]
    metrics.lost.set(sum(one["had"] - one["from"] for one in lost))
    found = await outbox.outbox(db)
    metrics.unsent.set(found.unsent)
    metrics.oldest_s.set(found.age_s(now))
    stopped = await stops.every(db)
    for runner in runners:
        metrics.stopped.labels(runner.group).set(runner.group in stopped)
        for verdict, count in runner.outcomes.items():
            metrics.events.labels(runner.group, verdict.value).set(count)
        parked = {"consumer": runner.group, "status": Status.PARKED.value}
        metrics.parked.labels(runner.group).set(len(await db.dead_letters.distinct("stream", parked)))
    for consumer in {*(runner.group for runner in runners), *await db.dead_letters.distinct("consumer", OF_JOBS)}:
        for status in Status:
            of = {"consumer": consumer, "status": status.value}
            metrics.letters.labels(consumer, status.value).set(await db.dead_letters.count_documents(of))
        for status in WAITING:
            of = {"consumer": consumer, "status": status.value}
            oldest = await db.dead_letters.find_one(of, {"at": 1}, sort=[("at", 1)])
            age_s = (now - oldest["at"]).total_seconds() if oldest else 0
            metrics.letters_oldest_s.labels(consumer, status.value).set(age_s)


def unknown(metrics: WorkerMetrics, runners: Iterable[Runner], jobs: Iterable[Job]) -> None:
    """Say that what the database tells is not known."""
    for gauge in (metrics.unsent, metrics.oldest_s, metrics.lost):
        gauge.set(UNKNOWN)
    for job in jobs:
        metrics.pending.labels(job.name).set(UNKNOWN)
    metrics.letters.clear()
    metrics.letters_oldest_s.clear()
    for runner in runners:
        metrics.stopped.labels(runner.group).set(UNKNOWN)
        metrics.parked.labels(runner.group).set(UNKNOWN)
        for status in Status:
            metrics.letters.labels(runner.group, status.value).set(UNKNOWN)
        for status in WAITING:
            metrics.letters_oldest_s.labels(runner.group, status.value).set(UNKNOWN)
