"""What the read API asks of MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.category.value import DEFINITIONS
from services.savings.employee_day.document import month_of, total_documents, whole_days
from services.savings.ledger.document import cell_id, month_counts, month_totals, plus, totals_of
from services.savings.ledger.model import Kind, Total
from services.savings.ledger.projection import UNIT_MONTHS
from services.savings.ledger.queries import EACH_ROW, MOVEMENTS, OF_ENTRY, SIGNED
from services.savings.month.model import VehicleTotal
from services.savings.presence import UNITS_BY_ID
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


@dataclass(frozen=True)
class People:
    """How many people the figures of some units' months are about now, for the personnel agency: those who have figures
    of a kind, those who were away on days of a factor set, and all who were away."""

    by_kind: Mapping[str, int]
    away: Mapping[tuple[str, str], int]
    realised: Mapping[str, int]

    def of(self, total: Total) -> int:
        """The people of one unit-month of one kind."""
        own = self.by_kind.get(cell_id(total.unit_id, total.month, total.kind), 0)
        if own or not DEFINITIONS[total.category].about_all_away:
            return own
        return self.away.get((total.unit_id, total.factor_set_id), 0)


@dataclass(frozen=True)
class UnitMonths:
    """Some units' months: totals of each kind, in order of unit and kind, and what is counted besides."""

    totals: Sequence[Document]
    counts: Sequence[Document]

    @property
    def people(self) -> People:
        """How many people they are about."""
        by_kind = {one["_id"]: one.get("people", 0) for one in self.totals}
        away = {(one["unit_id"], set_id): n for one in self.counts for set_id, n in one.get("away", {}).items()}
        return People(by_kind, away, {one["unit_id"]: one.get("realised", 0) for one in self.counts})

    @property
    def completeness(self) -> list[Document]:
        """Days agreed and realised, and what these lack, of units of which anything was counted."""
        return [one | one["counted"] for one in self.counts if "counted" in one]


def together(parts: Iterable[Document]) -> UnitMonths:
    """Units' months, of the parts in which they are kept."""
    held = list(parts)
    return UnitMonths([one for one in month_totals(held) if one.get("days")], month_counts(held))


async def unit_months(models: Models, where: Document, session: AsyncClientSession | None = None) -> UnitMonths:
    """The months of units, by unit and month."""
    return together(await models[UNIT_MONTHS].find(where, session=session).to_list())


async def unit_months_page(
    models: Models, where: Document, chosen: Mapping[str, str], cursor: str | None, limit: int
) -> Found:
    """Totals of units, by unit and month and by what they are, each with how many people it is `about`."""

    def items(parts: list[Document]) -> list[Document]:
        found = together(parts)
        return [
            one | {"about": found.people.of(total)}
            for one, total in zip(found.totals, totals_of(found.totals), strict=True)
            if chosen.items() <= one.items()
        ]

    return await find_within(models[UNIT_MONTHS], where, "unit_id", items, cursor, limit)


async def completeness_page(models: Models, where: Document, cursor: str | None, limit: int) -> Found:
    """What units' months lack, by unit and month."""
    return await find_within(
        models[UNIT_MONTHS], where, "unit_id", lambda parts: together(parts).completeness, cursor, limit
    )


async def sums(models: Models, month: str) -> list[Total]:
    """The totals of all units now, by kind: never added across kinds."""
    totals: dict[Kind, Total] = {}
    for one in totals_of((await unit_months(models, {"month": month})).totals):
        so_far = totals.get(one.kind)
        totals[one.kind] = _plus(so_far, one) if so_far else one
    return [totals[kind] for kind in sorted(totals, key=str)]


def _plus(one: Total, other: Total) -> Total:
    warnings = {**one.warnings, **{name: n for name, n in other.warnings.items() if n}}
    return replace(one, days=one.days + other.days, amounts=plus(one.amounts, other.amounts), warnings=warnings)


async def employee_months_page(models: Models, where: Document, cursor: str | None, limit: int) -> Found:
    """Totals of employees, by employee and month: of their own days, and of what is about them in days of units."""
    own = await find_within(models["employee_months"], where, "employee_id", _totals, cursor, limit)
    held = {**where, "days": {"$gt": 0}}
    of_units = await find_within(models["employee_totals"], held, "employee_id", lambda found: found, cursor, limit)
    return first_of(limit, "employee_id", own.documents, of_units.documents)


def _totals(months: Iterable[Document]) -> list[Document]:
    return [total for one in months for total in total_documents(month_of(one))]


async def by_vehicle(models: Models, unit_id: str, month: str) -> list[VehicleTotal]:
    """What a unit-month's fuel is made of, by vehicle."""
    found: dict[str, VehicleTotal] = {}
    async for one in models["employee_months"].find({"month": month, "units": unit_id}):
        for position in filter(None, (day["position"] for day in whole_days(month_of(one)))):
            for entry in position["entries"] if position["unit_id"] == unit_id else ():
                if entry["category"] == Category.FUEL:
                    vehicle = entry["inputs"]["vehicle"]
                    found[vehicle] = found.get(vehicle, VehicleTotal(vehicle)).plus(one["employee_id"], entry)
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
        found += [(day["_id"], day["position"]) for day in whole_days(month_of(one)) if day["position"]]
    return found


async def unbalanced(models: Models) -> list[str]:
    """Unit-months that are not the sum of their rows."""
    sums = {f"{unit}_{bound}": {"$sum": added} for (unit, bound), added in SIGNED.items()}
    grouped = {"$group": {"_id": {"month": "$month", **OF_ENTRY}, "days": {"$sum": "$rows.sign"}, **sums}}
    groups = await models[MOVEMENTS].aggregate([*EACH_ROW, grouped], allowDiskUse=True)
    rows = {_cell(group["_id"]): group async for group in groups}
    faults = []
    for total in month_totals(await models[UNIT_MONTHS].find({}).to_list()):
        row = rows.pop(total["_id"], None)
        held = [total["amounts"].get(unit, {}).get(bound, 0) for unit, bound in SIGNED]
        summed = [row[f"{unit}_{bound}"] for unit, bound in SIGNED] if row else None
        if summed != held or (row and row["days"] != total["days"]):
            faults.append(f"{total['_id']} is not the sum of its rows")
    return faults + [f"{id_} has rows and no total" for id_ in rows]


def _cell(found: Document) -> str:
    return cell_id(found["unit_id"], found["month"], kind_of(found))
