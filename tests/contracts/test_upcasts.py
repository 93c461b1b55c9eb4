"""Whatever was ever published becomes today's event; and read models made of old and new records are as if all were
new."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.documents.examples import EXAMPLES
from deploy.provision.resources import services
from services.savings.employee_day.projection import HANDLED
from services.savings.employee_month.document import day_documents, month_of
from shared.contracts import approvals
from shared.contracts.approvals import RequestApproved
from shared.contracts.event import Event, Publisher
from shared.kit.base import generations
from shared.kit.base.generations import Models
from shared.kit.messaging import cloudevents
from shared.kit.messaging.admission import item
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.messaging.consumer import Runner
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.platform import Platform
from tests.harness.town import open_town

PUBLISHERS = {service.name: service.publisher for service in services()}
VERSIONS = [
    (publisher, event, version)
    for publisher in PUBLISHERS.values()
    for event in (*publisher.events, *publisher.private)
    for version in range(1, event.version + 1)
]
KEPT = sorted(EXAMPLES.glob("*.json"))
MONDAY, WEDNESDAY, FRIDAY = date(2026, 9, 7), date(2026, 9, 9), date(2026, 9, 11)
APPROVED = "mkd.approvals.request-approved.v"


def record(publisher: Publisher, type_: str, body: bytes) -> Record:
    """A body on its publisher's topic; what its key and its subject are, it says itself."""
    event = publisher.read(type_, body)
    headers = cloudevents.headers(
        type_,
        id_="0199",
        source=publisher.source("jabar"),
        subject=event.subject,
        n=1,
        time=datetime(2026, 9, 1, tzinfo=UTC),
        trace="",
    )
    return Record(publisher.topic, 0, 0, event.key.encode(), body, headers)


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_every_record_that_was_ever_published_is_todays_event_to_a_consumer(file: Path) -> None:
    name, _, _ = file.stem.rpartition(".")
    publisher = PUBLISHERS[name.partition(".")[0]]
    found = item(record(publisher, f"mkd.{name}", file.read_bytes()), publisher, {publisher.source("jabar")})
    assert (found.fault, found.n) == (None, 1)
    assert found.heard
    event = found.heard.event
    today = {kind.type: kind for kind in (*publisher.events, *publisher.private)}
    assert type(event) is today[name.split(".")[1]]
    assert type(event).model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize(("publisher", "event", "version"), VERSIONS, ids=lambda part: getattr(part, "__name__", ""))
def test_every_version_that_there_ever_was_has_an_example(
    publisher: Publisher, event: type[Event], version: int
) -> None:
    """So that none is left out above. A private event has them where it was public once."""
    stem = f"{publisher.name}.{event.type}.v{version}"
    kinds = {file.stem.removeprefix(f"{stem}.").partition("-")[0] for file in EXAMPLES.glob(f"{stem}.*.json")}
    assert kinds == {"minimal", "complete"} or (event in publisher.private and not kinds)


def test_every_version_before_todays_is_brought_on_by_a_step() -> None:
    for publisher, event, version in VERSIONS:
        assert version == event.version or version in event.upcasts, (publisher.name, event.type, version)


def as_of_old(body: dict[str, Any]) -> dict[str, Any]:
    """What version 1 might have been: the unit by another name, and a place that is a word."""
    told = {name: value for name, value in body.items() if name not in ("unit_id", "place")}
    return told | {"unit": body["unit_id"], "where": body["place"]["category"]}


def as_of_today(body: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in body.items() if name not in ("unit", "where")}
    return told | {"unit_id": body["unit"], "place": {"category": body["where"]}}


def heard(platform: Platform) -> list[ReceivedEvent]:
    """All that is on the bus for savings."""
    assert platform.bus
    runner = platform.runners["savings.days"]
    at = [(topic, records) for (topic, _), records in platform.bus.partitions.items() if topic in runner.publishers]
    found = [runner.item(record) for _, records in at for record in records]
    assert [one.fault for one in found if one.fault] == []
    return [one.heard for one in found if one.heard]


def grown_old(records: list[Record]) -> Iterator[Record]:
    for one in records:
        said = dict(one.headers)
        if said["ce_type"] != f"{APPROVED}1".encode():
            yield one
            continue
        yield one._replace(value=json.dumps(as_of_old(json.loads(one.value or b""))).encode())


async def age(platform: Platform) -> None:
    """What has been approved so far, on the topic and in the log, becomes what version 1 might have been."""
    assert platform.bus
    for records in platform.bus.partitions.values():
        records[:] = list(grown_old(records))
    db = platform.databases["approvals"]
    async for commit in db.commits.find({"events.type": f"{APPROVED}1"}):
        for event in commit["events"]:
            if event["type"] == f"{APPROVED}1":
                event["data"] = json.dumps(as_of_old(json.loads(event["data"])))
        await db.commits.replace_one({"_id": commit["_id"]}, commit)


async def rebuilt(platform: Platform) -> Runner:
    """Savings' read models, made anew beside the live ones."""
    assert platform.bus
    service, its = platform.services["savings"], platform.settings["savings"]
    db = platform.databases["savings"]
    await generations.set_up(db, "g2", service.read_models)
    (runner,) = [one for one in service.runners(db, its, "g2") if one.consumer.rebuilt]
    await platform.bus.deliver(runner, batch=7)
    while any((await service.pending(db, "g2", its.clock())).values()):
        await service.run_jobs(db, "g2", its.clock())
    return runner


async def positions(models: Models) -> dict[str, Any]:
    """What each day of an employee or a unit is worth, by its id."""
    months = await models["employee_months"].find({}).to_list()
    days = [day for one in months for day in day_documents(month_of(one))]
    return {one["_id"]: one["position"] for one in [*days, *await models["unit_days"].find({}).to_list()]}


async def test_read_models_of_old_and_new_records_are_those_of_today(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`RequestApproved` gets a version 2 in the middle of a month: the log and the topic hold both from then on."""
    assert RequestApproved in HANDLED
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    revoked = await town.submit("dedi", [FRIDAY])
    await memory.settle()
    await town.approve("budi", revoked)
    await memory.settle()
    of_before = heard(memory)
    await age(memory)
    with monkeypatch.context() as patch:
        patch.setattr(RequestApproved, "version", 2)
        patch.setattr(RequestApproved, "upcasts", {1: as_of_today})
        await town.decide("budi", revoked, "revoke", {"reason": "Dinas luar.", "days": [str(FRIDAY)]})
        await town.play_to_verified("dedi", WEDNESDAY)
        told = {one.id: one for one in [*heard(memory), *of_before]}
        types = [one.type for one in heard(memory) if isinstance(one.event, RequestApproved)]
        assert sorted(types) == [f"{APPROVED}1", f"{APPROVED}1", f"{APPROVED}2"]
        runner = await rebuilt(memory)
    now = memory.settings["savings"].clock().now()
    today = ReadModels(factors())
    today.hear(sorted(told.values(), key=lambda one: one.n), now)
    today.settle_all(now)
    db = memory.databases["savings"]
    live, anew = await positions(generations.of(db, "g1")), await positions(runner.models)
    assert anew == live
    of_today = {id_: one["position"] for name in ("days", "unit_days") for id_, one in today.shown[name].items()}
    assert anew == of_today
    assert sum(position is not None for position in anew.values()) == 4
    assert await db.dead_letters.count_documents({}) == 0
    case = (await town.get("budi", "approvals", f"/v1/cases/{revoked['request_id']}")).json()
    assert case["status"] == "revoked", "a case is folded from what was committed as version 1"
    assert approvals.PUBLISHER.kind(f"{APPROVED}1") == (RequestApproved, 1)
