"""What is lost comes back: Kafka from the logs, read models from Kafka, all from a backup; always the same hash."""

import asyncio
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from demo import province
from demo.checking import Result
from demo.play import FIRST_DAY, play
from deploy.base.failure import Failure
from deploy.base.home import Home
from deploy.lifecycle.up import down, up
from deploy.local import mongod, stack
from deploy.provision.resources import services
from deploy.recovery import archive, rebuild, resend
from shared.kit.base import tasks
from shared.kit.base.mongo import connect
from shared.kit.messaging import cloudevents, redrive, refill
from shared.kit.messaging.kafka import client_security
from tests.harness.made import NOON
from tests.harness.stacks import Reading, addresses, at_rest, digest, torn, whole_stack

SEED, PEOPLE, DAYS, MONTH = 5, 40, 10, f"{FIRST_DAY:%Y-%m}"
OLD_S = 10
"""So old may be what is answered when generations are switched while people work; on two busy cores."""
CUT_BYTES = 64 * 1024
SAVINGS = next(service for service in services() if service.name == "savings")
AGENCY = next(p.subject for p in province.make(SEED, PEOPLE).people.values() if p.history[0].roles)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A whole stack of processes, supervised."""
    with whole_stack(tmp_path_factory.mktemp("recovery")) as home:
        yield home


@dataclass(frozen=True)
class Worked:
    """What came of a play during which read models were filled anew: its result, the generations, and what somebody
    has read meanwhile."""

    result: Result
    generations: list[str]
    readings: int
    faults: list[str]


@pytest.fixture(scope="module")
async def worked(home: Home) -> Worked:
    """Some days of a small province; from the second on, read models are filled anew on each day on which they are not
    being filled already."""
    days: asyncio.Queue[int] = asyncio.Queue()
    playing = asyncio.create_task(_play(home, days))
    playing.add_done_callback(lambda _: days.put_nowait(DAYS))
    try:
        while await days.get() < 2:
            pass
        generations = []
        async with Reading(home, AGENCY, MONTH, torn, since_s=OLD_S) as reading:
            day = 2
            while day < DAYS - 1:
                generations.append(await rebuild.rebuild(SAVINGS, stack.settings(home, "savings"), print))
                day = max([await days.get(), *(days.get_nowait() for _ in range(days.qsize()))])
            result = await playing
    finally:
        await tasks.end(playing)
    await at_rest(home)
    print(f"{generations} while {result.tally}; {reading.count} readings; {reading.faults}")
    return Worked(result, generations, reading.count, reading.faults)


async def _play(home: Home, days: asyncio.Queue[int]) -> Result:
    def say(text: str) -> None:
        print(text)
        if found := re.search(r"\(day (\d+) of", text):
            days.put_nowait(int(found[1]))

    return await play(addresses(home), employees=PEOPLE, days=DAYS, seed=SEED, say=say)


@pytest.fixture(scope="module")
def played(worked: Worked) -> Result:
    """The same, which came to what it should."""
    assert worked.result.differences == []
    return worked.result


@pytest.mark.timeout(900)
async def test_read_models_are_filled_anew_while_people_work(home: Home, worked: Worked) -> None:
    """Again and again: every answer is whole and of the last seconds, and in the end every figure is the oracle's."""
    assert worked.faults == []
    assert worked.readings > 50
    assert len(worked.generations) >= 3
    assert worked.result.differences == []
    assert digest(home, AGENCY)["digest"] == worked.result.digest


@pytest.mark.timeout(900)
async def test_after_a_power_cut_up_alone_brings_everything_back(home: Home, played: Result) -> None:
    """The newest segments of Kafka are cut while everything is down, and savings had heard nothing yet."""
    live = digest(home, AGENCY)["generation"]
    await asyncio.to_thread(down, home, print)
    cut = _cut(home)
    assert cut > 20
    await asyncio.to_thread(up, home, print, lambda: _forget_savings(home, live))
    await at_rest(home)
    assert digest(home, AGENCY)["digest"] == played.digest
    db = connect(stack.settings(home, "performance"), "mkd_performance")
    assert await refill.lately_lost(db, datetime.now(UTC) - timedelta(hours=1)), "the loss must be told of"
    await db.client.close()


def _cut(home: Home) -> int:
    """Take the end off the newest segment of each partition of ours. Returns how many were cut."""
    cut = 0
    for folder in (home.path / "kafka" / "data").glob("mkd.*"):
        newest = max(folder.glob("*.log"))
        if size := newest.stat().st_size:
            with newest.open("r+b") as segment:
                segment.truncate(max(0, size - CUT_BYTES))
            cut += 1
    return cut


def _forget_savings(home: Home, live: str) -> None:
    """As if savings' worker had not run at all so far."""
    with mongod.admin(home) as client:
        db = client.mkd_savings
        for name in db.list_collection_names():
            if name.startswith(f"{live}.") or name in ("inbox", "checkpoints", "dead_letters"):
                db[name].delete_many({})


