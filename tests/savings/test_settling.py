"""What no event settles, on a database: one day that cannot be worked out does not stop the others."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from services.savings.employee_day.jobs import LOOK_AGAIN, SETTLE_DAYS, verify
from services.savings.employee_month.model import NEVER
from services.savings.factor_set.queries import how_many
from services.savings.unit_day.jobs import SETTLE_UNITS
from services.savings.unit_day.projection import settle_units
from shared.contracts import approvals, organisation, performance
from shared.contracts.performance import OutputVerified
from shared.kit.base import tasks
from shared.kit.base.lease import Lease
from shared.kit.base.metrics import JobMetrics
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.process.jobs import Jobs, LeasedJob
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.made import BUDI, approved, building, employee, heard, output, unit
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

AFTER = datetime(2026, 9, 20, tzinfo=UTC)
MONDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 9)


async def opened(platform: Platform) -> Town:
    town = await open_town(platform)
    for name, day in (("ani", MONDAY), ("dedi", WEDNESDAY)):
        await town.play_to_verified(name, day)
    return town


async def settle(platform: Platform) -> None:
    for job in (SETTLE_DAYS, SETTLE_UNITS):
        await job.run(platform.databases["savings"], "g1", platform.settings["savings"].clock())


async def pending(platform: Platform) -> int:
    of = platform.databases["savings"], "g1", platform.settings["savings"].clock()
    return await SETTLE_DAYS.pending(*of) + await SETTLE_UNITS.pending(*of)


async def test_a_day_that_cannot_be_worked_out_is_set_aside_alone_and_taken_up_again(memory: Platform) -> None:
    town = await opened(memory)
    db = memory.databases["savings"]
    months = db["g1"]["employee_months"]
    await town.play_to_verified("ani", MONDAY + timedelta(7))
    bad = f"{town.ids['ani']}:{MONDAY}"
    (month,) = await months.find({"employee_id": town.ids["ani"]}).to_list()
    await months.update_one({"_id": month["_id"]}, {"$set": {"days.07.lacks": "something"}})
    await months.update_many({}, [{"$set": LOOK_AGAIN}])
    await settle(memory)
    assert [letter["about"] async for letter in db.dead_letters.find({"consumer": SETTLE_DAYS.name})] == [bad]
    seen = {one["_id"]: one["looks"]["factors"] async for one in months.find({})}
    sets = await how_many(db)
    assert seen == {month["_id"]: {"07": NEVER, "14": sets}, f"{town.ids['dedi']}:2026-09": {"09": sets}}
    assert await pending(memory) == 0, "nothing waits that goes on by itself"
    await months.update_one({"_id": month["_id"]}, {"$set": {"days.07.lacks": []}})
    await db.dead_letters.update_many({}, {"$set": {"status": "handled"}})
    assert await pending(memory) == 1
    await settle(memory)
    mended = await months.find_one({"_id": month["_id"]})
    assert mended
    assert mended["looks"]["factors"]["07"] > 0


async def test_a_person_whose_days_fail_keeps_them_waiting(memory: Platform) -> None:
    """Their mark is gone, and the day is found again all the same once a human has seen to it."""
    town = await opened(memory)
    db = memory.databases["savings"]
    whose = {"employee_id": town.ids["ani"]}
    await db["g1"]["employee_months"].update_one(whose, {"$set": {"days.07.lacks": "something"}})
    await db["g1"]["invalidations"].insert_one({"_id": "mark", "employee_id": town.ids["ani"], "setting": 1})
    await settle(memory)
    assert await db["g1"]["invalidations"].count_documents({}) == 0
    await db["g1"]["employee_months"].update_one(whose, {"$set": {"days.07.lacks": []}})
    await db.dead_letters.update_many({}, {"$set": {"status": "handled"}})
    await settle(memory)
    found = await db["g1"]["employee_months"].find_one(whose)
    assert found
    assert found["looks"]["factors"]["07"] > 0


async def test_a_units_day_that_cannot_be_worked_out_is_set_aside_alone(memory: Platform, monkeypatch: Any) -> None:
    await opened(memory)
    db = memory.databases["savings"]
    held, beside = await db["g1"]["unit_days"].find({}).sort("day", 1).to_list()
    bad, other = held["_id"], beside["_id"]

    def fails(known: Any, targets: Any, now: Any) -> Any:
        if bad in map(str, targets):
            raise ValueError("cannot be worked out")
        return settle_units(known, targets, now)

    monkeypatch.setattr("services.savings.unit_day.jobs.settle_units", fails)
    await db["g1"]["unit_days"].update_many({}, {"$set": {"factors_seen": 0}})
    await settle(memory)
    assert [letter["about"] async for letter in db.dead_letters.find({"consumer": SETTLE_UNITS.name})] == [bad]
    assert await db["g1"]["unit_days"].count_documents({"_id": other, "factors_seen": {"$gt": 0}}) == 1
    assert await pending(memory) == 0
    monkeypatch.undo()
    await db.dead_letters.update_many({}, {"$set": {"status": "handled"}})
    await settle(memory)
    assert await db["g1"]["unit_days"].count_documents({"_id": bad, "factors_seen": {"$gt": 0}}) == 1


PEOPLE, UNITS = 24, 6


async def many_days(platform: Platform) -> None:
    """A month of people of several units away, none of which has been looked at with the factor sets that there are."""
    models = ReadModels(factors())
    units = [f"unit-{number:04}" for number in range(UNITS)]
    people = [f"emp-{number:08}" for number in range(PEOPLE)]
    places = [building(zones=tuple(units))]
    seated = [unit(unit_id, zone=unit_id, meals=True) for unit_id in units]
    staff = [employee(id_, unit_id=units[at % UNITS]) for at, id_ in enumerate(people)]
    models.hear([heard(organisation.PUBLISHER, one, 1) for one in (*places, *seated, *staff)], AFTER)
    for at, id_ in enumerate(people):
        for number in range(5):
            day = MONDAY + timedelta(number)
            about: dict[str, Any] = {"request_id": f"req-{at:04}{number:04}", "employee_id": id_}
            agreed = approved(day, **about, unit_id=units[at % UNITS])
            done = OutputVerified(**about, output_id=output(day).output_id, day=day, verified_by=BUDI)
            models.hear([heard(approvals.PUBLISHER, agreed, 1), heard(performance.PUBLISHER, done, 1)], AFTER)
    models.settle(AFTER)
    assert len(models.shown["unit_days"]) == UNITS * 5
    db = platform.databases["savings"]
    for name, documents in models.collections.items():
        if name != "factor_sets" and documents:
            await db["g1"][name].insert_many([{**one, "_id": id_} for id_, one in documents.items()])
    await db["g1"]["employee_months"].update_many({}, [{"$set": LOOK_AGAIN}])
    await db["g1"]["unit_days"].update_many({}, {"$set": {"factors_seen": -1}})
    platform.set_clock(AFTER)


class Counting:
    """How many transactions the jobs began, and how many they ended: what is between was run again for a conflict."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        for job in ("employee_day", "unit_day"):
            patch.setattr(f"services.savings.{job}.jobs.in_transaction", partial(self._in_transaction, job))

    async def _in_transaction(self, job: str, db: Database, work: Any) -> Any:
        async def counted(session: Any) -> Any:
            self.begun[job] += 1
            return await work(session)

        done = await in_transaction(db, counted)
        self.ended[job] += 1
        return done

    @property
    def again(self) -> Counter[str]:
        return self.begun - self.ended


