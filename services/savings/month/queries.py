"""What the read API asks of MongoDB."""

from collections.abc import Iterable
from dataclasses import replace

from services.savings.employee_month.document import month_of
from services.savings.employee_month.document import positions as positions_of
from services.savings.employee_month.document import total_documents as totals_of_person
from services.savings.ledger.document import cell_id, totals_of
from services.savings.ledger.model import Kind, Total, added, plus
from services.savings.ledger.projection import MOVEMENTS
from services.savings.ledger.queries import EACH_ROW, OF_ENTRY, SIGNED
from services.savings.month.model import VehicleTotal
from services.savings.presence import UNITS_BY_ID
from services.savings.unit_month.document import total_documents
from services.savings.unit_month.queries import shown_totals, unit_months
from shared.contracts.organisation import as_of
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base.clock import last_day
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import Found, find_within, first_of


def kind_of(found: Document) -> Kind:
    """Of which kind a group of totals or rows is."""
    category, beneficiary = Category(found["category"]), Beneficiary(found["beneficiary"])
    return Kind(found["factor_set_id"], category, beneficiary, found["tier"], found.get("scope"))


async def sums(models: Models, month: str) -> list[Total]:
    """The totals of all units now, by kind: never added across kinds."""
    totals: dict[Kind, Total] = {}
    found = [total for one in await unit_months(models, {"month": month}) for total in shown_totals(one)]
    for one in totals_of(found):
        so_far = totals.get(one.kind)
        totals[one.kind] = _plus(so_far, one) if so_far else one
    return [totals[kind] for kind in sorted(totals, key=str)]


def _plus(one: Total, other: Total) -> Total:
    warnings = added(one.warnings, other.warnings)
    return replace(one, days=one.days + other.days, amounts=plus(one.amounts, other.amounts), warnings=warnings)


async def employee_months_page(models: Models, where: Document, cursor: str | None, limit: int) -> Found:
    """Totals of employees, by employee and month: of their own days, and of what is about them in days of units."""
    own = await find_within(models["employee_months"], where, "employee_id", _totals, cursor, limit)
    held = {**where, "days": {"$gt": 0}}
    of_units = await find_within(models["employee_totals"], held, "employee_id", lambda found: found, cursor, limit)
    return first_of(limit, "employee_id", own.documents, of_units.documents)


def _totals(months: Iterable[Document]) -> list[Document]:
    return [total for one in months for total in totals_of_person(month_of(one))]


async def by_vehicle(models: Models, unit_id: str, month: str) -> list[VehicleTotal]:
    """What a unit-month's fuel is made of, by vehicle."""
    found: dict[str, VehicleTotal] = {}
    async for one in models["employee_months"].find({"month": month, "units": unit_id}):
        for _, position in positions_of(month_of(one)):
            for entry in position["entries"] if position["unit_id"] == unit_id else ():
                if entry["category"] == Category.FUEL:
                    vehicle, spared_km = entry["inputs"]["vehicle"], entry["inputs"]["spared_km"]
                    microlitres, sen = (entry["amounts"][unit]["central"] for unit in ("microlitres", "sen"))
                    so_far = found.get(vehicle, VehicleTotal(vehicle))
                    found[vehicle] = so_far.plus(one["employee_id"], spared_km, microlitres, sen)
    return [found[vehicle] for vehicle in sorted(found)]


async def unit_names(models: Models, unit_ids: set[str], month: str) -> dict[str, str]:
    """What units were called at the end of a month."""
    found = {unit["_id"]: unit async for unit in models["units"].find({"_id": {"$in": sorted(unit_ids)}})}
    histories = {id_: unit.history for id_, unit in UNITS_BY_ID.validate_python(found).items()}
    return {id_: (as_of(history, last_day(month)) or history[0]).name for id_, history in histories.items()}


async def positions(models: Models) -> list[tuple[str, Document]]:
    """Every net position there is, of employees' days and of units'."""
    of_units = models["unit_days"].find({"position": {"$ne": None}}, {"position": 1})
    found = [(one["_id"], one["position"]) async for one in of_units]
    async for one in models["employee_months"].find({}):
        found += positions_of(month_of(one))
    return found


async def unbalanced(models: Models) -> list[str]:
    """Unit-months that are not the sum of their rows."""
    sums = {f"{unit}_{bound}": {"$sum": added} for (unit, bound), added in SIGNED.items()}
    grouped = {"$group": {"_id": {"month": "$month", **OF_ENTRY}, "days": {"$sum": "$rows.sign"}, **sums}}
    groups = await models[MOVEMENTS].aggregate([*EACH_ROW, grouped], allowDiskUse=True)
    rows = {_cell(group["_id"]): group async for group in groups}
    faults = []
    for total in (total for one in await unit_months(models, {}) for total in total_documents(one)):
        row = rows.pop(total["_id"], None)
        held = [total["amounts"].get(unit, {}).get(bound, 0) for unit, bound in SIGNED]
        summed = [row[f"{unit}_{bound}"] for unit, bound in SIGNED] if row else None
        if summed != held or (row and row["days"] != total["days"]):
            faults.append(f"{total['_id']} is not the sum of its rows")
    return faults + [f"{id_} has rows and no total" for id_ in rows]


def _cell(found: Document) -> str:
    return cell_id(found["unit_id"], found["month"], kind_of(found))
