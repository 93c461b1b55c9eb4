"""What a process tells Prometheus. docs/metrics.md lists all of it (`shared.kit.process.metricspage`)."""

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.kit.base.retries import RETRIES

BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
RUN_SECONDS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600)
BATCH_RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
TOLD_EVERY_S = 1
UNKNOWN = float("nan")
"""What a gauge is set to while it cannot be learnt: not zero, which would say that all is well."""


class HttpMetrics:
    """Requests by route and status, and how long they took."""

    def __init__(self, service: str, role: str = "api") -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self.requests = Counter("mkd_http_requests", "Requests answered", ("method", "route", "status"), registry=at)
        self.seconds = Histogram("mkd_http_request_seconds", "Time to answer", ("method", "route"), registry=at)
        self.streams = Gauge("mkd_http_streams", "Streams of changes that are open", registry=at)
        Gauge("mkd_info", "This process", ("service", "role"), registry=at).labels(service, role).set(1)
        self._telling: asyncio.Task[bytes] | None = None
        self._told_at = -float("inf")

    async def told(self) -> bytes:
        """All of it as Prometheus reads it: made at most once a second, whoever asks, and beside the event loop."""
        if self._telling is None or (self._telling.done() and time.monotonic() - self._told_at >= TOLD_EVERY_S):
            self._told_at = time.monotonic()
            self._telling = asyncio.create_task(asyncio.to_thread(generate_latest, self.registry))
        return await asyncio.shield(self._telling)


class ConsumerMetrics:
    """What consumers do, batch by batch. Without a registry it is counted for nobody."""

    def __init__(self, at: CollectorRegistry | None = None) -> None:
        self.seconds = Histogram(
            "mkd_consumer_batch_seconds",
            "Time to make a batch durable, however often it was begun",
            ("consumer",),
            registry=at,
            buckets=BATCH_SECONDS,
        )
        self.records = Histogram(
            "mkd_consumer_batch_records", "Records in a batch", ("consumer",), registry=at, buckets=BATCH_RECORDS
        )
        self.age_s = Gauge(
            "mkd_consumer_event_age_seconds",
            "Age of the newest event of the last batch when it was handled, in business time",
            ("consumer",),
            registry=at,
        )
        self.retries = Counter(
            "mkd_consumer_retries",
            "Batches begun again: another writer crossed, or the database did not answer",
            ("consumer",),
            registry=at,
        )
        self.went_back = Counter(
            "mkd_consumer_went_back",
            "Times that Kafka ended before what had been heard of it",
            ("consumer",),
            registry=at,
        )
        self.fenced = Counter(
            "mkd_consumer_fenced",
            "Batches given up since another worker had taken the partition over",
            ("consumer",),
            registry=at,
        )

    def handled(self, consumer: str, records: int, seconds: float, age_s: float | None) -> None:
        """A batch is durable; its newest event that took effect was that old."""
        self.records.labels(consumer).observe(records)
        self.seconds.labels(consumer).observe(seconds)
        if age_s is not None:
            self.age_s.labels(consumer).set(age_s)


class RelayMetrics:
    """What the relay does. Without a registry it is counted for nobody."""

    def __init__(self, at: CollectorRegistry | None = None) -> None:
        self.sent = Counter("mkd_relay_sent", "Messages that Kafka has stored", registry=at)
        self.failures = Counter("mkd_relay_failures", "Attempts that failed and are made again", registry=at)


class JobMetrics:
    """What jobs do, run by run. Without a registry it is counted for nobody."""

    def __init__(self, at: CollectorRegistry | None = None) -> None:
        self.failed = Counter("mkd_jobs_failed", "Times that a job failed and is put off", ("name",), registry=at)
        self.held = Gauge("mkd_jobs_held", "Whether this worker has the job: 1 or 0", ("name",), registry=at)
        self.last_run = Gauge(
            "mkd_jobs_last_run_timestamp_seconds",
            "When the job last came to its end here",
            ("name",),
            registry=at,
        )
        self.seconds = Histogram(
            "mkd_jobs_run_seconds", "Time that a run took", ("name",), registry=at, buckets=RUN_SECONDS
        )

    def ran(self, job: str, seconds: float) -> None:
        """A run has come to its end."""
        self.last_run.labels(job).set_to_current_time()
        self.seconds.labels(job).observe(seconds)


class WorkerMetrics:
    """Where a service stands between its log, Kafka and its read models, and what its worker does about it."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self.consumers = ConsumerMetrics(at)
        self.relay = RelayMetrics(at)
        self.ready = Gauge("mkd_worker_ready", "Whether this can be relied on now: 1 or 0", ("check",), registry=at)
        self.lag = Gauge("mkd_consumer_lag", "Records not yet handled", ("consumer", "topic"), registry=at)
        self.events = Gauge("mkd_consumer_events", "Events since start", ("consumer", "outcome"), registry=at)
        self.unsent = Gauge("mkd_outbox_unsent", "Commits not yet on Kafka", registry=at)
        self.lost = Gauge(
            "mkd_kafka_lost_offsets",
            "Offsets that Kafka had acknowledged and has lost within a day; what lay there is sent again",
            registry=at,
        )
        self.oldest_s = Gauge("mkd_outbox_oldest_seconds", "Age of the oldest unsent commit", registry=at)
        self.letters = Gauge("mkd_dead_letters", "Records put aside", ("consumer", "status"), registry=at)
        self.stopped = Gauge(
            "mkd_consumer_stopped",
            "Whether the consumer has rejected too much and waits for an operator: 1 or 0",
            ("consumer",),
            registry=at,
        )
        self.letters_oldest_s = Gauge(
            "mkd_dead_letters_oldest_seconds",
            "Age of the oldest record that is put aside and not done with",
            ("consumer", "status"),
            registry=at,
        )
        self.parked = Gauge("mkd_parked_streams", "Streams that wait for an earlier event", ("consumer",), registry=at)
        self.jobs = JobMetrics(at)
        at.register(RETRIES)
        self.pending = Gauge("mkd_jobs_pending", "Work that time has brought and that waits", ("name",), registry=at)
        Gauge("mkd_info", "This process", ("service", "role"), registry=at).labels(service, "worker").set(1)
