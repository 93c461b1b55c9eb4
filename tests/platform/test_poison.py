"""What cannot be handled is put aside with its reason; the next record is not held up; a retry handles it after all."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.documents.examples import EXAMPLES
from shared.contracts.requests import RequestWithdrawn
from shared.kit.base.mongo import in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging import cloudevents, deadletters, redrive
from shared.kit.messaging.admission import Aside, Verdict
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.kafka import client_security
from tests.harness.made import NOON
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)
Headers = list[tuple[str, bytes | None]]


def good(subject: str, employee: str, n: int = 1) -> tuple[dict[str, Any], Headers]:
    """The body and the headers of an event that could be handled."""
    body = {"request_id": subject, "employee_id": employee, "days": ["2026-09-07"]}
    headers = cloudevents.headers(
        "mkd.requests.request-withdrawn.v1",
        id_="0199-test",
        source="/tests/requests",
        subject=subject,
        n=n,
        time=NOON,
        trace="",
    )
    return body, list(headers)


def changed(headers: Headers, name: str, value: bytes | None) -> Headers:
    return [(known, value if known == name else said) for known, said in headers]


def poison(kind: str, employee: str) -> tuple[bytes | None, Headers]:
    """A record that breaks exactly one rule."""
    body, headers = good(f"req-poison-{abs(hash(kind)):x}"[:40], employee)
    text = json.dumps(body)
    policy = json.loads((EXAMPLES / "requests.policy-published.v1.complete.json").read_bytes())
    huge = json.dumps(policy | {"notice_days_min": {"value": 2**70, "source": "uji"}})
    return {
        "not-json": (b"{", headers),
        "bad utf-8 in the value": (b"\xff" + text.encode(), headers),
        "bad utf-8 in a header": (text.encode(), changed(headers, "traceparent", b"\xff\xfe")),
        "null header": (text.encode(), changed(headers, "traceparent", None)),
        "unknown type": (text.encode(), changed(headers, "ce_type", b"mkd.requests.request-lost.v1")),
        "unknown version": (text.encode(), changed(headers, "ce_type", b"mkd.requests.request-withdrawn.v7")),
        "NaN": (json.dumps(body | {"days": [float("nan")]}).encode(), headers),
        "2**70": (huge.encode(), changed(headers, "ce_type", b"mkd.requests.policy-published.v1")),
        "wrong types": (json.dumps(body | {"days": 7, "employee_id": []}).encode(), headers),
        "a megabyte": (json.dumps(body | {"more": "x" * 1_000_000}).encode(), headers),
        "no value": (None, headers),
        "no headers": (text.encode(), []),
        "another instance": (text.encode(), changed(headers, "ce_source", b"/elsewhere/requests")),
        "another subject": (text.encode(), changed(headers, "ce_subject", b"req-another")),
        "sequence 0": (text.encode(), changed(headers, "ce_sequence", b"0")),
        "a time without a zone": (text.encode(), changed(headers, "ce_time", b"2026-09-01T05:00:00")),
    }[kind]


RULES = {
    "not-json": ("not-json", "EOF"),
    "bad utf-8 in the value": ("not-json", "body"),
    "bad utf-8 in a header": ("bad-header", "'traceparent' is not UTF-8"),
    "null header": ("null-header", "'traceparent' has no value"),
    "unknown type": ("unknown-type", "request-lost"),
    "unknown version": ("unknown-version", "newer than version 1"),
    "NaN": ("bad-field", "days.0"),
    "2**70": ("bad-field", "notice_days_min.value"),
    "wrong types": ("bad-field", "employee_id"),
    "a megabyte": ("too-large", "1,000,"),
    "no value": ("no-value", "no value"),
    "no headers": ("not-a-cloudevent", "ce_id"),
    "another instance": ("foreign-source", "/elsewhere/requests"),
    "another subject": ("wrong-key", "ce_subject"),
    "sequence 0": ("not-a-cloudevent", "ce_sequence"),
    "a time without a zone": ("not-a-cloudevent", "ce_time"),
}


async def test_every_poison_is_put_aside_and_the_next_record_is_handled_within_two_seconds(real: Platform) -> None:
    town = await open_town(real)
    await real.settle()
    office = {"place": {"category": "office"}}
    waits = {}
    day = MONDAY
    for kind in RULES:
        value, headers = poison(kind, town.ids["ani"])
        await _produce(real, town.ids["ani"], value, headers)
        while day.isoweekday() > 5:
            day += timedelta(1)
        started = time.monotonic()
        asked = await town.submit("ani", [day], **office)
        while (await town.get("budi", "approvals", f"/v1/cases/{asked['request_id']}")).status_code != 200:
            assert time.monotonic() - started < 10, f"{kind} holds the partition up"
        waits[kind] = time.monotonic() - started
        day += timedelta(1)
    await real.settle()
    print({kind: f"{seconds:.2f} s" for kind, seconds in waits.items()})
    assert {kind: seconds for kind, seconds in waits.items() if seconds > 2} == {}
    for service, consumer in (("approvals", "approvals.cases"), ("savings", "savings.days")):
        letters = await _letters(real, service, consumer)
        assert [letter["rule"] for letter in letters] == [rule for rule, _ in RULES.values()]
        for letter, (_, said) in zip(letters, RULES.values(), strict=True):
            assert said in letter["reason"]
            assert letter["status"] == "open"


async def test_a_record_that_newer_code_understands_is_handled_on_retry_with_what_waited(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer publisher withdraws with version 7; what it says next of the same request waits in order."""
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    assert memory.bus
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    whose = town.ids["ani"].encode()
    body, headers = good(asked["request_id"], town.ids["ani"], 2)
    newer = changed(headers, "ce_type", b"mkd.requests.request-withdrawn.v7")
    memory.bus.append(topic, whose, json.dumps(body).encode(), newer)
    follows = {"request_id": asked["request_id"], "employee_id": town.ids["ani"], "outcome": "rejected"}
    _, headers = good(asked["request_id"], town.ids["ani"], 3)
    said = changed(headers, "ce_type", b"mkd.requests.outcome-recorded.v1")
    memory.bus.append(topic, whose, json.dumps(follows).encode(), said)
    await memory.settle()
    first, second = await _letters(memory, "approvals", "approvals.cases")
    assert (first["rule"], first["status"], second["rule"], second["status"]) == (
        "unknown-version",
        "open",
        "gap",
        "parked",
    )
    runner = memory.runners["approvals.cases"]
    assert (await redrive.retry(runner, first, "test"))["status"] == "open"
    monkeypatch.setattr(RequestWithdrawn, "version", 7)
    monkeypatch.setattr(RequestWithdrawn, "upcasts", {1: lambda body: body})
    assert (await redrive.retry(runner, first, "test"))["status"] == "handled"
    case = await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")
    assert case.json()["status"] == "closed"
    assert [letter["status"] for letter in await _letters(memory, "approvals", "approvals.cases")] == ["handled"] * 2


