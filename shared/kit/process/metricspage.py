"""docs/metrics.md, made from the registries themselves so that it stays true."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from shared.kit.base.metrics import HttpMetrics, WorkerMetrics

HEAD = """# Metrics

Made from the code by `./mkd contracts`. A gauge that cannot be learnt for the
moment, since MongoDB or Kafka does not answer, is `NaN`. No label ever holds an id, a name or what somebody wrote.
"""


def page() -> str:
    """The whole page."""
    tables = [
        _table("An API tells, at its `/metrics`", HttpMetrics("service").registry),
        _table("A worker tells, at its `/metrics`", WorkerMetrics("service").registry),
    ]
    return "\n".join([HEAD, *tables])


def measured(registry: CollectorRegistry) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Every metric of a registry: name, type, labels, and what it says."""
    for collector in list(registry._collector_to_names):
        if isinstance(collector, MetricWrapperBase):
            (told,) = collector.describe()
            name = f"{told.name}_total" if told.type == "counter" else told.name
            yield name, told.type, tuple(collector._labelnames), told.documentation


def _table(title: str, registry: CollectorRegistry) -> str:
    rows = [
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {about} |"
        for name, kind, labels, about in sorted(measured(registry))
    ]
    return "\n".join([f"## {title}", "", "| metric | type | labels | what it says |", "|---|---|---|---|", *rows, ""])
