"""How what the APIs tell is held against the oracle's account, cell by cell."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from demo.account import Account
from demo.calendar import date_in
from demo.oracle import BOUNDS, Cell, Cells, Oracle, Shown, count_of_something, differences, kind
from demo.people import Apis
from demo.province import WIB, Province
from demo.weeks import unlike_weeks

FIRST_GENERATION = "g1"
"""Rows of a later generation were posted when it was filled: since a moment before that, all of them are new."""
ASKED_MAX = 12
"""So many people look for themselves at what is shown of them."""


@dataclass
class Result:
    """What was played and what came of it. Cells are all that is shown of figures, by what they are of."""

    tally: dict[str, int]
    refusals: dict[str, int]
    months: list[dict[str, Any]] = field(default_factory=list)
    cells: dict[str, int] = field(default_factory=dict)
    looks: int = 0
    """How many times everything was compared."""
    judged: int = 0
    """How many commands were answered, each held against the verdict of the rules."""
    restated: int = 0
    """How many unit-months were restated after what was recorded in the middle of the play, and reconcile."""
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


async def before(apis: Apis, account: Account, since: datetime) -> Before:
    """Read what later changes will be held against."""
    found = Found(apis, account.province, months_of(account))
    await found.read_names()
    await found.read_units()
    return Before(since, found.shown.unit_months)


async def look(apis: Apis, account: Account, now: datetime) -> tuple[Shown, "Found", list[str]]:
    """Compare every cell of everything that is shown with the oracle's account at a moment."""
    oracle = Oracle(account, now)
    expected, found = oracle.expected(), Found(apis, account.province, months_of(account))
    await found.read()
    unlike = await _unlike_factors(apis, oracle, account)
    for one in fields(Shown):
        unlike += differences(one.name, getattr(expected, one.name), getattr(found.shown, one.name))
    some = random.Random(str(now)).sample(sorted(account.province.people), min(ASKED_MAX, len(account.province.people)))
    unlike += await found.unlike_for_themselves(some, date_in(WIB, now).isoformat())
    unlike += await unlike_weeks(apis, account, found.ids, some)
    return expected, found, unlike


async def weeks_before(apis: Apis, account: Account) -> list[str]:
    """What weeks are told to owe by the rules that an instance begins with, which a decree will correct."""
    found = Found(apis, account.province, [])
    await found.read_names()
    return await unlike_weeks(apis, account, found.ids, [account.province.agency])


async def check(apis: Apis, account: Account, now: datetime, result: Result, was: Before | None = None) -> None:
    """The look at the end; what was restated is held against what was seen before."""
    expected, found, unlike = await look(apis, account, now)
    result.differences += unlike
    result.looks += 1
    result.months = found.rows
    for one in fields(Shown):
        cells = {**getattr(expected, one.name), **getattr(found.shown, one.name)}
        result.cells[one.name] = len(cells)
        result.nonzero += count_of_something(cells.values())
    agency = account.province.people[account.province.agency].subject
    told = (await apis.get(agency, "savings", "/v1/digest")).raise_for_status().json()
    result.digest = told["digest"]
    if was and told["generation"] == FIRST_GENERATION:
        restated = await found.restated(was.since)
        result.differences += [f"restated {one}" for one in _unreconciled(was.cells, restated, found.shown.unit_months)]
        result.restated = len(restated)


async def _unlike_factors(apis: Apis, oracle: Oracle, account: Account) -> list[str]:
    """Ranges that were published and do not come of drawing them again."""
    agency = account.province.people[account.province.agency].subject
    told = (await apis.get(agency, "savings", "/v1/factor-sets")).raise_for_status().json()["items"]
    published = {one["factor_set_id"]: one for one in told}
    return [f"{id_} {fault}" for id_, drawn in oracle.bounds.items() for fault in drawn.unlike(published[id_])]


def months_of(account: Account) -> list[str]:
    """The months in which anything was asked for or planned."""
    days = {day for request in account.requests.values() for day in request.days}
    days |= {day for plan in account.plans.values() for day in plan.days.values()}
    return sorted({f"{day:%Y-%m}" for day in days})


