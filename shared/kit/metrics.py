"""What a process tells Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class HttpMetrics:
    """Requests by route and status, and how long they took."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self.requests = Counter("mkd_http_requests", "Requests answered", ("method", "route", "status"), registry=at)
        self.seconds = Histogram("mkd_http_request_seconds", "Time to answer", ("method", "route"), registry=at)
        Gauge("mkd_info", "This process", ("service", "role"), registry=at).labels(service, "api").set(1)


class WorkerMetrics:
    """Where a service stands between its log, Kafka and its read models."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self.lag = Gauge("mkd_consumer_lag", "Records not yet handled", ("consumer", "topic"), registry=at)
        self.events = Gauge("mkd_consumer_events", "Events since start", ("consumer", "outcome"), registry=at)
        self.unsent = Gauge("mkd_outbox_unsent", "Commits not yet on Kafka", registry=at)
        self.oldest_s = Gauge("mkd_outbox_oldest_seconds", "Age of the oldest unsent commit", registry=at)
        self.letters = Gauge("mkd_dead_letters", "Records put aside", ("consumer", "status"), registry=at)
        self.due = Gauge("mkd_chores_due", "Work that time has brought and that is not done", registry=at)
        Gauge("mkd_info", "This process", ("service", "role"), registry=at).labels(service, "worker").set(1)
