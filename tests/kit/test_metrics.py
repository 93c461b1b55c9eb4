"""What is measured, and that the page, the dashboard and the alerts speak of just that."""

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from aiokafka.errors import KafkaConnectionError
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import AggregateExpr, BinaryExpr, VectorSelector
from pymongo.errors import AutoReconnect

from deploy.base.home import ROOT
from deploy.provision.resources import services
from shared.kit.base.metrics import HttpMetrics, RelayMetrics, WorkerMetrics
from shared.kit.base.settings import Settings
from shared.kit.messaging.checkpoint import Fenced
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.relay import Relay
from shared.kit.process import status
from shared.kit.process.metricspage import measured
from shared.kit.process.probes import Probes, probes
from shared.kit.process.worker import Worker
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)
OF_PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus adds itself: a metric of every target, and two labels on every series."""
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "mkd.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())


def known() -> dict[str, set[str]]:
    """Every series that our processes tell, with its labels."""
    found: dict[str, set[str]] = {name: set(labels) for name, labels in OF_PROMETHEUS.items()}
    for registry in (HttpMetrics("x").registry, WorkerMetrics("x").registry):
        for name, kind, labels, _ in measured(registry):
            its = {*labels, "job", "instance"}
            found[name] = its
            if kind == "histogram":
                found |= {f"{name}_bucket": {*its, "le"}, f"{name}_sum": its, f"{name}_count": its}
    return found


def mistakes(expression: str) -> list[str]:
    """What an expression names that no process tells."""
    ours = known()
    selectors: list[VectorSelector] = []
    named: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, VectorSelector):
            selectors.append(node)
        if isinstance(node, AggregateExpr) and node.modifier:
            named.update(node.modifier.labels)
        if isinstance(node, BinaryExpr) and node.modifier:
            named.update(node.modifier.matching.labels if node.modifier.matching else ())
            named.update(node.modifier.group_labels or ())

    promql_parser.walk(promql_parser.parse(expression), look)
    unknown = [f"metric {one.name}" for one in selectors if one.name not in ours]
    for one in selectors:
        labels = ours.get(one.name or "", set())
        unknown += [f"label {m.name} of {one.name}" for m in one.matchers.matchers if m.name not in labels]
    all_labels = {label for one in selectors for label in ours.get(one.name or "", ())}
    return unknown + [f"label {label}" for label in named - all_labels]


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        ("sum(mkd_consumer_lags)", "metric mkd_consumer_lags"),
        ('mkd_dead_letters{state="open"}', "label state of mkd_dead_letters"),
        ("sum by (consumers) (mkd_consumer_lag)", "label consumers"),
        ("rate(mkd_relay_sent[5m])", "metric mkd_relay_sent"),
        ("mkd_outbox_unsent * on (instances) mkd_info", "label instances"),
    ],
)
def test_an_expression_that_names_what_is_not_there_is_noticed(wrong: str, mistake: str) -> None:
    assert mistakes(wrong) == [mistake]


@pytest.mark.parametrize(
    "panel",
    [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"],
    ids=lambda panel: panel["title"],
)
def test_a_panel_of_the_dashboard_shows_what_is_measured(panel: dict[str, Any]) -> None:
    assert panel["targets"]
    for target in panel["targets"]:
        assert mistakes(target["expr"].replace("$__rate_interval", "5m")) == []
        assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_the_dashboard_asks_for_its_datasource_and_its_panels_lie_beside_each_other() -> None:
    assert [(v["name"], v["type"]) for v in DASHBOARD["templating"]["list"]] == [("datasource", "datasource")]
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            assert taken.setdefault(cell, panel["title"]) == panel["title"]
            assert cell[0] < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("rule", ALERTS["groups"][0]["rules"], ids=lambda rule: rule["alert"])
def test_an_alert_watches_what_is_measured_and_speaks_both_languages(rule: dict[str, Any]) -> None:
    assert mistakes(rule["expr"]) == []
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}


def test_everything_that_a_worker_measures_is_on_the_dashboard() -> None:
    shown = json.dumps(DASHBOARD)
    names = [name for name, _, _, _ in measured(WorkerMetrics("x").registry)]
    assert [name for name in names if name not in shown] == []


def value(metric: MetricWrapperBase, sample: str, *labels: str) -> float:
    """One sample of a metric, whether it is in a registry or not."""
    samples = [s for family in metric.collect() for s in family.samples]
    return next(s.value for s in samples if s.name == sample and tuple(s.labels.values()) == labels)


async def test_a_batch_is_counted_timed_and_said_how_old_it_was(memory: Platform) -> None:
    town = await open_town(memory, from_sheets=True)
    await town.submit("ani", [MONDAY])
    await memory.settle()
    runner = memory.runners["approvals.cases"]
    told = runner.metrics
    records = await memory.databases["requests"].commits.count_documents({})
    assert value(told.records, "mkd_consumer_batch_records_sum", runner.group) == records
    batches = value(told.seconds, "mkd_consumer_batch_seconds_count", runner.group)
    assert batches == value(told.records, "mkd_consumer_batch_records_count", runner.group) >= 1
    assert value(told.seconds, "mkd_consumer_batch_seconds_sum", runner.group) > 0
    assert value(told.retries, "mkd_consumer_retries_total", runner.group) == 0
    assert value(told.age_s, "mkd_consumer_event_age_seconds", runner.group) == 0, "the business clock stood still"
    town.at(date(2026, 9, 3), 8)
    await town.submit("dedi", [MONDAY])
    town.at(date(2026, 9, 3), 9)
    await memory.settle()
    assert value(told.age_s, "mkd_consumer_event_age_seconds", runner.group) == 3600


async def test_what_is_begun_again_and_what_is_given_up_is_counted(memory: Platform) -> None:
    town = await open_town(memory)
    await town.submit("ani", [MONDAY])
    await memory.relays["requests"].attempt()
    assert memory.bus
    its, db = memory.settings["approvals"], memory.databases["approvals"]
    consumer = memory.runners["approvals.cases"].consumer
    paused, other = (Runner(consumer, db, its.clock(), its.instance, its.topic_prefix) for _ in range(2))
    at, records = next((at, r) for at, r in memory.bus.partitions.items() if at[0] in paused.publishers and r)
    await paused.claim(at)
    await other.claim(at)
    with pytest.raises(Fenced):
        await paused.handle(records)
    assert value(paused.metrics.fenced, "mkd_consumer_fenced_total", paused.group) == 1
    times = 0

    async def away_twice(*args: Any) -> None:
        nonlocal times
        times += 1
        if times <= 2:
            raise AutoReconnect("the test is away")
        await consumer.apply(*args)

    other.consumer = replace(consumer, apply=away_twice)
    await other.handle(records)
    assert value(other.metrics.retries, "mkd_consumer_retries_total", other.group) == 2


class Broken:
    """Takes nothing until it is mended."""

    mended = False

    async def send(self, messages: Sequence[Message]) -> list[Place]:
        if not self.mended:
            raise KafkaConnectionError("the test is away")
        return [(0, number) for number in range(len(messages))]

    async def ends(self, _: str, partitions: Collection[int]) -> dict[int, int]:
        return dict.fromkeys(partitions, 0)


async def test_what_the_relay_sends_and_fails_to_send_is_counted(memory: Platform) -> None:
    town = await open_town(memory)
    await memory.settle()
    await town.submit("ani", [MONDAY])
    post, metrics = Broken(), RelayMetrics()
    publisher, lease = memory.services["requests"].publisher, memory.relays["requests"]._lease
    relay = Relay(memory.databases["requests"], publisher, post, lease, instance="tests", metrics=metrics)
    assert await relay.attempt() == 0
    post.mended = True
    assert await relay.attempt() == 1
    assert value(metrics.failures, "mkd_relay_failures_total") == 1
    assert value(metrics.sent, "mkd_relay_sent_total") == 1


async def test_what_was_unknown_is_known_again_in_every_service(memory: Platform) -> None:
    """One reading while the database is away must not stay: whoever waits for what is due would wait for ever."""
    for name, service in memory.services.items():
        worker = Worker(service, memory.settings[name])
        worker.generation, worker.runners = (
            "g1",
            [one for one in memory.runners.values() if one.db.name == worker.db.name],
        )
        status.unknown(worker.metrics, worker.runners, worker.service.jobs)
        assert await Probes(worker)._told()
        told = [s for family in worker.metrics.registry.collect() for s in family.samples]
        assert [s.name for s in told if math.isnan(s.value)] == [], name
        await worker.db.client.close()


async def test_while_nothing_answers_the_worker_says_so_and_claims_no_zeros() -> None:
    """Gauges at zero would look like a platform at rest."""
    nowhere = Settings(
        instance="tests",
        demo=True,
        mongo_url="mongodb://127.0.0.1:9/?replicaSet=mkd",
        kafka_bootstrap="127.0.0.1:9",
        issuer="http://127.0.0.1:9",
        audience="tests",
    )
    worker = Worker(next(service for service in services() if service.name == "savings"), nowhere)
    transport = httpx.ASGITransport(app=probes(worker))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker", timeout=20) as client:
        answer = await client.get("/metrics")
        assert (await client.get("/readyz")).status_code == 503
    await worker.db.client.close()
    families = text_string_to_metric_families(answer.text)
    samples = {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}
    assert (samples["mkd_worker_ready", "mongodb"], samples["mkd_worker_ready", "kafka"]) == (0, 0)
    for name in ("mkd_outbox_unsent", "mkd_outbox_oldest_seconds", "mkd_jobs_pending"):
        found = [value for (its, *_), value in samples.items() if its == name]
        assert found, name
        assert all(math.isnan(value) for value in found), f"{name} must be NaN"
