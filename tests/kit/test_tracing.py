"""One trace goes from the call to the read models, names ids alone, and costs nothing where nobody asks for it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from deploy.base.home import ROOT
from shared.kit.base import changes, tracing
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject
from tests.kit.served import served

MONDAY = date(2026, 9, 7)
CANARY = "kenari-91c2"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Where the spans of a test end up."""
    exporter = InMemorySpanExporter()
    tracing.start(SimpleSpanProcessor(exporter), {"service.name": "tests"})
    yield exporter
    tracing.stop()


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """An OTLP collector: its address, and what it receives."""
    received: list[ExportTraceServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            received.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join(10)


def before(span: ReadableSpan, all_spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    """Everything that led to a span, through parents and links."""
    named = {link.context.span_id for link in span.links} | ({span.parent.span_id} if span.parent else set())
    led = [one for one in all_spans if one.context.span_id in named]
    return led + [earlier for one in led for earlier in before(one, all_spans)]


async def test_a_submission_is_one_trace_from_the_call_to_the_case_on_the_desk(
    memory: Platform, spans: InMemorySpanExporter
) -> None:
    town = await open_town(memory)
    spans.clear()
    await town.submit("ani", [MONDAY])
    await memory.settle()
    found = spans.get_finished_spans()
    prefix = memory.settings["requests"].topic_prefix
    (react,) = [span for span in found if span.name == f"react {prefix}approvals.cases"]
    led = before(react, found)
    assert {span.context.trace_id for span in led} == {react.context.trace_id}
    assert [(span.name, span.kind) for span in led] == [
        (f"process {prefix}approvals.cases", SpanKind.CONSUMER),
        (f"send {prefix}mkd.requests", SpanKind.PRODUCER),
        ("commit requests", SpanKind.INTERNAL),
        ("POST /v1/requests", SpanKind.SERVER),
    ]
    (opened,) = [span for span in found if span.name == "commit cases"]
    assert opened.parent
    assert opened.parent.span_id == react.context.span_id


async def test_a_batch_of_several_traces_names_them_all_and_leads_to_what_it_writes(
    memory: Platform, spans: InMemorySpanExporter
) -> None:
    town = await open_town(memory)
    asked = [await town.submit(name, [MONDAY]) for name in ("ani", "dedi")]
    await memory.settle()
    for one in asked:
        await town.approve("budi", one)
    spans.clear()
    await memory.settle()
    found = spans.get_finished_spans()
    prefix = memory.settings["savings"].topic_prefix
    written = next(span for span in found if span.name == f"write {prefix}savings.days")
    batch, *sent = before(written, found)
    assert batch.name == f"process {prefix}savings.days"
    assert batch.parent is None
    assert [span.name for span in sent] == [f"send {prefix}mkd.approvals"] * 2
    assert len({span.context.trace_id for span in sent}) == 2


async def test_a_callers_trace_is_gone_on_with_and_told_to_what_follows(
    memory: Platform, spans: InMemorySpanExporter
) -> None:
    town = await open_town(memory)
    spans.clear()
    given = tracing.traceparent(None)
    output = {"day": str(MONDAY), "title": "x", "target_quantity": 1, "measure": "document"}
    body = {"days": [str(MONDAY)], "place": {"category": "residence"}, "reason": "x", "outputs": [output]}
    await town.post("ani", "requests", "/v1/requests", body, headers={"traceparent": given})
    (call,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert call.parent
    assert f"{call.parent.trace_id:032x}-{call.parent.span_id:016x}" == given[3:52]
    commit = await memory.databases["requests"].commits.find_one({}, sort=[("recorded_at", -1)])
    assert commit
    assert commit["trace"][3:35] == given[3:35]


async def test_a_span_holds_no_words_of_anybodys(memory: Platform, spans: InMemorySpanExporter) -> None:
    town = await open_town(memory)
    spans.clear()
    await town.submit("ani", [MONDAY], reason=CANARY)
    await memory.settle()
    await town.ask("ani", [MONDAY], reason=CANARY, more=CANARY)
    await town.get("ani", "requests", f"/v1/requests/{CANARY}", cursor=CANARY)
    where = {"identity.sub": subject("dedi")}
    db = memory.databases["requests"]
    await db.employees.update_one(where, {"$set": {"employee_id": {"name": CANARY}}})
    await changes.count(None, db, "people")
    headers = {"Authorization": f"Bearer {memory.token(subject('dedi'))}"}
    assert (await memory.apis.clients["requests"].get("/v1/me", headers=headers)).status_code == 500
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "error.type" in told
    assert "GET /v1/requests/{request_id}" in told
    assert CANARY not in told
    assert "Pegawai" not in told
    assert "199001012015031" not in told, "a NIP"


def test_nothing_is_imported_for_it_where_nobody_asks() -> None:
    """OpenTelemetry's API comes with FastAPI; its SDK, exporter and protobuf are ours to leave alone."""
    program = (
        "import sys; from deploy.documents.contracts import NOWHERE; from deploy.provision.resources import services\n"
        "from shared.kit.process import worker\n"
        "from shared.kit.web import app as http\n"
        "one = services()[0]; http.api(one, NOWHERE)\n"
        "costly = ('opentelemetry.sdk', 'opentelemetry.exporter', 'google.protobuf')\n"
        "print([name for name in sys.modules if name.startswith(costly)])"
    )
    without = {name: said for name, said in os.environ.items() if not name.startswith("OTEL_")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=without, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_spans_reach_the_collector_that_is_named_also_when_the_process_is_ended(
    memory: Platform, tmp_path: Path
) -> None:
    with collector() as (address, received):
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
        with served("requests", memory.settings["requests"], tmp_path / "log", told) as api:
            async with httpx.AsyncClient(base_url=api) as client:
                assert (await client.get("/livez")).status_code == 200
    sent = [span for one in received for r in one.resource_spans for s in r.scope_spans for span in s.spans]
    assert "GET /livez" in [span.name for span in sent]
    resource = {a.key: a.value.string_value for a in received[0].resource_spans[0].resource.attributes}
    assert (resource["service.name"], resource["service.namespace"]) == ("requests-api", "mkd.tests")
