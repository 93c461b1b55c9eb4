"""How what the APIs tell is held against the oracle's account, cell by cell."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from demo.oracle import BOUNDS, Account, Bounds, Cell, Cells, differences, is_something
from demo.people import Apis
from demo.province import Province

FIRST_GENERATION = "g1"
"""Rows of a later generation were posted when it was filled: since a moment before that, all of them are new."""


@dataclass
class Result:
    """What was played and what came of it. Cells are unit-months and employee-months of savings, by factor set,
    category and beneficiary, and of attainment and timeliness, by mode."""

    tally: dict[str, int]
    refusals: dict[str, int]
    months: list[dict[str, Any]] = field(default_factory=list)
    cells: int = 0
    restated: int = 0
    """How many unit-months were restated after what was recorded in the middle of the play, and reconcile."""
    unit_cells: int = 0
    performance_cells: int = 0
    lacking_cells: int = 0
    nonzero: int = 0
    differences: list[str] = field(default_factory=list)
    digest: str = ""
    seconds: float = 0.0
    reads_ms: list[float] = field(default_factory=list)
    """How long each reading of the totals took while people worked."""

    @property
    def ok(self) -> bool:
        """Whether every figure is the oracle's, and there were figures."""
        return not self.differences and self.nonzero > 0


@dataclass(frozen=True)
class Before:
    """The unit-months as they were at a moment."""

    since: datetime
    cells: Cells


async def before(apis: Apis, people: Province, since: datetime, months: list[str]) -> Before:
    """Read what later changes will be held against."""
    found = Found(apis, people, months)
    await found.read_units()
    return Before(since, found.by_unit)


async def check(
    apis: Apis, people: Province, account: Account, over: date, result: Result, was: Before | None = None
) -> None:
    """Compare every cell of every unit and employee with the oracle's account, and what was restated with what was seen
    before."""
    agency = people.people[people.agency].subject
    published = {
        one["factor_set_id"]: one for one in (await apis.get(agency, "savings", "/v1/factor-sets")).json()["items"]
    }
    bounds = {known.id: _bounds(published[known.id]) for known in account.factor_sets}
    for known in account.factor_sets:
        result.differences += [f"range of {name} is implausible" for name in bounds[known.id].implausible(known)]
    by_unit_expected, by_person_expected = account.expected(over, bounds)
    performed_by_unit, performed_by_person = account.performed(over)
    found = Found(apis, people, months_of(account))
    await found.read()
    result.months = found.rows
    for expected, told in (
        (by_unit_expected, found.by_unit),
        (by_person_expected, found.by_person),
        (performed_by_unit, found.performed_by_unit),
        (performed_by_person, found.performed_by_person),
        (account.lacking(over), found.lacking),
    ):
        result.differences += differences(expected, told)
        result.cells += len({**expected, **told})
        result.nonzero += sum(is_something(cell) for cell in {**expected, **told}.values())
    result.unit_cells = len({**by_unit_expected, **found.by_unit})
    result.lacking_cells = len(found.lacking)
    result.performance_cells = len({**performed_by_unit, **performed_by_person, **found.performed_by_person})
    told = (await apis.get(agency, "savings", "/v1/digest")).json()
    result.digest = told["digest"]
    if was and told["generation"] == FIRST_GENERATION:
        restated = await found.restated(was.since)
        result.differences += [f"restated {one}" for one in _unreconciled(was.cells, restated, found.by_unit)]
        result.restated = len(restated)


def months_of(account: Account) -> list[str]:
    """The months in which anything was planned."""
    return sorted({f"{day:%Y-%m}" for plan in account.plans.values() for day in plan.days.values()})


def _unreconciled(was: Cells, restated: dict[str, dict[str, Cell]], now: Cells) -> list[str]:
    """Cells of which the report tells other figures than were seen before, or none though they have changed."""
    nothing: dict[str, Cell] = {"before": {}, "difference": {}, "after": {}}
    faults = []
    for cell in sorted({*was, *now, *restated}):
        told = restated.get(cell, nothing)
        seen, is_ = (_amounts(of.get(cell, {})) for of in (was, now))
        difference = {name: is_.get(name, 0) - seen.get(name, 0) for name in {*seen, *is_}}
        expected = {"before": seen, "difference": difference, "after": is_} if cell in restated else nothing
        if cell not in restated and any(difference.values()):
            faults.append(f"{cell}: not reported, though it changed by {difference}")
        for side, amounts in expected.items():
            faults += differences({f"{cell} {side}": amounts}, {f"{cell} {side}": told[side]})
    return faults


