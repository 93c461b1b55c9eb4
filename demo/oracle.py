"""What must have been saved, worked out apart: from what the player did and saw accepted, and the published formulas.

Nothing here comes from the services or their kit (a lint rule keeps it so). Every entry is rounded once, half to even:

- fuel, of the employee: litres = (D - D_alt) / occupants / km-per-litre x (1 - rebound); rupiah = litres x price of
the day;
- home electricity, of the employee, spent: workstation x time + cooling; rupiah = kWh x tariff x (1 + tax);
- office electricity, of the regional budget, by unit and day: the load of the unit's zone if everybody of the zone was
away, by its part of the zone's people, and the load per head of each who was away and at no office;
- meals: the allowance of the grade, kept by the budget and missed by the employee, where it is paid for presence;
- greenhouse gas, of society: litres and office kWh, less home kWh.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from demo.factors import MILLION, Exact, Factors
from demo.province import Commute, Person, Province

BOUNDS = ("low", "central", "high")
NOTHING: Exact = (Fraction(0), Fraction(0), Fraction(0))
Cell = dict[str, int]
"""Days, and each bound of each amount by its unit, such as `sen.low`."""
Cells = dict[str, Cell]
"""By `unit|month|factor set|category|beneficiary`, and with `nip|` before it for employees."""


@dataclass
class Work:
    """An approved request, as its employee and superior know it, and the unit for which it was asked."""

    nip: str
    unit: str
    days: list[date]
    place: str
    alt_km: Decimal
    outputs: dict[str, date]
    cancelled: bool = False
    verified: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Report:
    """What was reported of an output, and how many days after its own."""

    quantity: Decimal
    days_late: int


@dataclass
class Plan:
    """Agreed outputs, of an approved request (`mkd`) or for days at the `office`, and what has become of each."""

    nip: str
    mode: str
    days: dict[str, date]
    targets: dict[str, Decimal]
    closed: bool = False
    reports: dict[str, Report] = field(default_factory=dict)
    progress: dict[str, str] = field(default_factory=dict)

    def counted(self, output_id: str) -> Cell:
        """What one output comes to: attainment is min(quantity / target, 1) if it is verified, in parts per million."""
        report, progress = self.reports.get(output_id), self.progress.get(output_id)
        attained = 0
        if report and progress == "verified":
            share = Fraction(report.quantity) / Fraction(self.targets[output_id])
            attained = round(min(share, Fraction(1)) * MILLION)
        return {
            "outputs": 1,
            "logged": int(report is not None),
            "on_time": int(report is not None and report.days_late == 0),
            "returned": int(progress == "returned"),
            "verified": int(progress == "verified"),
            "attained_ppm": attained,
        }


@dataclass
class Bounds:
    """Low and high of what a published factor set drew: kept share, and litres per km by vehicle, in millionths."""

    kept_ppm: tuple[int, int]
    microlitres_per_km: dict[str, tuple[int, int]]

    def implausible(self, factors: Factors, seed: int = 7, draws: int = 20_000) -> list[str]:
        """Draw again, independently; names the bounds that are further than 2 % off the tenth and ninetieth centile."""
        chance = random.Random(seed)
        kept = [1 - _triangle(chance, factors.rebound) for _ in range(draws)]
        found = {"kept share": (self.kept_ppm, kept)}
        for vehicle, km_per_litre in factors.km_per_litre.items():
            drawn = [share / _triangle(chance, km_per_litre) for share in kept]
            found[vehicle] = (self.microlitres_per_km[vehicle], drawn)
        return [f"{factors.id}: {name}" for name, (said, drawn) in found.items() if not _near(said, drawn)]


def _triangle(chance: random.Random, of: Exact) -> float:
    """A triangular draw by its inverse distribution."""
    low, mode, high = (float(bound) for bound in of)
    place, peak = chance.random(), (mode - low) / (high - low)
    if place < peak:
        return low + float((place * (high - low) * (mode - low)) ** 0.5)
    return high - float(((1 - place) * (high - low) * (high - mode)) ** 0.5)


def _near(said: tuple[int, int], drawn: list[float]) -> bool:
    ordered = sorted(drawn)
    expected = (ordered[len(ordered) // 10], ordered[len(ordered) * 9 // 10])
    return all(abs(s / MILLION - e) <= 0.02 * e for s, e in zip(said, expected, strict=True))


@dataclass
class Account:
    """What happened, kept as it happens."""

    province: Province
    factor_sets: list[Factors]
    works: dict[str, Work] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)

    def planned(self, request_id: str, plan: Plan) -> None:
        """Outputs were agreed."""
        self.plans[request_id] = plan

    def reported(self, request_id: str, output_id: str, report: Report) -> None:
        self.plans[request_id].reports[output_id] = report
        self.plans[request_id].progress[output_id] = "logged"

    def returned(self, request_id: str, output_id: str) -> None:
        self.plans[request_id].progress[output_id] = "returned"

    def approved(self, request_id: str, work: Work) -> None:
        self.works[request_id] = work

    def cancelled(self, request_id: str) -> None:
        """Withdrawn or revoked; nothing of it counts, whatever had been verified."""
        if request_id in self.works:
            self.works[request_id].cancelled = True
            self.plans[request_id].closed = True

    def verified(self, request_id: str, output_id: str) -> None:
        self.plans[request_id].progress[output_id] = "verified"
        if request_id in self.works:
            self.works[request_id].verified.add(output_id)

    def verification_withdrawn(self, request_id: str, output_id: str) -> None:
        self.plans[request_id].progress[output_id] = "logged"
        if request_id in self.works:
            self.works[request_id].verified.discard(output_id)

    def realised(self, today: date) -> Iterator[tuple[Work, date]]:
        """Days away that count: approved, not cancelled, over, and all their outputs verified. Each day once."""
        for work in self.works.values():
            for day in work.days if work.place != "office" else ():
                due = {id_ for id_, of in work.outputs.items() if of == day}
                if not work.cancelled and day < today and due <= work.verified:
                    yield work, day

    def lacking(self, today: date) -> Cells:
        """What `unit|month` lacks: of the days that were agreed to be worked away, how many count, how many wait for a
        verification, and of how many the figures lack a commute, a grade or a seat."""
        found: dict[str, Counter[str]] = {}
        counts = {(work.nip, day): work for work, day in self.realised(today)}
        for work in self.works.values():
            for day in work.days if work.place != "office" and not work.cancelled else ():
                if (work.nip, day) not in counts:
                    _add(found, f"{work.unit}|{day:%Y-%m}", {"days_agreed": 1, "lacks.verification": 1})
        for (nip, day), work in counts.items():
            terms = self.province.people[nip].on(day)
            unit = self.province.units[terms.unit].on(day)
            lacks = {
                "lacks.commute": terms.commute is None,
                "lacks.grade": unit.meals and not terms.grade and _at_no_office(work),
                "lacks.seat": unit.seat is None,
            }
            numbers = {name: int(lacking) for name, lacking in lacks.items()}
            _add(found, f"{terms.unit}|{day:%Y-%m}", {"days_agreed": 1, "days_realised": 1, **numbers})
        return {k: dict(v) for k, v in found.items()}

    def performed(self, today: date) -> tuple[Cells, Cells]:
        """Attainment and timeliness of days that are over, by `unit|month|mode`, and with `nip|` before it."""
        by_unit: dict[str, Counter[str]] = {}
        by_person: dict[str, Counter[str]] = {}
        for plan in self.plans.values():
            for output_id, day in plan.days.items():
                if day < today and not plan.closed:
                    cell = f"{self.province.people[plan.nip].on(day).unit}|{day:%Y-%m}|{plan.mode}"
                    _add(by_unit, cell, plan.counted(output_id))
                    _add(by_person, f"{plan.nip}|{cell}", plan.counted(output_id))
        return {k: dict(v) for k, v in by_unit.items()}, {k: dict(v) for k, v in by_person.items()}

    def factors_on(self, day: date) -> Factors:
        """The set in force on a day."""
        return max((known for known in self.factor_sets if known.starts <= day), key=lambda known: known.starts)

    def expected(self, today: date, bounds: Mapping[str, Bounds]) -> tuple[Cells, Cells]:
        """The cells of units and those of employees."""
        by_unit: dict[str, Counter[str]] = {}
        by_person: dict[str, Counter[str]] = {}
        away: dict[tuple[str, date], list[Work]] = {}
        for work, day in self.realised(today):
            person, factors = self.province.people[work.nip], self.factors_on(day)
            unit = person.on(day).unit
            away.setdefault((unit, day), []).append(work)
            entries = [*_own(person, work, day, factors, bounds[factors.id]), *self._meals(person, work, day, factors)]
            for kind, amounts in entries:
                cell = f"{unit}|{day:%Y-%m}|{factors.id}|{kind}"
                _add(by_unit, cell, amounts)
                _add(by_person, f"{work.nip}|{cell}", amounts)
        for (unit, day), works in away.items():
            factors = self.factors_on(day)
            for kind, amounts in self._office(unit, day, works, away, factors):
                _add(by_unit, f"{unit}|{day:%Y-%m}|{factors.id}|{kind}", amounts)
        return {k: dict(v) for k, v in by_unit.items()}, {k: dict(v) for k, v in by_person.items()}

    def _meals(self, person: Person, work: Work, day: date, factors: Factors) -> Iterator[tuple[str, Cell]]:
        terms = person.on(day)
        if self.province.units[terms.unit].on(day).meals and terms.grade and _at_no_office(work):
            sen = Fraction(factors.meal_sen[terms.grade])
            yield "meals|regional_budget", _whole(sen=(sen, sen, sen))
            yield "meals|employee", _whole(sen=(-sen, -sen, -sen))

    def _office(
        self, unit: str, day: date, works: list[Work], away: Mapping[tuple[str, date], list[Work]], factors: Factors
    ) -> Iterator[tuple[str, Cell]]:
        """The unit's part of what its building did not draw."""
        seat = self.province.units[unit].on(day).seat
        if seat is None:
            return
        building = self.province.buildings[seat[0]].on(day)
        beside = [code for code, other in self.province.units.items() if other.on(day).seat == seat]
        heads = {code: self.province.heads(code, day) for code in beside}
        gone = sum(len(away.get((code, day), ())) for code in beside)
        share = Fraction(heads[unit], sum(heads.values())) if gone == sum(heads.values()) else Fraction(0)
        no_office = sum(_at_no_office(work) for work in works)
        load = building.zones[seat[1]] * 1000
        low, central, high = (
            load * share * off + Fraction(building.per_head) * 1000 * no_office for off in factors.zone_off
        )
        wh = (low, central, high)
        yield "office_electricity|regional_budget", _whole(watt_hours=wh, sen=_bill(wh, building.tariff, factors))
        yield "co2e|society", _whole(grams_co2e=_grams(wh, factors), sen=NOTHING)


