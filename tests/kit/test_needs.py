"""What needs a human: told with its runbook, what is urgent first, and nothing when all is well."""

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.base.home import ROOT
from shared.kit.base import faults
from shared.kit.base.software import VERSION
from shared.kit.messaging import masked
from shared.kit.messaging.deadletters import Status
from shared.kit.messaging.outbox import Outbox
from shared.kit.messaging.rejections import Exceeded, Limit
from shared.kit.messaging.stops import Stop
from shared.kit.process import attention, needs, workers
from shared.kit.process.attention import Aside, Found, Lost
from shared.kit.process.lagging import LOOKED_AT_S, Lags
from shared.kit.process.needs import Need
from shared.kit.process.workers import Told
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
WELL = {"mongodb": True, "clock": True, "kafka": True, "consumers": True, "rejections": True}
AT_WORK = Told("1", VERSION, "g1", 3.0, WELL, (), {("savings.days", "mkd.requests"): 0})
CANARY = "kenari-7f3a"
DAYS = ("savings.days", "mkd.requests")


def found(**more: Any) -> Found:
    """A database that tells of nothing but this."""
    nothing: dict[str, Any] = {"aside": [], "parked": [], "parked_count": 0, "outbox": Outbox(0, None), "losses": []}
    return Found(**{**nothing, "stopped": {}, **more})


def said(of: Found, *, at_work: Sequence[Told] = (AT_WORK,)) -> list[Need]:
    return needs.needs(NOW, of, at_work)


def ago(**how_long: int) -> datetime:
    return NOW - timedelta(**how_long)


def test_where_all_is_well_nothing_needs_anybody() -> None:
    assert said(found()) == []


@pytest.mark.parametrize(
    ("of", "rule", "runbook"),
    [
        ({"outbox": Outbox(2, ago(seconds=61))}, "outbox-late", "MkdOutboxLate"),
        ({"aside": [Aside("savings.days", Status.OPEN, 3, ago(hours=1))]}, "letters-open", "MkdDeadLettersOpen"),
        ({"aside": [Aside("savings.days", Status.PARKED, 3, ago(minutes=16))]}, "parked-long", "MkdParkedLong"),
        ({"losses": [Lost("mkd.requests/3", 17, ago(hours=2), made_good=False)]}, "kafka-lost", "MkdKafkaLostEvents"),
    ],
)
def test_what_waits_is_told_with_its_runbook(of: dict[str, Any], rule: str, runbook: str) -> None:
    (need,) = said(found(**of))
    assert (need.rule, need.runbook) == (rule, runbook)
    assert (ROOT / "docs" / "runbooks" / f"{runbook}.md").is_file()


@pytest.mark.parametrize(
    "of",
    [
        {"outbox": Outbox(2, ago(seconds=59))},
        {"aside": [Aside("savings.days", Status.PARKED, 3, ago(minutes=14))]},
        {"losses": [Lost("mkd.requests/3", 17, ago(hours=2), made_good=True)]},
    ],
)
def test_what_goes_on_by_itself_needs_nobody(of: dict[str, Any]) -> None:
    assert said(found(**of)) == []


def test_what_is_urgent_comes_first() -> None:
    stop = Stop(ago(hours=2), Exceeded(Limit.IN_A_ROW, 50, 50, "mkd.performance", "mkd.performance/1/2", "bad-field"))
    aside = [Aside("savings.days", Status.OPEN, 50, ago(hours=3))]
    got = said(found(stopped={"savings.days": stop}, aside=aside))
    assert [(one.rule, one.about, one.count) for one in got] == [
        ("consumer-stopped", "savings.days", 50),
        ("letters-open", "savings.days", 50),
    ]


def test_a_service_whose_workers_say_nothing_needs_somebody_now() -> None:
    silent = Told("2", VERSION, "g1", workers.SILENT_S + 1, WELL)
    assert [one.rule for one in said(found(), at_work=[])] == ["worker-silent"]
    assert [one.rule for one in said(found(), at_work=[silent])] == ["worker-silent"]
    assert [(one.rule, one.about) for one in said(found(), at_work=[AT_WORK, silent])] == [("worker-gone", "2")]


def test_what_a_worker_says_of_itself_is_told() -> None:
    ill = Told("1", VERSION, "g1", 1, {**WELL, "kafka": False, "rejections": False}, ["savings.days-due"], None, [DAYS])
    rules = {(one.rule, one.about) for one in said(found(), at_work=[ill])}
    assert rules == {("check-kafka", ""), ("lag-not-falling", DAYS[0]), ("job-fails", "savings.days-due")}