async def test_what_waits_goes_on_when_the_missing_event_comes(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    await town.approve("budi", asked)
    town.at(MONDAY, 15)
    await memory.settle()
    await town.log("ani", asked)
    relay, db = memory.relays["performance"], memory.databases["performance"]
    missing = await db.commits.find_one({"aggregate": asked["request_id"], "n": 2})
    assert missing
    await db.commits.update_one({"_id": missing["_id"]}, {"$set": {"sent": True}})
    await town.verify("budi", asked)
    town.at(MONDAY + timedelta(1))
    await memory.settle()
    (parked,) = await _letters(memory, "savings", "savings.days")
    assert (parked["status"], parked["reason"].partition(":")[0].rpartition(" ")[2]) == ("parked", "1")
    assert (await town.day("ani", MONDAY))["lacks"] == ["verification"]
    assert memory.bus
    await memory.bus.send(relay.messages(missing))
    await memory.settle()
    assert (await town.day("ani", MONDAY))["realised"]


async def test_what_is_discarded_is_passed_over(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    assert memory.bus
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    _, headers = good(asked["request_id"], town.ids["ani"], 2)
    memory.bus.append(topic, town.ids["ani"].encode(), b"{", headers)
    body, headers = good(asked["request_id"], town.ids["ani"], 3)
    memory.bus.append(topic, town.ids["ani"].encode(), json.dumps(body).encode(), headers)
    await memory.settle()
    first, _ = await _letters(memory, "approvals", "approvals.cases")
    await redrive.discard(memory.runners["approvals.cases"], first, "test", "garbage of a test")
    letters = await _letters(memory, "approvals", "approvals.cases")
    assert [letter["status"] for letter in letters] == ["discarded", "handled"]
    assert letters[0]["closed_because"] == "garbage of a test"
    assert (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()["status"] == "closed"


async def test_an_event_that_our_own_code_fails_on_is_put_aside_alone(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in a reaction: the batch's other events take effect, and a mended service retries the one."""
    town = await open_town(memory)
    runner, ids = memory.runners["approvals.cases"], town.ids
    broken, reaction = True, runner.consumer

    async def failing(session: Any, at: Runner, events: Sequence[cloudevents.ReceivedEvent], now: Any) -> None:
        if broken and any(heard.event.key == ids["ani"] for heard in events):
            raise ZeroDivisionError("a defect")
        await reaction.apply(session, at, events, now)

    monkeypatch.setattr(runner, "consumer", replace(reaction, apply=failing))
    mine, other = await town.submit("ani", [MONDAY]), await town.submit("dedi", [MONDAY])
    await memory.settle()
    (letter,) = await _letters(memory, "approvals", "approvals.cases")
    assert (letter["rule"], letter["reason"]) == ("handler-failed", "ZeroDivisionError: a defect")
    assert (await town.get("dedi", "approvals", f"/v1/cases/{other['request_id']}")).status_code == 200
    broken = False
    assert (await redrive.retry(runner, letter, "test"))["status"] == "handled"
    assert (await town.get("ani", "approvals", f"/v1/cases/{mine['request_id']}")).status_code == 200


async def test_an_event_of_which_the_database_refuses_what_is_made_is_put_aside_alone(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked again and again: a worker that waits for another answer would hear nothing more."""
    town = await open_town(memory)
    runner, ids = memory.runners["approvals.cases"], town.ids
    reaction = runner.consumer
    await runner.db.about.insert_one({"_id": "a test", "n": 1})

    async def refused(session: Any, at: Runner, events: Sequence[cloudevents.ReceivedEvent], now: Any) -> None:
        if any(heard.event.key == ids["ani"] for heard in events):
            await at.db.about.update_one({"_id": "a test"}, {"$inc": {"n.below": 1}}, session=session)
        await reaction.apply(session, at, events, now)

    monkeypatch.setattr(runner, "consumer", replace(reaction, apply=refused))
    other = await town.submit("dedi", [MONDAY])
    await town.submit("ani", [MONDAY])
    await memory.settle()
    (letter,) = await _letters(memory, "approvals", "approvals.cases")
    assert (letter["rule"], "WriteError" in letter["reason"]) == ("handler-failed", True)
    assert (await town.get("dedi", "approvals", f"/v1/cases/{other['request_id']}")).status_code == 200


async def test_a_record_whose_key_is_still_taken_stays_aside_when_it_is_retried(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    runner = memory.runners["approvals.cases"]
    taken = await _employee(memory)

    async def taking(session: Any, at: Runner, events: Sequence[cloudevents.ReceivedEvent], _: Any) -> None:
        if events:
            await at.db.employees.insert_one(dict(taken), session=session)

    monkeypatch.setattr(runner, "consumer", replace(runner.consumer, apply=taking))
    await town.submit("ani", [MONDAY])
    await memory.settle()
    (letter,) = await _letters(memory, "approvals", "approvals.cases")
    again = await redrive.retry(runner, letter, "test")
    assert (again["status"], again["rule"]) == ("open", "handler-failed")
    assert "duplicate key" in again["reason"]


async def test_another_record_in_the_place_of_one_that_a_lost_kafka_held_is_put_aside_too(memory: Platform) -> None:
    """Offsets begin anew: what lay there before is kept under another id, until its event is put aside again."""
    town = await open_town(memory)
    await memory.settle()
    assert memory.bus
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    _, headers = good("req-unreadable", town.ids["ani"])
    memory.bus.append(topic, town.ids["ani"].encode(), b"{", headers)
    await memory.settle()
    runner, db = memory.runners["approvals.cases"], memory.databases["approvals"]
    (first,) = await _letters(memory, "approvals", "approvals.cases")

    async def keeps(session: Any) -> None:
        record = deadletters.record_of(first)
        item = runner.item(record)
        assert item.fault
        await deadletters.keep(session, db, runner.group, [Aside(item, Verdict.FAULT, item.fault)])

    await deadletters.leave_kafka(db, NOON)
    (left,) = await _letters(memory, "approvals", "approvals.cases")
    assert (left["status"], left["value"]) == ("open", first["value"])
    assert left["_id"].startswith(f"{first['_id']}|left 2026-")
    await in_transaction(db, keeps)
    letters = {one["_id"]: one["status"] for one in await _letters(memory, "approvals", "approvals.cases")}
    assert letters == {left["_id"]: "handled", first["_id"]: "open"}


async def _employee(platform: Platform) -> Document:
    """One who is on record, and whose identity is taken."""
    return await platform.databases["approvals"].employees.find_one({}) or {}


async def _letters(platform: Platform, service: str, consumer: str) -> list[Document]:
    group = f"{platform.settings[service].topic_prefix}{consumer}"
    found = platform.databases[service].dead_letters.find({"consumer": group})
    return await found.sort([("at", 1), ("offset", 1)]).to_list()


async def _produce(platform: Platform, key: str, value: bytes | None, headers: Headers) -> None:
    its = platform.settings["requests"]
    producer = AIOKafkaProducer(bootstrap_servers=its.kafka_bootstrap, max_request_size=2**21, **client_security(its))
    async with producer:
        await producer.send_and_wait(f"{its.topic_prefix}mkd.requests", value, key=key.encode(), headers=headers)