def _unreconciled(was: Cells, restated: Mapping[str, Mapping[str, Cell]], now: Cells) -> list[str]:
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
            faults += differences(side, {cell: amounts}, {cell: told[side]})
    return faults


def _amounts(cell: Cell) -> Cell:
    return {name: number for name, number in cell.items() if "." in name}


def _kind(told: dict[str, Any]) -> str:
    name = kind(
        told["factor_set_id"],
        told["category"],
        told["beneficiary"],
        told.get("scope"),
        told["budget_line"],
        cashable=told["cashable"],
    )
    parts = name.split("|")
    parts[3], parts[6] = f"tier {told['tier']}", told.get("range") or "-"
    return "|".join(parts)


def _cell(figures: dict[str, Any]) -> Cell:
    old = {f"warns {name}": 1 for name in figures.get("warnings", ())}
    return {"days": figures["days"], **old, **_measures(figures["amounts"])}


def _measures(told: dict[str, Any]) -> Cell:
    amounts = {unit: of for unit, of in told.items() if of}
    return {f"{unit}.{bound}": of[bound] for unit, of in amounts.items() for bound in BOUNDS}


def _entries(told: list[dict[str, Any]]) -> Cell:
    """Entries among others of their day."""
    cell: Cell = {}
    for entry in told:
        of = _kind(entry)
        cell[of] = cell.get(of, 0) + 1
        cell |= {f"{of} warns {name}": 1 for name in entry.get("warnings", ())}
        cell |= {f"{of}.{name}": number for name, number in _measures(entry["amounts"]).items()}
    return cell


PUT_IN = (
    "zone_heads",
    "zone_away",
    "zone_closed",
    "zone_load_watt_hours",
    "unit_heads",
    "not_at_an_office",
    "per_head_watt_hours",
)