def _at_no_office(work: Work) -> bool:
    return work.place in ("residence", "other_place")


def _own(person: Person, work: Work, day: date, factors: Factors, bounds: Bounds) -> Iterator[tuple[str, Cell]]:
    """What is the employee's own: fuel, the home's electricity, and greenhouse gas."""
    terms = person.on(day)
    litres, home = NOTHING, NOTHING
    if terms.commute:
        litres = _litres(terms.commute, work, factors, bounds)
        price = factors.fuel_price(terms.commute.fuel, day) if terms.commute.vehicle in factors.km_per_litre else 0
        yield "fuel|employee", _whole(microlitres=_times(litres, MILLION), sen=_times(litres, price))
    if work.place == "residence":
        watts, hours = factors.workstation_watts, Fraction(factors.work_minutes, 60)
        low, central, high = (w * hours + c for w, c in zip(watts, factors.cooling_wh, strict=True))
        home = (low, central, high)
        bill = _bill(home, factors.home_tariff, factors)
        yield "home_electricity|employee", _whole(watt_hours=_less(home), sen=_less(bill))
    if terms.commute:
        burnt = _widest(litres, factors.grams_per_litre)
        drawn = _less(_grams(home, factors))
        low, central, high = (b + d for b, d in zip(burnt, drawn, strict=True))
        yield "co2e|society", _whole(grams_co2e=(low, central, high), sen=NOTHING)