def few_at_once(patch: pytest.MonkeyPatch) -> None:
    """Many transactions, where a month of a province has many."""
    patch.setattr("services.savings.employee_day.jobs.SETTLED_AT_ONCE", 6)
    patch.setattr("services.savings.unit_day.jobs.UNITS_AT_ONCE", 3)


async def test_two_workers_run_no_transaction_of_a_settlement_again(memory: Platform, monkeypatch: Any) -> None:
    await many_days(memory)
    few_at_once(monkeypatch)
    db, clock = memory.databases["savings"], memory.settings["savings"].clock()
    counting = Counting(monkeypatch)

    def worker(holder: str) -> Jobs:
        leased = [
            LeasedJob(job.name, 0.02, Lease(db, f"job:{job.name}", holder), partial(job.run, db, "g1", clock))
            for job in (SETTLE_DAYS, SETTLE_UNITS)
        ]
        return Jobs("savings", leased, JobMetrics())

    workers = [asyncio.create_task(worker(holder).run()) for holder in ("one", "two")]
    async with asyncio.timeout(60):
        while await pending(memory):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await tasks.end(*workers)
    print(f"begun {dict(counting.begun)}, run again {dict(counting.again)}")
    assert counting.ended["employee_day"] >= PEOPLE * 5 // 6
    assert counting.ended["unit_day"] >= UNITS * 5 // 3
    assert not counting.again
    assert await verify(db, "g1", clock) == []


async def test_workers_without_a_lease_cross_each_other_and_come_to_the_same(
    memory: Platform, monkeypatch: Any
) -> None:
    """As when one goes on that has lost its lease unnoticed: it is harmless, and that is seen by the same count."""
    await many_days(memory)
    few_at_once(monkeypatch)
    db, clock = memory.databases["savings"], memory.settings["savings"].clock()
    counting = Counting(monkeypatch)
    both = [job.run(db, "g1", clock) for job in (SETTLE_DAYS, SETTLE_UNITS) for _ in range(2)]
    await asyncio.gather(*both)
    await settle(memory)
    print(f"begun {dict(counting.begun)}, run again {dict(counting.again)}")
    assert counting.again["unit_day"] > 0
    assert await pending(memory) == 0
    assert await verify(db, "g1", clock) == []
