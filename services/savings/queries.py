"""What the read API asks of MongoDB."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.savings import disclosure
from shared.contracts.organisation import as_of
from shared.kit import directory
from shared.kit.decider import Document
from shared.kit.mongo import Database


async def people_by_unit(db: Database, month: str) -> dict[str, int]:
    """How many people each unit's figures of a month are about."""
    groups = await db.employee_months.aggregate(
        [
            {"$match": {"month": month, "days": {"$gt": 0}}},
            {"$group": {"_id": {"unit": "$unit_id", "employee": "$employee_id"}}},
            {"$group": {"_id": "$_id.unit", "people": {"$sum": 1}}},
        ]
    )
    return {group["_id"]: group["people"] async for group in groups}


async def sums(db: Database, month: str, leave_out: set[str]) -> list[Document]:
    """The totals of all units but some, apart by factor set, category, beneficiary and tier: never added together."""
    amounts = [f"{unit}.{bound}" for unit in ("microlitres", "sen") for bound in ("low", "central", "high")]
    tags = ("category", "beneficiary", "tier", "factor_set_id")
    groups = await db.unit_months.aggregate(
        [
            {"$match": {"month": month, "unit_id": {"$nin": sorted(leave_out)}, "days": {"$gt": 0}}},
            {
                "$group": {
                    "_id": {name: f"${name}" for name in tags},
                    "days": {"$sum": "$days"},
                    **{name.replace(".", "_"): {"$sum": f"${name}"} for name in amounts},
                }
            },
            {"$sort": {"_id": 1}},
        ]
    )
    return [_nested(group) async for group in groups]


def _nested(group: Mapping[str, Any]) -> Document:
    bounds = ("low", "central", "high")
    amounts = {unit: {bound: group[f"{unit}_{bound}"] for bound in bounds} for unit in ("microlitres", "sen")}
    return {**group["_id"], "days": group["days"], **amounts}


async def by_vehicle(db: Database, unit_id: str, month: str) -> list[Document]:
    """What a unit-month is made of: days, people and kilometres spared by vehicle."""
    groups = await db.days.aggregate(
        [
            {"$match": {"position.unit_id": unit_id, "day": {"$regex": f"^{month}-"}}},
            {
                "$group": {
                    "_id": "$position.inputs.vehicle",
                    "days": {"$sum": 1},
                    "people": {"$addToSet": "$employee_id"},
                    "spared_km": {"$sum": {"$toDecimal": "$position.inputs.spared_km"}},
                    "microlitres": {"$sum": "$position.microlitres.central"},
                    "sen": {"$sum": "$position.sen.central"},
                }
            },
            {"$sort": {"_id": 1}},
        ]
    )
    return [
        {
            "vehicle": group["_id"],
            "days": group["days"],
            "people": len(group["people"]),
            "spared_km": str(group["spared_km"]),
            "microlitres_central": group["microlitres"],
            "sen_central": group["sen"],
        }
        async for group in groups
    ]


async def unit_names(db: Database, unit_ids: set[str], month: str) -> dict[str, str]:
    """What units were called at the end of a month."""
    names = {}
    for unit_id in sorted(unit_ids):
        unit = await directory.unit(db, unit_id)
        if unit:
            terms = as_of(unit.history, _end_of(month)) or unit.history[0]
            names[unit_id] = terms.name
    return names


def _end_of(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


async def withheld(db: Database, month: str) -> tuple[set[str], dict[str, int]]:
    """The units whose figures of a month are withheld, and how many people each unit's are about."""
    people = await people_by_unit(db, month)
    return disclosure.withheld(people), people
