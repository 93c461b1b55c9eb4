"""What of a service needs a human, by how things stand; each with the runbook that says what to do. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kit.messaging.deadletters import Status
from shared.kit.process.attention import Found
from shared.kit.process.workers import Told

OUTBOX_LATE = timedelta(seconds=60)
"""How long a commit may wait for Kafka before somebody should look: as in deploy/prometheus/alerts.yaml."""
PARKED_LONG = timedelta(minutes=15)
"""How long a stream may wait for an earlier event, as there."""
TOLD_OTHERWISE = "rejections"
"""The check of a worker that says what is told of the consumer itself."""


class Urgency(StrEnum):
    """`urgent`: now, whatever the hour. `soon`: on the next working morning."""

    URGENT = "urgent"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs a human: what it is, whom or what it is about, how much of it, and since when."""

    rule: str
    urgency: Urgency
    runbook: str
    about: str = ""
    count: int | None = None
    since: datetime | None = None


def needs(now: datetime, found: Found, workers: Sequence[Told]) -> list[Need]:
    """All of it, what is urgent first."""
    all_of_it = [*_of_workers(workers), *_of_database(now, found)]
    return sorted(all_of_it, key=lambda one: one.urgency is not Urgency.URGENT)


def _of_workers(workers: Sequence[Told]) -> Iterator[Need]:
    at_work = [one for one in workers if not one.is_silent]
    if not at_work:
        yield Need("worker-silent", Urgency.URGENT, "MkdWorkerNotReady")
    else:
        for gone in (one for one in workers if one.is_silent):
            yield Need("worker-gone", Urgency.SOON, "MkdWorkerNotReady", gone.name)
    for check in _any(check for one in at_work for check, good in one.checks.items() if not good):
        if check != TOLD_OTHERWISE:
            yield Need(f"check-{check}", Urgency.URGENT, "MkdWorkerNotReady")
    for consumer in _any(consumer for one in at_work[:1] for consumer, _ in one.not_falling):
        yield Need("lag-not-falling", Urgency.URGENT, "MkdLagNotFalling", consumer)
    for job in _any(job for one in at_work for job in one.failing):
        yield Need("job-fails", Urgency.SOON, "MkdJobsFail", job)


def _of_database(now: datetime, found: Found) -> Iterator[Need]:
    for consumer, stop in sorted(found.stopped.items()):
        yield Need("consumer-stopped", Urgency.URGENT, "MkdConsumerStopped", consumer, stop.exceeded.rejected, stop.at)
    if found.outbox.age_s(now) > OUTBOX_LATE.total_seconds():
        yield Need("outbox-late", Urgency.URGENT, "MkdOutboxLate", "", found.outbox.unsent, found.outbox.oldest)
    for lost in found.losses:
        if not lost.made_good:
            yield Need("kafka-lost", Urgency.SOON, "MkdKafkaLostEvents", lost.place, lost.offsets, lost.at)
    for one in found.aside:
        if one.status is Status.OPEN:
            yield Need("letters-open", Urgency.SOON, "MkdDeadLettersOpen", one.consumer, one.count, one.oldest)
        elif now - one.oldest > PARKED_LONG:
            yield Need("parked-long", Urgency.SOON, "MkdParkedLong", one.consumer, one.count, one.oldest)


def _any(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
