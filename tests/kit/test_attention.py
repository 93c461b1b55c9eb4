"""The page of what needs a human: says what waits and what to do, shows no values, and is quiet when all is well."""

import inspect
import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

import shared.contracts.event
import shared.kit
from deploy.base.home import ROOT
from shared.kit.base import faults, markup
from shared.kit.base.markup import tag
from shared.kit.messaging import cloudevents
from shared.kit.process import attention
from shared.kit.process.attention import Attention, Found, Letter, Lost, Parked, StoppedConsumer
from shared.kit.process.attentionpage import MESSAGES, Page
from shared.kit.process.status import Outbox
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
WELL = {"mongodb": True, "kafka": True, "consumers": True}
CANARY = "kenari-7f3a"
LETTER = Letter(
    id="approvals.cases|mkd.requests/3/17",
    consumer="approvals.cases",
    place="mkd.requests/3/17",
    rule="unknown-version",
    reason="'mkd.requests.request-withdrawn.v7' is newer than version 1, the newest known",
    since=NOW - timedelta(hours=3),
)
PARKED = Parked("savings.days", "performance/req-1", 2, 5, NOW - timedelta(days=2), None)


def told(*, letters: list[Letter] | None = None, parked: list[Parked] | None = None, oldest_s: int = 0) -> Attention:
    """A service where this is to be told."""
    outbox = Outbox(int(bool(oldest_s)), NOW - timedelta(seconds=oldest_s) if oldest_s else None)
    found = Found(letters or [], len(letters or []), parked or [], len(parked or []), outbox)
    return Attention("approvals", NOW, WELL, found, {("approvals.cases", "mkd.requests"): 4})


def text_of(one: Attention, language: str = "en") -> str:
    return Page(one, language, "Asia/Jakarta").html()