def _amounts(cell: Cell) -> Cell:
    return {name: number for name, number in cell.items() if name != "days"}


def _bounds(factors: dict[str, Any]) -> Bounds:
    drawn = factors["simulation"]
    kept = drawn["kept_share_ppm"]
    per_km = {v["vehicle"]: v["microlitres_per_km"] for v in drawn["vehicles"]}
    return Bounds((kept["low"], kept["high"]), {name: (s["low"], s["high"]) for name, s in per_km.items()})


def _kind(figures: dict[str, Any]) -> str:
    return f"{figures['factor_set_id']}|{figures['category']}|{figures['beneficiary']}"


def _cell(figures: dict[str, Any]) -> Cell:
    return {"days": figures["days"], **_measures(figures["amounts"])}


def _measures(told: dict[str, Any]) -> Cell:
    amounts = {unit: of for unit, of in told.items() if of}
    return {f"{unit}.{bound}": of[bound] for unit, of in amounts.items() for bound in BOUNDS}


@dataclass
class Found:
    """What the APIs tell of some months, as the personnel agency sees it, and how long each answer took."""

    apis: Apis
    people: Province
    months: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    by_unit: Cells = field(default_factory=dict)
    by_person: Cells = field(default_factory=dict)
    performed_by_unit: Cells = field(default_factory=dict)
    performed_by_person: Cells = field(default_factory=dict)
    lacking: Cells = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    async def read_units(self) -> None:
        """What units saved, and the units' codes by their ids."""
        self.codes = {u["unit_id"]: u["code"] for u in await self._all("organisation", "/v1/units")}
        for month in self.months:
            for row in await self._all("savings", "/v1/unit-months", month=month):
                self.rows.append(row)
                self.by_unit[f"{self.codes[row['unit_id']]}|{month}|{_kind(row)}"] = _cell(row)

    async def restated(self, since: datetime) -> dict[str, dict[str, Cell]]:
        """What the report of changes since a moment tells, by cell: before, difference and after."""
        agency = self.people.people[self.people.agency].subject
        found = {}
        for month in self.months:
            for row in await self.apis.every(
                agency, "savings", "/v1/restatements", month=month, since=since.isoformat()
            ):
                sides = {side: _measures(row[side]) for side in ("before", "difference", "after")}
                found[f"{self.codes[row['unit_id']]}|{month}|{_kind(row)}"] = sides
        return found

    async def read(self) -> None:
        """Every cell of every unit and employee."""
        await self.read_units()
        codes = self.codes
        nips = {e["employee_id"]: e["nip"] for e in await self._all("organisation", "/v1/employees")}
        for month in self.months:
            for row in await self._all("savings", "/v1/completeness", month=month):
                lacks = {f"lacks.{name}": days for name, days in row["lacks"].items()}
                counted = {name: row[name] for name in ("days_agreed", "days_realised")}
                self.lacking[f"{codes[row['unit_id']]}|{month}"] = {**counted, **lacks}
            for row in await self._all("savings", "/v1/employee-months", month=month):
                cell = f"{codes[row['unit_id']]}|{month}|{_kind(row['figures'])}"
                self.by_person[f"{nips[row['employee_id']]}|{cell}"] = _cell(row["figures"])
            for row in await self._all("performance", "/v1/results/unit-months", month=month):
                self.performed_by_unit[f"{codes[row['unit_id']]}|{month}|{row['mode']}"] = _sums(row["results"])
            for row in await self._all("performance", "/v1/results/employee-months", month=month):
                cell = f"{nips[row['employee_id']]}|{codes[row['unit_id']]}|{month}|{row['mode']}"
                self.performed_by_person[cell] = _sums(row["results"])

    async def _all(self, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        return await everything(self.apis, self.people, service, path, **params)


def _sums(results: dict[str, int]) -> Cell:
    return {name: number for name, number in results.items() if name not in ("attainment_ppm", "timeliness_ppm")}


async def everything(apis: Apis, people: Province, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, as the personnel agency sees it."""
    return await apis.every(people.people[people.agency].subject, service, path, **params)
