"""What the read API asks of MongoDB."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.savings.category.value import DEFINITIONS
from services.savings.ledger.document import cell_id, plus, totals_of
from services.savings.ledger.model import BOUNDS, KIND, UNITS, Kind, Total
from services.savings.presence import UNITS_BY_ID
from shared.contracts.organisation import as_of
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base.clock import last_day
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document

AMOUNTS = tuple(f"amounts.{unit}.{bound}" for unit in UNITS for bound in BOUNDS)


def kind_of(found: Document) -> Kind:
    """Of which kind a group of totals or rows is."""
    category, beneficiary = Category(found["category"]), Beneficiary(found["beneficiary"])
    return Kind(found["factor_set_id"], category, beneficiary, found["tier"], found.get("scope"))


@dataclass(frozen=True)
class People:
    """How many people the figures of a month are about now, by unit, for the personnel agency: those who have figures
    of a kind, those who were away on days of a factor set, and all who were away."""

    by_kind: Mapping[Kind, Mapping[str, int]]
    away: Mapping[str, Mapping[str, int]]
    realised: Mapping[str, int]

    def of(self, total: Total) -> int:
        """The people of one unit-month of one kind."""
        own = self.by_kind.get(total.kind, {})
        all_away = self.away.get(total.factor_set_id, {}) if DEFINITIONS[total.category].about_all_away else {}
        return own.get(total.unit_id, all_away.get(total.unit_id, 0))


async def people(models: Models, month: str) -> People:
    """Counted from the employees' own months, which say of each kind who has any, and who was away or meant to be."""
    kind = {name: f"${name}" for name in (*KIND, "unit_id")}
    by_kind: dict[Kind, dict[str, int]] = {}
    async for group in await models["employee_months"].aggregate(
        [
            {"$match": {"month": month, "days": {"$gt": 0}}},
            {"$group": {"_id": kind, "people": {"$sum": 1}}},
        ]
    ):
        by_kind.setdefault(kind_of(group["_id"]), {})[group["_id"]["unit_id"]] = group["people"]
    away: dict[str, dict[str, int]] = {}
    async for group in await models["people_months"].aggregate(
        [
            {"$match": {"month": month, "days_realised": {"$gt": 0}}},
            {"$group": {"_id": {"set": "$factor_set_id", "unit_id": "$unit_id"}, "people": {"$sum": 1}}},
        ]
    ):
        away.setdefault(group["_id"]["set"], {})[group["_id"]["unit_id"]] = group["people"]
    whose = {"unit_id": "$unit_id", "employee_id": "$employee_id"}
    realised = await models["people_months"].aggregate(
        [
            {"$match": {"month": month, "days_realised": {"$gt": 0}}},
            {"$group": {"_id": whose}},
            {"$group": {"_id": "$_id.unit_id", "people": {"$sum": 1}}},
        ]
    )
    return People(by_kind, away, {unit["_id"]: unit["people"] async for unit in realised})


async def sums(models: Models, month: str) -> list[Total]:
    """The totals of all units now, by kind: never added across kinds."""
    found = await models["unit_months"].find({"month": month, "days": {"$gt": 0}}).sort("_id", 1).to_list()
    totals: dict[Kind, Total] = {}
    for one in totals_of(found):
        so_far = totals.get(one.kind)
        totals[one.kind] = _plus(so_far, one) if so_far else one
    return [totals[kind] for kind in sorted(totals, key=str)]


def _plus(one: Total, other: Total) -> Total:
    warnings = {**one.warnings, **{name: n for name, n in other.warnings.items() if n}}
    return replace(one, days=one.days + other.days, amounts=plus(one.amounts, other.amounts), warnings=warnings)


async def by_vehicle(models: Models, unit_id: str, month: str) -> list[Document]:
    """What a unit-month's fuel is made of: days, people and kilometres spared by vehicle."""
    groups = await models["days"].aggregate(
        [
            {"$match": {"position.unit_id": unit_id, "day": {"$regex": f"^{month}-"}}},
            {"$unwind": "$position.entries"},
            {"$match": {"position.entries.category": "fuel"}},
            {
                "$group": {
                    "_id": "$position.entries.inputs.vehicle",
                    "days": {"$sum": 1},
                    "people": {"$addToSet": "$employee_id"},
                    "spared_km": {"$sum": {"$toDecimal": "$position.entries.inputs.spared_km"}},
                    "microlitres": {"$sum": "$position.entries.amounts.microlitres.central"},
                    "sen": {"$sum": "$position.entries.amounts.sen.central"},
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


async def unit_names(models: Models, unit_ids: set[str], month: str) -> dict[str, str]:
    """What units were called at the end of a month."""
    found = {unit["_id"]: unit async for unit in models["units"].find({"_id": {"$in": sorted(unit_ids)}})}
    histories = {id_: unit.history for id_, unit in UNITS_BY_ID.validate_python(found).items()}
    return {id_: (as_of(history, last_day(month)) or history[0]).name for id_, history in histories.items()}


async def positions(models: Models) -> list[tuple[str, Document]]:
    """Every net position there is, of employees' days and of units'."""
    return [
        (one["_id"], one["position"])
        for collection in ("days", "unit_days")
        async for one in models[collection].find({"position": {"$ne": None}}, {"position": 1})
    ]


async def unbalanced(models: Models) -> list[str]:
    """Unit-months that are not the sum of their rows."""
    tags = ("unit_id", "month", *KIND)
    added = {path.replace(".", "_"): {"$sum": f"${path}"} for path in AMOUNTS}
    grouped = {"$group": {"_id": {name: f"${name}" for name in tags}, "days": {"$sum": "$days"}, **added}}
    groups = await models["postings"].aggregate([grouped], allowDiskUse=True)
    rows = {_cell(group["_id"]): group async for group in groups}
    faults = []
    async for total in models["unit_months"].find({}):
        row = rows.pop(total["_id"], None)
        held = [total["amounts"].get(unit, {}).get(bound, 0) for unit in UNITS for bound in BOUNDS]
        summed = [row[path.replace(".", "_")] for path in AMOUNTS] if row else None
        if summed != held or (row and row["days"] != total["days"]):
            faults.append(f"{total['_id']} is not the sum of its rows")
    return faults + [f"{id_} has rows and no total" for id_ in rows]


def _cell(found: Document) -> str:
    return cell_id(found["unit_id"], found["month"], kind_of(found))