def test_lag_that_does_not_fall_in_ten_minutes_is_told_and_none_that_was_caught_up_with() -> None:
    lags, fallen, caught_up = Lags(), Lags(), Lags()
    for n in range(121):
        lags.note(n * 5, {DAYS: 40})
        fallen.note(n * 5, {DAYS: 200 - n})
        caught_up.note(n * 5, {DAYS: 0 if n == 60 else 40})
    assert [one.not_falling() for one in (lags, fallen, caught_up)] == [{DAYS}, set(), set()]
    early = Lags()
    early.note(0, {DAYS: 40})
    early.note(LOOKED_AT_S - 1, {DAYS: 40})
    assert early.not_falling() == set()


def test_the_alerts_and_the_pages_mean_the_same() -> None:
    alerts = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text()
    assert f"mkd_outbox_oldest_seconds > {needs.OUTBOX_LATE.total_seconds():.0f}" in alerts
    assert f'status="parked"}} > {needs.PARKED_LONG.total_seconds() / 60:.0f} * 60' in alerts
    assert f"[{LOOKED_AT_S / 60:.0f}m]" in alerts


def test_every_runbook_that_is_named_is_there() -> None:
    named = re.findall(r'"(Mkd[A-Za-z]+)"', (ROOT / "shared" / "kit" / "process" / "needs.py").read_text())
    assert len(set(named)) == 8
    assert all((ROOT / "docs" / "runbooks" / f"{name}.md").is_file() for name in named)


def test_the_software_says_its_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize(
    ("rule", "told", "shown"),
    [
        ("handler-failed", f"ValueError: {CANARY}", "ValueError"),
        ("not-json", f"the body cannot be read as version 1: {CANARY}", "the body cannot be read as version 1"),
        ("bad-field", f"title: Value error, not {CANARY}", "title"),
        ("no-value", "the record has no value", "the record has no value"),
    ],
)
def test_a_reason_is_shown_without_what_it_quotes(rule: str, told: str, shown: str) -> None:
    assert faults.reason(rule, told) == shown


def test_an_outline_has_names_and_no_values() -> None:
    value = {"request_id": CANARY, "days": [CANARY, CANARY], CANARY: 1, "place": {"km": 3.5, "away": True, "x": None}}
    told = masked.outline(json.dumps(value).encode())
    assert told
    assert CANARY not in told
    place = {"km": "number", "away": "boolean", "x": None}
    assert json.loads(told) == {"request_id": "text", "days": ["text"], "…": "number", "place": place}
    for nothing in (None, b"{", b"\xff", b"[" * 100_000):
        assert masked.outline(nothing) is None


def test_what_somebody_else_may_have_written_is_no_stream_and_no_type() -> None:
    assert masked.stream("bad-field", "/tests/requests/req-1") == "/tests/requests/req-1"
    assert masked.stream("bad-field", f"/tests/requests/{CANARY} {CANARY}") is None
    assert masked.stream("foreign-source", "/tests/requests/req-1") is None
    assert masked.event_type([["ce_type", b"mkd.requests.request-withdrawn.v1"]]) == "mkd.requests.request-withdrawn.v1"
    assert masked.event_type([["ce_type", CANARY.encode()]]) is None
    assert masked.event_type([["ce_type", None]]) is None


async def test_what_was_put_aside_is_found_with_what_waits_for_it(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    runner = memory.runners["approvals.cases"]
    await town.put_aside(asked, f'{{"request_id": "{CANARY}"', NOW)
    told = await attention.find(memory.databases["approvals"], [runner])
    assert [(one.consumer, one.status, one.count) for one in told.aside] == [
        (runner.group, Status.OPEN, 1),
        (runner.group, Status.PARKED, 1),
    ]
    (parked,) = told.parked
    assert (parked.stream, parked.waits_for, parked.held) == (f"/tests/requests/{asked['request_id']}", 2, 1)
    assert parked.behind
    assert parked.behind.startswith(f"{runner.group}|{memory.settings['requests'].topic_prefix}mkd.requests/")


async def test_a_worker_is_known_by_what_it_said_last_until_it_leaves(memory: Platform) -> None:
    db = memory.databases["savings"]
    for lag in ({DAYS: 4}, None, {DAYS: 0}):
        await workers.tell(db, "1", "g2", checks=WELL, failing=["b", "a"], lag=lag, not_falling=[DAYS])
    (told,) = await workers.told(db)
    assert (told.name, told.version, told.generation, told.lag) == ("1", VERSION, "g2", {DAYS: 0})
    assert (told.checks, told.failing, told.not_falling) == (WELL, ["a", "b"], [DAYS])
    assert not told.is_silent
    await db.workers.update_one({"_id": "1"}, {"$set": {"at": datetime.now(UTC) - timedelta(seconds=30)}})
    (old,) = await workers.told(db)
    assert old.is_silent
    await workers.leave(db, "1")
    assert await workers.told(db) == []
