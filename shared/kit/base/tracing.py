"""Where a command has been: a span for each step from its call to the read models.

Spans go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names; where none is named, only the trace context is handed
on. A span names steps and ids, never a person, free text, a body, a query or what an exception says.
"""

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

HEADER = "traceparent"
_contexts = TraceContextTextMapPropagator()
_providers: list["TracerProvider"] = []
"""Ours is not the global one: libraries that trace by themselves, as FastAPI does, would write queries and paths."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that runs. `trace` is the trace context (W3C) of what follows from it."""

    trace: str
    span: Span = field(default=INVALID_SPAN)

    def failed(self, kind: str) -> None:
        """Say that the step failed, by the type of its failure alone."""
        self.span.set_attribute("error.type", kind)
        self.span.set_status(StatusCode.ERROR)


def configure(service: str, role: str, instance: str) -> None:
    """Send the spans of this process where its environment says; import nothing for it where it says nothing."""
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") and not _providers:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        process = {"service.name": f"{service}-{role}", "service.namespace": f"mkd.{instance}"}
        start(BatchSpanProcessor(OTLPSpanExporter()), process)


def start(processor: "SpanProcessor", process: Mapping[str, str]) -> None:
    """Hand the spans of this process to a processor."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource.create(dict(process)))
    provider.add_span_processor(processor)
    _providers[:] = [provider]


def stop() -> None:
    """Send what has not been sent, and no more. Blocks for as long as the collector takes."""
    while _providers:
        _providers.pop().shutdown()


@contextmanager
def step(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    after: str = "",
    links: Iterable[str] = (),
    ids: Mapping[str, str | int] | None = None,
    directly: bool = False,
) -> Iterator[Step]:
    """A step after the one whose trace context is given; what this process does by itself is within the step that runs,
    where that is of the same trace, unless it comes `directly` after that one. `links` are the contexts of others that
    led to it."""
    if not _providers:
        yield Step(after)
        return
    with (
        _providers[0]
        .get_tracer("mkd")
        .start_as_current_span(
            name,
            context=_within(kind, after, directly),
            kind=kind,
            attributes=ids,
            links=[Link(place) for one in links if (place := _place(one)).is_valid],
            record_exception=False,
            set_status_on_exception=False,
        ) as span
    ):
        running = Step(_said(span), span)
        try:
            yield running
        except Exception as failed:
            running.failed(type(failed).__qualname__)
            raise


def traceparent(incoming: str | None) -> str:
    """The caller's trace context (W3C), or a new one."""
    return continued(incoming) or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def continued(incoming: str | None) -> str:
    """The caller's trace context, or nothing where there is none that can be gone on with."""
    return incoming if incoming and re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", incoming) else ""


def _within(kind: SpanKind, after: str, directly: bool) -> Context | None:
    """The step that runs, for what this process does within it; else the one that `after` names, wherever that ran."""
    running = trace.get_current_span().get_span_context()
    goes_on = not directly and _place(after).trace_id == running.trace_id
    if kind is SpanKind.INTERNAL and (not after or goes_on):
        return None
    return _contexts.extract({HEADER: after}, Context())


def _place(context: str) -> trace.SpanContext:
    return trace.get_current_span(_contexts.extract({HEADER: context}, Context())).get_span_context()


def _said(span: Span) -> str:
    carrier: dict[str, str] = {}
    _contexts.inject(carrier, trace.set_span_in_context(span, Context()))
    return carrier[HEADER]
