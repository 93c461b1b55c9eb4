"""What the results' answers ask of MongoDB besides the totals."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import TypeAdapter

from services.performance.plan.value import SUMS
from shared.contracts.organisation import as_of
from shared.contracts.requests import PolicyPublished
from shared.kit.base.clock import last_day
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.people.calendar import off_by
from shared.people.lookup import Directory

UnitAndMode = tuple[str, str]
"""The mode and the unit of a unit-month."""

TOTALS = ("result_days", "employee_months", "unit_months")
POLICIES = TypeAdapter(list[PolicyPublished])
EACH_DAY = {"$objectToArray": "$counted"}


async def people(models: Models, month: str) -> dict[UnitAndMode, int]:
    """How many people each unit-month is about, by mode and unit: those with a month of their own in it."""
    groups = await models["employee_months"].aggregate(
        [
            {"$match": {"month": month, "agreed": {"$gt": 0}}},
            {"$group": {"_id": {"mode": "$mode", "unit_id": "$unit_id"}, "people": {"$sum": 1}}},
        ]
    )
    return {(group["_id"]["mode"], group["_id"]["unit_id"]): group["people"] async for group in groups}


async def count_otherwise(models: Models, now: datetime) -> None:
    """The plans are due of which the rules in force say otherwise whether a day is worked than when they were last
    counted."""
    plans = models["counted_plans"]
    policies = POLICIES.validate_python(await models["policies"].find({}).to_list(), strict=False)
    days = [date.fromisoformat(day) for day in await plans.distinct("days")]
    off = {day.isoformat() for day in off_by(policies, days)}
    newly = [{"days": day, "off": {"$ne": day}} for day in sorted(off)]
    no_longer = [{"off": day} for day in sorted(set(await plans.distinct("off")) - off)]
    if either := newly + no_longer:
        await plans.update_many({"$or": either}, {"$set": {"due_at": now}})


async def unbalanced(models: Models) -> list[str]:
    """The kinds of totals that do not add up to what the plans count, by mode."""
    counted = await _sums(models, "counted_plans", "$day.v.", [{"$set": {"day": EACH_DAY}}, {"$unwind": "$day"}])
    return [f"{name} do not add up to what plans count" for name in TOTALS if await _sums(models, name, "$") != counted]


async def _sums(models: Models, collection: str, at: str, first: Sequence[Document] = ()) -> dict[str, Document]:
    """All that a collection counts, by mode."""
    amounts = {name: {"$sum": f"{at}{name}"} for name in SUMS}
    groups = await models[collection].aggregate([*first, {"$group": {"_id": "$mode", **amounts}}])
    found = {group.pop("_id"): group async for group in groups}
    return {mode: group for mode, group in found.items() if group["agreed"]}


async def unit_names(directory: Directory, unit_ids: set[str], month: str) -> dict[str, str]:
    """What units were called at the end of a month."""
    known = await directory.units(unit_ids)
    return {unit.unit_id: (as_of(unit.history, last_day(month)) or unit.history[0]).name for unit in known}
