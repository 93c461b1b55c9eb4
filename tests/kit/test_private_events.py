"""Events that a service keeps to itself: folded, never sent, and no gap for whoever reads what is."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession

from deploy.recovery import resend
from deploy.recovery.resend import Told
from services.requests.request.decide import requests as requests_decider
from shared.contracts import requests
from shared.contracts.event import Event, Publisher
from shared.contracts.requests import OutcomeRecorded
from shared.kit.base.clock import SystemClock
from shared.kit.base.lease import Lease
from shared.kit.base.mongo import Database
from shared.kit.decisions import log
from shared.kit.decisions.decider import Decider
from shared.kit.decisions.log import CommandMetadata
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.messaging.relay import Relay
from tests.harness.bus import MemoryBus
from tests.harness.made import NOON
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 9)
PERMITS, READ = "permits", "permits_read"
BY = CommandMetadata("emp-00000001", NOON, "")


class PermitEvent(Event):
    """An event of a permit."""

    keyed_by = about = "permit_id"

    permit_id: str


class PermitGiven(PermitEvent):
    """A permit was given."""


class PermitLookedAt(PermitEvent):
    """Somebody had a look at a permit: of no use to anybody else."""


class PermitEnded(PermitEvent):
    """A permit has ended."""


class PermitStranger(PermitEvent):
    """An event that its publisher does not list."""


ALL_PUBLIC = Publisher(PERMITS, (PermitGiven, PermitLookedAt, PermitEnded))
ONE_PRIVATE = Publisher(PERMITS, (PermitGiven, PermitEnded), private=(PermitLookedAt,))


def decider(publisher: Publisher) -> Decider[Sequence[Event], tuple[str, ...]]:
    """A permit's state is what happened to it; a command is what is to happen."""
    return Decider(
        name=PERMITS,
        publisher=publisher,
        evolve=lambda state, event: (*(state or ()), event.type),
        decide=lambda command, _: command,
        show=lambda state: {"told": list(state)},
    )


