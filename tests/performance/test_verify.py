"""Results that contradict themselves are noticed before a rebuild lets them answer."""

from datetime import date

from services.performance.result.jobs import verify
from shared.kit.base import generations
from tests.harness.platform import Platform
from tests.harness.town import open_town
from tests.performance.desk import worked_at_the_office

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)


async def test_results_that_do_not_follow_from_what_was_heard_are_named(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    plan = await worked_at_the_office(town, "ani", TUESDAY)
    db, clock = memory.databases["performance"], memory.settings["performance"].clock()
    models = generations.of(db, generations.FIRST)
    assert await verify(db, generations.FIRST, clock) == []
    await models["unit_months"].update_one({"mode": "mkd"}, {"$inc": {"verified": 1}})
    assert await verify(db, generations.FIRST, clock) == ["unit_months do not add up to what plans count"]
    await models["unit_months"].update_one({"mode": "mkd"}, {"$inc": {"verified": -1}})
    progress = f"outputs.{plan['outputs'][0]['output_id']}.progress"
    await models["counted_plans"].update_one({"_id": plan["request_id"]}, {"$set": {progress: "returned"}})
    (fault,) = await verify(db, generations.FIRST, clock)
    assert fault.startswith(f"{town.ids['ani']}|{TUESDAY}|office|")