def _litres(commute: Commute, work: Work, factors: Factors, bounds: Bounds) -> Exact:
    if commute.vehicle not in factors.km_per_litre:
        return NOTHING
    km = (Fraction(commute.round_trip_km) - Fraction(work.alt_km)) / commute.occupants
    kept = 1 - factors.rebound[1]
    if commute.km_per_litre:
        per_litre = Fraction(commute.km_per_litre)
        per_km = (
            Fraction(bounds.kept_ppm[0], MILLION) / per_litre,
            kept / per_litre,
            Fraction(bounds.kept_ppm[1], MILLION) / per_litre,
        )
    else:
        low, high = bounds.microlitres_per_km[commute.vehicle]
        per_km = (Fraction(low, MILLION), kept / factors.km_per_litre[commute.vehicle][1], Fraction(high, MILLION))
    low_, central, high_ = (km * each for each in per_km)
    return (min(low_, high_), central, max(low_, high_))


def _bill(wh: Exact, tariff: str, factors: Factors) -> Exact:
    """Sen for watt hours, with local tax."""
    sen = Fraction(factors.kwh_sen[tariff], 1000)
    low, central, high = (each * sen * (1 + tax) for each, tax in zip(wh, factors.tax, strict=True))
    return (low, central, high)


def _grams(wh: Exact, factors: Factors) -> Exact:
    low, central, high = factors.grams_per_kwh
    return _widest(wh, (low / 1000, central / 1000, high / 1000))


