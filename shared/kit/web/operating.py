"""What operators are told of how a service stands."""

from datetime import datetime

from pydantic import ConfigDict

from shared.kit.base.software import VERSION
from shared.kit.messaging import masked
from shared.kit.messaging.deadletters import Status
from shared.kit.process.needs import Urgency
from shared.kit.process.operation import Follows, State, lag_of
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Moment
from shared.kit.web.letters import opaque
from shared.kit.web.schemas import Schema


class NeedItem(Schema):
    """Something that needs a human."""

    rule: str
    """Name of what is wrong, such as `letters-open`."""

    urgency: Urgency
    """Urgency: `urgent` is for now, whatever the hour; `soon` for the next working morning."""

    about: str
    """Name of the consumer, job, worker or partition concerned; empty for the service as a whole."""

    count: int | None
    """Number of records or commits concerned; null where it is about something else."""

    since: datetime | None
    """Moment since which it is so, in UTC, as far as it is known."""

    runbook: str
    """Name of the runbook that says what to do."""


class OutboxItem(Schema):
    """Commits that are still to be sent to Kafka."""

    unsent: int
    """Number of commits."""

    oldest_at: datetime | None
    """Moment at which the oldest of them was recorded; null without any."""


class PartitionItem(Schema):
    """Position of a consumer in one partition."""

    partition: int
    """Number of the partition."""

    next_offset: int
    """Offset of the next record to be handled."""


class TopicItem(Schema):
    """A topic that a consumer reads."""

    topic: str
    """Name of the topic."""

    partitions: list[PartitionItem]
    """Positions, by partition."""

    lag: int | None
    """Records still to be handled, as a worker has told within the last seconds; null where it is unknown now."""


class StopItem(Schema):
    """Stop of a consumer that has rejected too much."""

    stopped_at: datetime
    """Moment of the stop, which the command to resume names."""

    topic: str
    """Topic that was rejected."""

    rejected: int
    """Number of records that were rejected."""

    of: int
    """Number of records that were counted."""

    rule: str
    """Rule that the last of them breaks."""


class ConsumerItem(Schema):
    """A consumer of this service."""

    name: str
    """Name of its consumer group."""

    stopped: StopItem | None
    """Stop that it waits behind; null while it goes on."""

    topics: list[TopicItem]
    """Topics that it reads."""


class AsideItem(Schema):
    """Records of one consumer or job that were put aside."""

    consumer: str
    """Name of the consumer or job."""

    status: Status
    """Status: `open` waits for somebody, `parked` for an earlier event of its stream."""

    count: int
    """Number of records."""

    oldest_at: datetime
    """Moment at which the oldest was put aside."""


class ParkedItem(Schema):
    """A stream that waits for an earlier event."""

    consumer: str
    """Name of the consumer."""

    stream: str | None
    """Stream, as publisher and aggregate; null where it is shown to nobody."""

    waits_for: int
    """Number of the event that is missing."""

    held: int
    """Number of events that wait behind it."""

    since: datetime
    """Moment since which the first of them waits."""

    letter_id: str | None
    """Dead letter that holds the missing event, if it was put aside."""


class JobItem(Schema):
    """Work that time brings."""

    name: str
    """Name of the job."""

    pending: int
    """Number of things that wait for it."""


class LeaseItem(Schema):
    """A lease, which one worker at a time has."""

    name: str
    """Name of what it is for."""

    holder: str
    """Worker that took it last."""

    is_held: bool
    """True while its time is running."""


class WorkerItem(Schema):
    """A worker of this service, as it has last said of itself."""

    name: str
    """Name of the worker."""

    version: str
    """Version of its software."""

    generation: str
    """Generation of read models that it fills."""

    heard_seconds_ago: float
    """Seconds since it was last heard of, by the database's clock."""

    is_silent: bool
    """True where it should have been heard of since."""

    checks: dict[str, bool]
    """Checks of what it stands on, by name; true where all is well."""

    failing: list[str]
    """Names of jobs that failed when they last ran."""


class LossItem(Schema):
    """Offsets that Kafka had acknowledged and lost within the last week."""

    partition: str
    """Topic and partition."""

    offsets: int
    """Number of offsets."""

    at: datetime
    """Moment at which the loss was noticed."""

    is_made_good: bool
    """True once what lay there was sent again."""


