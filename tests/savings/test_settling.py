"""What no event settles, on a database: one day that cannot be worked out does not stop the others."""

from datetime import date
from typing import Any

from services.savings.employee_day.jobs import SETTLE_DAYS
from services.savings.unit_day.jobs import SETTLE_UNITS
from services.savings.unit_day.projection import settle_units
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town

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
    days = db["g1"]["days"]
    bad, good = f"{town.ids['ani']}:{MONDAY}", f"{town.ids['dedi']}:{WEDNESDAY}"
    whole = await days.find_one({"_id": bad})
    assert whole
    await days.update_one({"_id": bad}, {"$set": {"day": "someday"}})
    await days.update_many({}, {"$set": {"factors_seen": 0}})
    await settle(memory)
    assert [letter["about"] async for letter in db.dead_letters.find({"consumer": SETTLE_DAYS.name})] == [bad]
    again = await days.find_one({"_id": good})
    assert again
    assert again["factors_seen"] > 0, "the other is settled"
    assert await pending(memory) == 0, "nothing waits that goes on by itself"
    await days.replace_one({"_id": bad}, {**whole, "factors_seen": 0})
    await db.dead_letters.update_many({}, {"$set": {"status": "handled"}})
    await settle(memory)
    mended = await days.find_one({"_id": bad})
    assert mended
    assert mended["factors_seen"] > 0


async def test_a_person_whose_days_fail_keeps_them_waiting(memory: Platform) -> None:
    """Their mark is gone, and the day is found again all the same once a human has seen to it."""
    town = await opened(memory)
    db = memory.databases["savings"]
    bad = f"{town.ids['ani']}:{MONDAY}"
    await db["g1"]["days"].update_one({"_id": bad}, {"$set": {"day": "someday"}})
    await db["g1"]["unsettled"].insert_one({"_id": "mark", "employee_id": town.ids["ani"], "setting": 1})
    await settle(memory)
    assert await db["g1"]["unsettled"].count_documents({}) == 0
    await db["g1"]["days"].update_one({"_id": bad}, {"$set": {"day": str(MONDAY)}})
    await db.dead_letters.update_many({}, {"$set": {"status": "handled"}})
    await settle(memory)
    found = await db["g1"]["days"].find_one({"_id": bad})
    assert found
    assert found["factors_seen"] > 0


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