@dataclass
class Found:
    """What the APIs tell of some months, as the personnel agency sees it; names by id and ids by name."""

    apis: Apis
    province: Province
    months: list[str]
    shown: Shown = field(default_factory=Shown)
    rows: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    buildings: dict[str, str] = field(default_factory=dict)
    nips: dict[str, str] = field(default_factory=dict)

    @property
    def agency(self) -> str:
        """Who is shown everything."""
        return self.province.people[self.province.agency].subject

    @property
    def ids(self) -> dict[str, str]:
        """Employees' ids by NIP."""
        return {nip: id_ for id_, nip in self.nips.items()}

    async def read_names(self) -> None:
        self.units = {u["unit_id"]: u["code"] for u in await self._all("organisation", "/v1/units")}
        self.buildings = {b["building_id"]: b["code"] for b in await self._all("organisation", "/v1/buildings")}
        self.nips = {e["employee_id"]: e["nip"] for e in await self._all("organisation", "/v1/employees")}

    async def read_units(self) -> None:
        """What units saved."""
        for month in self.months:
            for row in await self._all("savings", "/v1/unit-months", month=month):
                self.rows.append(row)
                self.shown.unit_months[f"{self.units[row['unit_id']]}|{month}|{_kind(row)}"] = _cell(row)

    async def restated(self, since: datetime) -> dict[str, dict[str, Cell]]:
        """What the report of changes since a moment tells, by cell: before, difference and after."""
        found = {}
        for month in self.months:
            for row in await self._all("savings", "/v1/restatements", month=month, since=since.isoformat()):
                sides = {side: _measures(row[side]) for side in ("before", "difference", "after")}
                if exact := row.get("by_bound"):
                    sides["difference"] = _measures(exact)
                found[f"{self.units[row['unit_id']]}|{month}|{_kind(row)}"] = sides
        return found

    async def read(self) -> None:
        """Everything."""
        await self.read_names()
        await self.read_units()
        for month in self.months:
            await self._read_savings(month)
            await self._read_places(month)
            await self._read_results(month)

    async def _read_savings(self, month: str) -> None:
        shown = self.shown
        whole = await self.apis.get(self.agency, "savings", f"/v1/instance-months/{month}")
        for row in whole.raise_for_status().json()["figures"]:
            shown.instance_months[f"{month}|{_kind(row)}"] = _cell(row)
        for row in await self._all("savings", "/v1/completeness", month=month):
            lacks = {f"lacks.{name}": days for name, days in row["lacks"].items()}
            counted = {name: row[name] for name in ("days_agreed", "days_realised")}
            shown.completeness[f"{self.units[row['unit_id']]}|{month}"] = {**counted, **lacks}
        for row in await self._all("savings", "/v1/employee-months", month=month):
            cell = f"{self.units[row['unit_id']]}|{month}|{_kind(row['figures'])}"
            shown.employee_months[f"{self.nips[row['employee_id']]}|{cell}"] = _cell(row["figures"])
        for row in await self._all("savings", "/v1/days", month=month):
            shown.days[f"{self.nips[row['employee_id']]}|{row['day']}"] = self._day(row)

    def _day(self, row: dict[str, Any]) -> Cell:
        told = {"realised": int(row["realised"]), **{f"lacks.{name}": 1 for name in row["lacks"]}}
        if row["realised"]:
            told |= {f"in {self.units[row['unit_id']]}": 1, f"by {row['factor_set_id']}": 1}
        return told | _entries(row["entries"])

    async def _read_places(self, month: str) -> None:
        for row in await self._all("savings", "/v1/unit-days", month=month):
            told = {f"lacks.{name}": people for name, people in row["lacks"].items()} | _entries(row["entries"])
            if row["away"] or row["heads"]:
                at = self.buildings[row["building_id"]] if row["building_id"] else "nowhere"
                told |= {"heads": row["heads"], "away": row["away"], f"in {at}": 1}
            for entry in row["entries"]:
                if entry["category"] == "office_electricity":
                    told |= {f"put in.{name}": int(entry["inputs"][name]) for name in PUT_IN}
            self.shown.unit_days[f"{self.units[row['unit_id']]}|{row['day']}"] = told
        for building_id, code in self.buildings.items():
            where = {"month": month, "building_id": building_id}
            told_of = (await self.apis.get(self.agency, "savings", "/v1/building-days", **where)).raise_for_status()
            for row in told_of.json()["items"]:
                zones = {f"load of {zone['zone']}": zone["load_watt_hours"] for zone in row["zones"]}
                closed = {f"closed {zone['zone']}": 1 for zone in row["zones"] if zone["closed"]}
                told = {"base": row["base_watt_hours"], "away": row["away"], **zones, **closed}
                self.shown.building_days[f"{code}|{row['day']}"] = told | _measures(row["saved"])

    async def _read_results(self, month: str) -> None:
        for row in await self._all("performance", "/v1/results/unit-months", month=month):
            self.shown.unit_results[f"{self.units[row['unit_id']]}|{month}|{row['mode']}"] = _sums(row["results"])
        for row in await self._all("performance", "/v1/results/employee-months", month=month):
            cell = f"{self.nips[row['employee_id']]}|{self.units[row['unit_id']]}|{month}|{row['mode']}"
            self.shown.employee_results[cell] = _sums(row["results"])
        for row in await self._all("performance", "/v1/results/days", month=month):
            cell = f"{self.nips[row['employee_id']]}|{row['day']}|{row['mode']}|{self.units[row['unit_id']]}"
            self.shown.day_results[cell] = _sums(row["results"])

    async def unlike_for_themselves(self, nips: list[str], today: str) -> list[str]:
        """What some people are shown of themselves that is not what the personnel agency is shown of them."""
        unlike = []
        for person in (self.province.people[nip] for nip in nips):
            if not person.on(datetime.fromisoformat(today).date()).active:
                continue
            for month in self.months:
                own = await self.apis.every(
                    person.subject, "savings", "/v1/days", month=month, employee_id=self.ids[person.nip]
                )
                told = {f"{person.nip}|{row['day']}": self._day(row) for row in own}
                start = f"{person.nip}|{month}-"
                known = {cell: of for cell, of in self.shown.days.items() if cell.startswith(start)}
                unlike += differences("own days", known, told)
        return unlike

    async def _all(self, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        return await everything(self.apis, self.province, service, path, **params)


def _sums(results: dict[str, int]) -> Cell:
    return {name: number for name, number in results.items() if name not in ("attainment_ppm", "timeliness_ppm")}


async def everything(apis: Apis, people: Province, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, as the personnel agency sees it."""
    return await apis.every(people.people[people.agency].subject, service, path, **params)