class Operation(Schema):
    """State of a service. It holds names of software alone."""

    service: str
    """Name of the service."""

    as_of: datetime
    """Moment at which it was read, in UTC."""

    needs: list[NeedItem]
    """Everything that needs a human, urgent items first."""

    outbox: OutboxItem
    """Commits that are still to be sent."""

    consumers: list[ConsumerItem]
    """Consumers, with position and lag."""

    dead_letters: list[AsideItem]
    """Records that were put aside and are still waiting, by consumer and status."""

    parked: list[ParkedItem]
    """Streams that wait for an earlier event: at most 100, the longest waiting first."""

    parked_count: int
    """Number of all such streams."""

    jobs: list[JobItem]
    """Work that time brings."""

    leases: list[LeaseItem]
    """Leases of workers."""

    workers: list[WorkerItem]
    """Workers that were heard of within the last hour, the last heard first."""

    losses: list[LossItem]
    """Losses of Kafka within the last week."""

    software_version: str
    """Version of the software of this API."""

    schema_version: int
    """Version of the database's schema."""

    generation: str
    """Generation of read models that answers."""

    models_version: int
    """Version of the code that filled it."""


class ResumeBody(Body):
    """Stop that a consumer is let go on from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"stopped_at": "2026-09-07T04:55:12.345Z", "retry": True}]}
    )

    stopped_at: Moment
    """Moment of the stop that was seen, as `GET /v1/operation` tells it."""

    retry: bool = False
    """True to handle again first what it has put aside, and to go on only if all of that can be handled."""


class Resumed(Schema):
    """Outcome of a command to resume."""

    consumer: str
    """Name of the consumer."""

    resumed: bool
    """True if this command let it go on; false where it was going on already."""

    handled: int
    """Number of records that were handled again."""


def operation_of(service: str, its: State) -> Operation:
    """How a service stands, as it is answered."""
    found = its.found
    return Operation(
        service=service,
        as_of=its.at,
        needs=[NeedItem.model_validate(one, from_attributes=True) for one in its.needs],
        outbox=OutboxItem(unsent=found.outbox.unsent, oldest_at=found.outbox.oldest),
        consumers=[_consumer(one, its) for one in its.consumers],
        dead_letters=[
            AsideItem(consumer=one.consumer, status=one.status, count=one.count, oldest_at=one.oldest)
            for one in found.aside
        ],
        parked=[
            ParkedItem(
                consumer=one.consumer,
                stream=masked.stream("gap", one.stream),
                waits_for=one.waits_for,
                held=one.held,
                since=one.since,
                letter_id=opaque(one.behind) if one.behind else None,
            )
            for one in found.parked
        ],
        parked_count=found.parked_count,
        jobs=[JobItem(name=name, pending=pending) for name, pending in its.pending.items()],
        leases=[LeaseItem.model_validate(one, from_attributes=True) for one in its.leases],
        workers=[
            WorkerItem(
                name=one.name,
                version=one.version,
                generation=one.generation,
                heard_seconds_ago=round(one.age_s, 1),
                is_silent=one.is_silent,
                checks=dict(one.checks),
                failing=list(one.failing),
            )
            for one in its.workers
        ],
        losses=[
            LossItem(partition=one.place, offsets=one.offsets, at=one.at, is_made_good=one.made_good)
            for one in found.losses
        ],
        software_version=VERSION,
        schema_version=its.schema,
        generation=its.generation,
        models_version=its.models,
    )


def _consumer(one: Follows, its: State) -> ConsumerItem:
    stop = its.found.stopped.get(one.group)
    return ConsumerItem(
        name=one.group,
        stopped=StopItem(
            stopped_at=stop.at,
            topic=stop.exceeded.topic,
            rejected=stop.exceeded.rejected,
            of=stop.exceeded.of,
            rule=stop.exceeded.rule,
        )
        if stop
        else None,
        topics=[
            TopicItem(
                topic=topic,
                partitions=[PartitionItem(partition=at, next_offset=next_) for at, next_ in goes_on],
                lag=lag_of(its.workers, one.group, topic),
            )
            for topic, goes_on in one.goes_on.items()
        ],
    )