@dataclass
class Office:
    """A service that gives permits, its relay, and a bus; readers hear in the database of another."""

    db: Database
    readers_db: Database
    bus: MemoryBus = field(default_factory=MemoryBus)

    def __post_init__(self) -> None:
        self.relay = Relay(self.db, ALL_PUBLIC, self.bus, Lease(self.db, "relay", "test"), instance="tests")

    async def happens(self, publisher: Publisher, permit: str, *kinds: type[PermitEvent]) -> None:
        command = [kind(permit_id=permit) for kind in kinds]
        await log.transact(self.db, decider(publisher), permit, command, BY)

    async def loaded(self, permit: str) -> tuple[tuple[str, ...] | None, int, int]:
        found = await log.load(self.db, decider(ONE_PRIVATE), permit)
        return found.state, found.n, found.sequence

    def reader(self, name: str, publisher: Publisher) -> Runner:
        async def note(session: AsyncClientSession, at: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
            for heard in events:
                one = {"_id": f"{at.group}|{heard.stream}#{heard.n}", "group": at.group, "type": heard.event.type}
                await at.db[READ].insert_one(one, session=session)

        consumer = Consumer(f"tests.{name}", (publisher,), (PermitGiven, PermitLookedAt, PermitEnded), note)
        return Runner(consumer, self.readers_db, SystemClock(), "tests")

    async def sent(self) -> None:
        while await self.relay.once():
            pass

    async def read(self, reader: Runner) -> dict[str, list[str]]:
        """Everything that a reader has heard when it has heard all, by permit; nothing is put aside."""
        await self.bus.deliver(reader, batch=3)
        assert await self.readers_db.dead_letters.count_documents({"consumer": reader.group}) == 0
        heard: dict[str, list[str]] = defaultdict(list)
        found = await self.readers_db[READ].find({"group": reader.group}).to_list()
        for one in sorted(found, key=lambda one: (one["_id"].partition("#")[0], int(one["_id"].partition("#")[2]))):
            heard[one["_id"].partition("#")[0].rpartition("/")[2]].append(one["type"])
        return dict(heard)

    def wire(self) -> list[tuple[str, int, str, str]]:
        """Subject, sequence, id and type of every record on the topic."""
        return [said(record) for (topic, _), records in self.bus.partitions.items() for record in records]


def said(record: Record) -> tuple[str, int, str, str]:
    headers = {name: (value or b"").decode() for name, value in record.headers}
    if "ce_sequence" not in headers:
        return headers["ce_subject"], 0, headers["ce_id"], headers["ce_type"]
    return headers["ce_subject"], int(headers["ce_sequence"]), headers["ce_id"], headers["ce_type"]


@pytest.fixture
async def office(memory: Platform) -> Office:
    db, readers_db = memory.databases["approvals"], memory.databases["performance"]
    for where, name in ((db, PERMITS), (readers_db, READ)):
        if name not in await where.list_collection_names():
            await where.create_collection(name)
    return Office(db, readers_db)


async def test_a_private_event_is_folded_and_never_sent(office: Office) -> None:
    permit = "per-00000001"
    await office.happens(ONE_PRIVATE, permit, PermitGiven)
    await office.happens(ONE_PRIVATE, permit, PermitLookedAt)
    await office.happens(ONE_PRIVATE, permit, PermitLookedAt, PermitEnded, PermitLookedAt)
    await office.sent()
    told = ("permit-given", "permit-looked-at", "permit-looked-at", "permit-ended", "permit-looked-at")
    assert await office.loaded(permit) == (told, 5, 2)
    assert [(n, type_.split(".")[2]) for _, n, _, type_ in office.wire()] == [(1, "permit-given"), (2, "permit-ended")]
    assert await office.db.commits.count_documents({"sent": False}) == 0
    assert await office.read(office.reader("all", ONE_PRIVATE)) == {permit: ["permit-given", "permit-ended"]}


async def test_a_gap_is_one_in_what_is_published(office: Office) -> None:
    permit = "per-00000001"
    for kinds in ([PermitGiven], [PermitLookedAt], [PermitEnded], [PermitLookedAt], [PermitEnded]):
        await office.happens(ONE_PRIVATE, permit, *kinds)
    await office.sent()
    ((at, records),) = [(at, records) for at, records in office.bus.partitions.items() if records]
    office.bus.partitions[at] = [r._replace(offset=n) for n, r in enumerate(r for r in records if said(r)[1] != 2)]
    reader = office.reader("gap", ONE_PRIVATE)
    await office.bus.deliver(reader)
    letters = await office.readers_db.dead_letters.find({"consumer": reader.group}).to_list()
    assert [(one["n"], one["status"]) for one in letters] == [(3, "parked")]
    await office.db.commits.update_many({}, {"$set": {"sent": False}})
    await office.sent()
    await office.bus.deliver(reader)
    letters = await office.readers_db.dead_letters.find({"consumer": reader.group}).to_list()
    assert [(one["n"], one["status"]) for one in letters] == [(3, "handled")]


async def test_an_event_that_its_publisher_does_not_list_is_never_written(office: Office) -> None:
    with pytest.raises(ValueError, match="PermitStranger is not an event of permits"):
        await office.happens(ONE_PRIVATE, "per-00000001", PermitStranger)
    assert await office.db.commits.count_documents({}) == 0


async def test_an_event_becomes_private_without_a_gap(office: Office, seed: int) -> None:
    """From commits that say no number, over commits in which all is public, to ones in which it is not; and whatever
    is sent again, or has been lost by Kafka, is what it was."""
    chance = random.Random(seed)
    live = office.reader("live", ALL_PUBLIC)
    for phase, publisher in enumerate((ALL_PUBLIC, ALL_PUBLIC, ONE_PRIVATE)):
        for _ in range(25):
            kinds = [chance.choice((PermitGiven, PermitLookedAt, PermitEnded)) for _ in range(chance.randint(1, 3))]
            await office.happens(publisher, f"per-0000000{chance.randint(1, 4)}", *kinds)
            if chance.random() < 0.2:
                await office.sent()
        if phase == 0:
            await office.db.commits.update_many({}, {"$unset": {"events.$[].sequence": ""}})
    await office.sent()
    heard, wire = await office.read(live), office.wire()
    numbers: dict[str, list[int]] = defaultdict(list)
    for subject, n, _, _ in wire:
        numbers[subject].append(n)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    for permit, n in ((permit, len(found)) for permit, found in numbers.items()):
        state, logged, sequence = await office.loaded(permit)
        assert (len(state or ()), sequence) == (logged, n)
        assert logged > n, "some of it is private"
    assert any("looked-at" in type_ for *_, type_ in wire), "what was public before"
    await office.db.commits.update_many({}, {"$set": {"sent": False}, "$unset": {"placed": ""}})
    await office.sent()
    assert len(office.wire()) == 2 * len(wire)
    assert set(office.wire()) == set(wire), "the same ids under the same numbers"
    assert await office.read(live) == heard
    for records in office.bus.partitions.values():
        del records[len(records) - chance.randint(1, len(records) or 1) :]
    office.relay._looked_at = -1e9
    await office.sent()
    assert await office.read(office.reader("anew", ONE_PRIVATE)) == heard
    assert await resend._unknown(office.db, [Told("", id_, subject, n) for subject, n, id_, _ in wire]) == []


async def test_what_a_log_knows_of_kafka_is_told_by_the_published_number(office: Office) -> None:
    permit = "per-00000001"
    await office.happens(ONE_PRIVATE, permit, PermitLookedAt, PermitGiven)
    commit = await office.db.commits.find_one({})
    assert commit
    private, public = (event["id"] for event in commit["events"])
    strange = [Told("", public, permit, 2), Told("", private, permit, 1), Told("", "0199", permit, 1)]
    strange.append(Told("", public, "per-00000002", 1))
    assert await resend._unknown(office.db, [Told("", public, permit, 1), *strange]) == strange


async def test_the_platform_goes_on_when_outcomes_are_no_longer_told(memory: Platform) -> None:
    """Requests keeps outcomes to itself from some day on; everybody else, of before that, hears the rest of the same
    requests."""
    town = await open_town(memory)
    first = await town.play_to_verified("ani", MONDAY)
    second = await town.submit("dedi", [WEDNESDAY])
    kept = tuple(event for event in requests.EVENTS if event is not OutcomeRecorded)
    was = requests_decider.publisher
    object.__setattr__(requests_decider, "publisher", replace(was, events=kept, private=(OutcomeRecorded,)))
    try:
        await memory.settle()
        await town.approve("budi", second)
        await memory.settle()
        for asked, name in ((first, "ani"), (second, "dedi")):
            path = f"/v1/requests/{asked['request_id']}"
            shown = (await town.get(name, "requests", path)).json()
            assert shown["status"] == "approved"
        answer = await town.post("dedi", "requests", f"{path}:withdraw", seen=shown["version"])
        assert answer.status_code == 200, answer.text
        await memory.settle()
    finally:
        object.__setattr__(requests_decider, "publisher", was)
    assert (await town.day("ani", MONDAY))["realised"]
    assert (await town.get("dedi", "approvals", f"/v1/cases/{second['request_id']}")).json()["status"] == "closed"
    assert (await town.get("dedi", "performance", f"/v1/plans/{second['request_id']}")).json()["closed"]
    for name, db in memory.databases.items():
        assert await db.dead_letters.count_documents({}) == 0, name
    assert memory.bus
    wire = [said(record) for records in memory.bus.partitions.values() for record in records]
    told = [(n, type_.split(".")[2]) for subject, n, _, type_ in wire if subject == second["request_id"]]
    assert {(1, "request-submitted"), (2, "request-withdrawn")} <= set(told)
    assert "outcome-recorded" not in [type_ for _, type_ in told]
    commits = memory.databases["requests"].commits.find({"aggregate": second["request_id"]}).sort("n", 1)
    events = [event async for commit in commits for event in commit["events"]]
    assert [event["sequence"] for event in events] == [1, None, 2]