@pytest.mark.timeout(900)
async def test_a_lost_kafka_is_filled_from_the_logs_and_a_rebuild_comes_to_the_same_hash(
    home: Home, worked: Worked, played: Result
) -> None:
    before, live = digest(home, AGENCY), worked.generations[-1]
    assert (before["digest"], before["generation"]) == (played.digest, live)
    await asyncio.to_thread(down, home, print)
    shutil.rmtree(home.path / "kafka" / "data")
    await asyncio.to_thread(up, home, print)
    assert await asyncio.to_thread(resend.resend, home, print) > 100
    await at_rest(home)
    assert digest(home, AGENCY) == before, "what was heard before must change nothing"
    async with Reading(home, AGENCY, MONTH) as reading:
        new = await rebuild.rebuild(SAVINGS, stack.settings(home, "savings"), print)
        await at_rest(home)
    assert reading.count > 10
    assert reading.faults == []
    assert digest(home, AGENCY) == before | {"generation": new}
    assert new == f"g{int(live[1:]) + 1}"


@pytest.mark.timeout(900)
async def test_a_generation_that_contradicts_itself_does_not_answer(home: Home, played: Result) -> None:
    before = digest(home, AGENCY)

    async def contradicts(*_: Any) -> list[str]:
        return ["unit-x is not the sum of its rows"]

    with pytest.raises(Failure, match="not the sum of its rows"):
        await rebuild.rebuild(replace(SAVINGS, verify=contradicts), stack.settings(home, "savings"), print)
    assert digest(home, AGENCY) == before


@pytest.mark.timeout(900)
async def test_what_was_discarded_stays_so_and_what_is_put_aside_only_now_stops_the_switch(
    home: Home, played: Result
) -> None:
    before, its = digest(home, AGENCY), stack.settings(home, "savings")
    await _unreadable_and_its_successor(home)
    await at_rest(home)
    db = connect(its, SAVINGS.database)
    (was,) = rebuild.runners(db, SAVINGS, its, before["generation"])
    theirs = {"consumer": was.group}
    unreadable, waits = await db.dead_letters.find(theirs).sort("n", 1).to_list()
    assert (unreadable["status"], waits["status"]) == ("open", "parked")
    await db.dead_letters.update_many(theirs, {"$set": {"status": "handled"}})
    with pytest.raises(Failure, match=r"has put aside what g\d+ has not: .*not-json"):
        await rebuild.rebuild(SAVINGS, its, print)
    assert digest(home, AGENCY) == before
    for letter in (unreadable, waits):
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"status": letter["status"]}})
    await redrive.discard(was, unreadable, "tester", "garbage of a test")
    new = await rebuild.rebuild(SAVINGS, its, print)
    (now,) = rebuild.runners(db, SAVINGS, its, new)
    letters = await db.dead_letters.find({"consumer": now.group}).sort("n", 1).to_list()
    assert [letter["status"] for letter in letters] == ["discarded", "handled"]
    assert (letters[0]["closed_by"], letters[0]["closed_because"]) == ("tester", "garbage of a test")
    await at_rest(home)
    assert digest(home, AGENCY) == before | {"generation": new}
    await db.client.close()


async def _unreadable_and_its_successor(home: Home) -> None:
    """A request's first event cannot be read; its second can, and waits for the first."""
    its, subject, employee = stack.settings(home, "requests"), "req-unreadable", "emp-nobody00"
    withdrawn = {"request_id": subject, "employee_id": employee, "days": ["2026-08-05"]}
    producer = AIOKafkaProducer(bootstrap_servers=its.kafka_bootstrap, **client_security(its))
    async with producer:
        for n, value in enumerate((b"{", json.dumps(withdrawn).encode()), 1):
            headers = cloudevents.headers(
                "mkd.requests.request-withdrawn.v1",
                id_=f"0199-unreadable-{n}",
                source=f"/{its.instance}/requests",
                subject=subject,
                n=n,
                time=NOON,
                trace="",
            )
            await producer.send_and_wait("mkd.requests", value, key=employee.encode(), headers=list(headers))


@pytest.mark.timeout(900)
async def test_a_backup_is_restored_on_an_empty_machine(home: Home, played: Result, tmp_path: Path) -> None:
    file = tmp_path / "jabar.tar.gz"
    with mongod.admin(home) as client:
        count = archive.backup(client, file, "jabar", print)
    assert file.stat().st_mode & 0o777 == 0o600
    before = digest(home, AGENCY)
    await asyncio.to_thread(down, home, print)
    other = Home(tmp_path / "other", home.port_base)
    archive.check(file, "jabar")

    def fill() -> None:
        with mongod.admin(other) as client:
            assert archive.restore(client, file, print) == count

    try:
        await asyncio.to_thread(up, other, print, fill)
        await asyncio.to_thread(resend.resend, other, print)
        await at_rest(other)
        assert digest(other, AGENCY) == before
        new = await rebuild.rebuild(SAVINGS, stack.settings(other, "savings"), print)
        assert digest(other, AGENCY) == before | {"generation": new}
        with mongod.admin(other) as client, pytest.raises(Failure, match="There are data already"):
            archive.restore(client, file, print)
    finally:
        await asyncio.to_thread(down, other, print)


def test_a_backup_that_is_damaged_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(random.Random(1).randbytes(2000))
    with pytest.raises(Failure, match="cannot be read as a backup"):
        archive.check(file, "jabar")