class Outline(HTMLParser):
    """The elements of a page, with their attributes, and whether they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))
        if name != "meta":
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for element, attributes in self.elements if element == name]


@pytest.mark.parametrize(
    ("language", "said"), [("id", "Tidak ada yang perlu ditangani"), ("en", "Nothing needs anybody")]
)
def test_where_all_is_well_nothing_needs_anybody(language: str, said: str) -> None:
    one = told()
    assert one.nothing
    page = text_of(one, language)
    assert said in page
    assert f'<html lang="{language}">' in page


def test_a_record_is_told_by_place_rule_advice_age_and_the_commands_that_go_on() -> None:
    page = text_of(told(letters=[LETTER]))
    for said in (
        "mkd.requests/3/17",
        "unknown-version",
        "Update this service, then handle it again.",
        "is newer than version 1",
        "2026-09-07 09:00 WIB",
        "3 h ago",
        "./mkd dead-letters retry &#x27;approvals.cases|mkd.requests/3/17&#x27;",
        "./mkd dead-letters discard &#x27;approvals.cases|mkd.requests/3/17&#x27;",
    ):
        assert said in page, said
    assert "Nothing needs anybody" not in page


def test_a_stream_that_waits_says_for_what() -> None:
    alone = text_of(told(parked=[PARKED]))
    assert "event number 2, which has not come" in alone
    assert "2 d ago" in alone
    behind = Parked("savings.days", "performance/req-1", 2, 5, NOW, "savings.days|mkd.performance/0/9")
    assert "event number 2, which was put aside: savings.days|mkd.performance/0/9" in text_of(told(parked=[behind]))


def test_a_decision_that_waits_for_kafka_needs_somebody_after_a_minute() -> None:
    assert told(oldest_s=59).nothing
    late = told(oldest_s=61)
    assert not late.nothing
    assert "has waited for more than 60 seconds" in text_of(late)


def test_what_kafka_has_lost_is_told_and_needs_nobody_once_it_is_made_good() -> None:
    lost = Lost("mkd.requests/3", 17, NOW - timedelta(hours=2), made_good=True)
    found = Found([], 0, [], 0, Outbox(0, None), [lost])
    page = text_of(Attention("requests", NOW, WELL, found, {}))
    for said in ("What Kafka has lost", "mkd.requests/3", "17", "was sent again", "Nothing needs anybody."):
        assert said in page


def test_what_cannot_be_learnt_is_not_said_to_be_well() -> None:
    one = Attention("approvals", NOW, WELL | {"mongodb": False, "kafka": False}, None, None)
    page = text_of(one)
    assert not one.nothing
    assert "MongoDB does not answer" in page
    assert "Kafka does not answer" in page
    assert page.count("not known now") == 2


def test_the_page_is_plain_accessible_and_loads_nothing() -> None:
    outline = Outline(text_of(told(letters=[LETTER], parked=[PARKED])))
    assert len(outline.all("h1")) == len(outline.all("main")) == len(outline.all("title")) == 1
    assert len(outline.all("table")) == len(outline.all("caption")) == 3
    assert {heading["scope"] for heading in outline.all("th")} == {"col"}
    assert all(cell["data-heading"] for cell in outline.all("td"))
    assert {name for name, _ in outline.elements} & {"script", "link", "img", "iframe", "form"} == set()
    assert {name for _, attributes in outline.elements for name in attributes} & {"src", "href", "style"} == set()
    assert "default-src 'none'" in markup.headers("id")["Content-Security-Policy"]


def test_what_somebody_wrote_stays_text() -> None:
    hostile = "<script>alert(1)</script>\" onload='x'"
    page = text_of(told(letters=[Letter(hostile, hostile, hostile, hostile, hostile, NOW)]))
    assert "<script" not in page
    assert tag("p", "a<b", title='"') == '<p title="&quot;">a&lt;b</p>'


def test_every_rule_that_a_record_can_break_has_its_advice() -> None:
    files = [*Path(inspect.getfile(shared.kit)).parent.rglob("*.py"), Path(inspect.getfile(shared.contracts.event))]
    raised = {rule for file in files for rule in re.findall(r'Rejected\("([a-z-]+)"', file.read_text())}
    advised = {name.removeprefix("advice-") for name in MESSAGES.by_language["id"] if name.startswith("advice-")}
    assert raised | {"not-json", "bad-field"} == {*advised, "gap"}


@pytest.mark.parametrize(
    ("rule", "said", "shown"),
    [
        ("handler-failed", f"ValueError: {CANARY}", "ValueError"),
        ("not-json", f"the body cannot be read as version 1: {CANARY}", "the body cannot be read as version 1"),
        ("bad-field", f"title: Value error, not {CANARY}", "title"),
        ("no-value", "the record has no value", "the record has no value"),
    ],
)
def test_a_reason_is_shown_without_what_it_quotes(rule: str, said: str, shown: str) -> None:
    assert faults.reason(rule, said) == shown


@pytest.mark.parametrize(
    ("language", "said"),
    [("id", "3 dari 3 rekaman terakhir mkd.performance ditolak"), ("en", "3 of the last 3 records of mkd.performance")],
)
def test_a_consumer_that_has_stopped_is_told_with_the_command_that_lets_it_go_on(language: str, said: str) -> None:
    stopped = StoppedConsumer("savings.days", "mkd.performance", 3, 3, "unknown-version", NOW - timedelta(hours=2))
    one = Attention("savings", NOW, WELL, Found([], 0, [], 0, Outbox(0, None), stopped=[stopped]), {})
    assert not one.nothing
    page = text_of(one, language)
    for part in (said, "savings.days", "unknown-version", "./mkd consumers resume savings.days"):
        assert part in page


async def test_what_was_put_aside_is_found_with_what_waits_for_it_and_without_its_value(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    runner = memory.runners["approvals.cases"]
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    assert memory.bus
    whole = {"request_id": asked["request_id"], "employee_id": town.ids["ani"], "days": [str(MONDAY)]}
    for n, body in ((2, f'{{"request_id": "{CANARY}"'), (3, json.dumps(whole))):
        headers = cloudevents.headers(
            "mkd.requests.request-withdrawn.v1",
            id_=f"0199-{n}",
            source="/tests/requests",
            subject=asked["request_id"],
            n=n,
            time=NOW,
            trace="",
        )
        memory.bus.append(topic, town.ids["ani"].encode(), body.encode(), headers)
    await memory.settle()
    found = await attention.find(memory.databases["approvals"], [runner])
    (letter,) = found.letters
    assert (letter.rule, letter.id) == ("not-json", f"{runner.group}|{letter.place}")
    (parked,) = found.parked
    assert (parked.stream, parked.waits_for, parked.held) == (f"/tests/requests/{asked['request_id']}", 2, 1)
    assert parked.behind == letter.id
    page = text_of(Attention("approvals", datetime.now(UTC), WELL, found, None))
    assert CANARY not in page
    assert "0 min ago" in page


def test_the_alert_and_the_page_mean_the_same_minute() -> None:
    alerts = (ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text()
    assert f"mkd_outbox_oldest_seconds > {attention.OUTBOX_LATE.total_seconds():.0f}" in alerts