def _widest(one: Exact, other: Exact) -> Exact:
    """A product with the widest bounds that its factors allow."""
    ends = [a * b for a in (one[0], one[2]) for b in (other[0], other[2])]
    return (min(ends), one[1] * other[1], max(ends))


def _times(amount: Exact, number: int) -> Exact:
    return (amount[0] * number, amount[1] * number, amount[2] * number)


def _less(amount: Exact) -> Exact:
    """Spent instead of saved."""
    return (-amount[2], -amount[1], -amount[0])


def _whole(**amounts: Exact) -> Cell:
    """One entry: each amount rounded once."""
    rounded = {f"{unit}.{b}": round(n) for unit, of in amounts.items() for b, n in zip(BOUNDS, of, strict=True)}
    return {"days": 1, **rounded}


def _add(cells: dict[str, Counter[str]], cell: str, amounts: Cell) -> None:
    cells.setdefault(cell, Counter()).update(amounts)


def differences(expected: Mapping[str, Cell], found: Mapping[str, Cell]) -> list[str]:
    """Every cell in which the two accounts differ; a cell that one does not have is nothing there."""
    return [
        f"{cell}: expected {_said(expected.get(cell, {}))}, found {_said(found.get(cell, {}))}"
        for cell in sorted(expected.keys() | found.keys())
        if _said(expected.get(cell, {})) != _said(found.get(cell, {}))
    ]


def _said(cell: Cell) -> Cell:
    return {name: number for name, number in sorted(cell.items()) if number}


def is_something(cell: Cell) -> bool:
    """Whether a cell has an amount that is not zero."""
    return any(number for name, number in cell.items() if name != "days")
