"""What must have been saved and attained, worked out apart: from what the player did and the rules allow, and the
published formulas.

Nothing here comes from the services or their kit (a lint rule keeps it so), and no number from an answer. Every entry
is rounded once, half to even:

- fuel, of the employee: litres = (D - D_alt) / occupants / km-per-litre x (1 - rebound); rupiah = litres x price of
the day;
- home electricity, of the employee, spent: workstation x time + cooling; rupiah = kWh x tariff x (1 + tax);
- office electricity, of the regional budget, by unit and day: the load of the unit's zone if everybody of the zone was
away, by its part of the zone's people, and the load per head of each who was away and at no office; the
regional budget pays no tax on it;
- meals: the allowance of the grade, kept by the budget and missed by the employee, where it is paid for presence;
- greenhouse gas, of society: litres less what the home and an electric vehicle drew (scope 3), and office kWh (2).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

from demo.account import Account, Plan, Request
from demo.calendar import is_over
from demo.drawing import Bounds, draw
from demo.factors import MILLION, NOTHING, Exact, Factors, on
from demo.province import Commute, Terms, UnitTerms

BOUNDS = ("low", "central", "high")
Cell = dict[str, int]
"""Numbers by name, such as `days`, and `sen.low`: each bound of each amount by its unit."""
Cells = dict[str, Cell]


@dataclass(frozen=True)
class Entry:
    """One category of one day for one beneficiary, with all that sets it apart, of a unit, and of a person if it is
    about one."""

    unit: str
    day: date
    kind: str
    amounts: Cell
    nip: str | None = None
    old: str = ""
    """What it was computed with that is old."""


@dataclass
class Shown:
    """All that is shown of figures: `nip`, `unit`, `month`, `day` and kind name a cell."""

    unit_months: Cells = field(default_factory=dict)
    employee_months: Cells = field(default_factory=dict)
    instance_months: Cells = field(default_factory=dict)
    days: Cells = field(default_factory=dict)
    unit_days: Cells = field(default_factory=dict)
    building_days: Cells = field(default_factory=dict)
    completeness: Cells = field(default_factory=dict)
    unit_results: Cells = field(default_factory=dict)
    employee_results: Cells = field(default_factory=dict)
    day_results: Cells = field(default_factory=dict)


NOT_EXPECTED = ("day-off", "absence", "employee")
"""Whoever lacks one of these was not expected to work: such days are not agreed, nor do they lack anything else."""

RANGES = {"fuel": "p10-p90", "meals": "none"}
"""How the range of a category was made; of all others worst with worst."""


def kind(factors: str, category: str, beneficiary: str, scope: int | None, line: str | None, *, cashable: bool) -> str:
    """What sets figures apart that are never added together, and how their range was made. All are deemed: tier 1."""
    range_ = RANGES.get(category, "worst-with-worst")
    parts = (factors, category, beneficiary, "tier 1", f"scope {scope}" if scope else "-", line or "-", range_)
    return "|".join((*parts, "cashable" if cashable else "-"))


class Oracle:
    """The account at a moment."""

    def __init__(self, account: Account, now: datetime) -> None:
        self._account = account
        self._province = account.province
        self._now = now
        self._heads: dict[date, Counter[str]] = {}
        self._entries = [*self._of_people(), *self._of_units()]

    def expected(self) -> Shown:
        """Every cell there must be."""
        shown = Shown()
        for entry in self._entries:
            amounts = {"days": 1, **entry.amounts}
            month = f"{entry.day:%Y-%m}"
            cell = f"{entry.unit}|{month}|{entry.kind}"
            _add(shown.unit_months, cell, amounts)
            _add(shown.instance_months, f"{month}|{entry.kind}", amounts)
            if entry.nip:
                _add(shown.employee_months, f"{entry.nip}|{cell}", amounts)
            if entry.nip and "|meals|" not in entry.kind:
                _add(shown.days, f"{entry.nip}|{entry.day}", _named(entry))
            if not entry.nip:
                _add(shown.unit_days, f"{entry.unit}|{entry.day}", _named(entry))
            if entry.old:
                shown.unit_months[cell][entry.old] = shown.instance_months[f"{month}|{entry.kind}"][entry.old] = 1
                if entry.nip:
                    shown.employee_months[f"{entry.nip}|{cell}"][entry.old] = 1
        self._days(shown)
        self._places(shown)
        self._results(shown)
        return shown

    def _days(self, shown: Shown) -> None:
        """What each day is, or lacks to be, and what that makes of the unit-month."""
        for (nip, day), asked in self._asked.items():
            terms, lacks = self._province.people[nip].on(day), self._lacks(nip, day, asked)
            work = self._realised.get((nip, day))
            told = {f"lacks.{lacks}": 1} if lacks else {}
            if work:
                told |= {"realised": 1, f"in {terms.unit}": 1, f"by {self._factors(day).id}": 1}
                told |= {f"lacks.{name}": 1 for name in self._lacks_of_own(terms, work, day)}
            _add(shown.days, f"{nip}|{day}", told)
            live = [one for one in asked if day in one.agreed]
            if not any(one.away for one in live) or lacks in NOT_EXPECTED:
                continue
            unit = terms.unit if work else min(one.unit for one in live)
            numbers = {"days_agreed": 1, "days_realised": int(bool(work)), **told}
            counted = {name: n for name, n in numbers.items() if name.startswith(("days_", "lacks."))}
            _add(shown.completeness, f"{unit}|{day:%Y-%m}", counted)

    @cached_property
    def _asked(self) -> dict[tuple[str, date], list[Request]]:
        """What savings has heard of, by person and day: what was approved, or taken back."""
        found: dict[tuple[str, date], list[Request]] = {}
        for request in self._account.requests.values():
            for day in request.days:
                if request.approved or day in request.taken_back:
                    found.setdefault((request.nip, day), []).append(request)
        return found

    @cached_property
    def _realised(self) -> dict[tuple[str, date], Request]:
        """Days away that count; each once."""
        found = {}
        for (nip, day), asked in self._asked.items():
            if not self._lacks(nip, day, asked):
                work = min((one for one in asked if self._is_done(one, day)), key=lambda one: one.id)
                if work.away:
                    found[nip, day] = work
        return found

    def _lacks(self, nip: str, day: date, asked: list[Request]) -> str:
        """The first that a day lacks to count."""
        live = [one for one in asked if day in one.agreed]
        if not live:
            return self._how_it_went(asked, day)
        if self._account.is_off(day):
            return "day-off"
        if self._province.absent(nip, day):
            return "absence"
        if not self._province.people[nip].on(day).active:
            return "employee"
        done = [one for one in live if self._is_done(one, day)]
        if not done:
            return "verification"
        over = is_over(day, min(done, key=lambda one: one.id).zone, self._now)
        return "" if over else "date"

    def _how_it_went(self, asked: list[Request], day: date) -> str:
        how = {one.taken_back[day] for one in asked if one.approved and day in one.taken_back}
        return "revoked" if "revoked" in how else "withdrawn" if how else "approval"

    def _is_done(self, request: Request, day: date) -> bool:
        """Whether the agreed share of a day's outputs is verified."""
        plan = self._account.plans.get(request.id)
        if plan is None or day not in request.agreed:
            return False
        due = [id_ for id_, of in request.outputs.items() if of == day]
        verified = [id_ for id_ in due if plan.stands(id_) == "verified"]
        if request.quantity_counts:
            return sum(map(plan.attained_ppm, verified)) * 100 >= request.share * MILLION * len(due) > 0
        return len(verified) * 100 >= request.share * len(due)

    def _factors(self, day: date) -> Factors:
        """The set in force on a day: the latest begun of those that no other corrects."""
        sets = self._account.factor_sets
        corrected = {known.corrects for known in sets}
        standing = [known for known in sets if known.starts <= day and known.id not in corrected]
        return max(standing, key=lambda known: known.starts)

    @cached_property
    def bounds(self) -> dict[str, Bounds]:
        """What each set draws."""
        return {known.id: draw(known) for known in self._account.factor_sets}

    def _of_people(self) -> Iterator[Entry]:
        """What is about a person: their own, and their meals."""
        for (nip, day), work in self._realised.items():
            terms, factors = self._province.people[nip].on(day), self._factors(day)
            unit = self._province.units[terms.unit].on(day)
            for of, amounts, old in [
                *_own(terms, work, day, factors, self.bounds[factors.id]),
                *_meals(terms, unit, work, day, factors),
            ]:
                yield Entry(terms.unit, day, of, amounts, nip, old)

    @cached_property
    def _away(self) -> dict[tuple[str, date], list[Request]]:
        """Whose days count, by unit and day."""
        found: dict[tuple[str, date], list[Request]] = {}
        for (nip, day), work in self._realised.items():
            found.setdefault((self._province.people[nip].on(day).unit, day), []).append(work)
        return found

    def heads(self, unit: str, day: date) -> int:
        """Who belongs to a unit on a day and could be there."""
        if day not in self._heads:
            people = self._province.people
            present = (people[nip].on(day) for nip in people if not self._province.absent(nip, day))
            self._heads[day] = Counter(terms.unit for terms in present if terms.active)
        return self._heads[day][unit]

    def _zone(self, seat: tuple[str, str], day: date) -> tuple[int, int]:
        """How many belong in a zone, and how many of them were away."""
        beside = [code for code, other in self._province.units.items() if other.on(day).seat == seat]
        return sum(self.heads(code, day) for code in beside), sum(len(self._away.get((c, day), ())) for c in beside)

    def _of_units(self) -> Iterator[Entry]:
        """The unit's part of what its building did not draw."""
        for (code, day), works in self._away.items():
            seat, factors = self._province.units[code].on(day).seat, self._factors(day)
            if seat is None:
                continue
            building = self._province.buildings[seat[0]].on(day)
            heads, away = self._zone(seat, day)
            share = Fraction(self.heads(code, day), heads) if 0 < heads <= away else Fraction(0)
            load, no_office = building.zones[seat[1]] * 1000 * share, sum(work.at_no_office for work in works)
            low, central, high = (load * off + building.per_head_wh * no_office for off in factors.zone_off)
            wh = (low, central, high)
            sen = _bill(wh, on(factors.kwh_sen[building.tariff], day), NOTHING)
            line = factors.budget_lines.get("office_electricity")
            of = kind(factors.id, "office_electricity", "regional_budget", None, line, cashable=False)
            old = _old("tariff", factors.is_old(factors.kwh_sen[building.tariff], day))
            yield Entry(code, day, of, _whole(watt_hours=wh, sen=sen), old=old)
            of = kind(factors.id, "co2e", "society", 2, None, cashable=False)
            yield Entry(code, day, of, _whole(grams_co2e=_grams(wh, factors), sen=NOTHING))

    def _places(self, shown: Shown) -> None:
        """Units' days, and the days of the buildings that they sit in."""
        for (code, day), works in self._away.items():
            unit, cell = self._province.units[code].on(day), f"{code}|{day}"
            about = {"heads": self.heads(code, day), "away": len(works), f"in {(unit.seat or ('nowhere',))[0]}": 1}
            lacks = {
                "lacks.seat": len(works) * (unit.seat is None),
                "lacks.grade": sum(
                    unit.meals and work.at_no_office and not self._province.people[work.nip].on(day).grade
                    for work in works
                ),
            }
            _add(shown.unit_days, cell, about | lacks)
            _add(shown.completeness, f"{code}|{day:%Y-%m}", lacks)
            if unit.seat is None:
                continue
            building, zone = unit.seat
            surveyed = self._province.buildings[building].on(day)
            heads, away = self._zone(unit.seat, day)
            closed = 0 < heads <= away
            put_in = {
                "zone_heads": heads,
                "zone_away": away,
                "zone_closed": int(closed),
                "zone_load_watt_hours": surveyed.zones[zone] * 1000,
                "unit_heads": self.heads(code, day),
                "not_at_an_office": sum(work.at_no_office for work in works),
                "per_head_watt_hours": surveyed.per_head_wh,
            }
            _add(shown.unit_days, cell, {f"put in.{name}": number for name, number in put_in.items()})
            here = f"{building}|{day}"
            shown.building_days.setdefault(here, {})
            _add(shown.building_days, here, {"away": len(works)})
            zones = {f"load of {name}": load * 1000 for name, load in surveyed.zones.items()}
            shown.building_days[here] |= {
                "base": surveyed.base_wh,
                **zones,
                **({f"closed {zone}": 1} if closed else {}),
            }
        for entry in self._entries:
            seat = self._province.units[entry.unit].on(entry.day).seat
            if "|office_electricity|" in entry.kind and seat:
                _add(shown.building_days, f"{seat[0]}|{entry.day}", entry.amounts)

    def _results(self, shown: Shown) -> None:
        """Attainment and timeliness of days that are over."""
        for plan in self._account.plans.values():
            for output_id, day in plan.days.items():
                if is_over(day, plan.zone, self._now) and (counted := self._counted(plan, output_id, day)):
                    unit = self._province.people[plan.nip].on(day).unit
                    month = f"{unit}|{day:%Y-%m}|{plan.mode}"
                    _add(shown.unit_results, month, counted)
                    _add(shown.employee_results, f"{plan.nip}|{month}", counted)
                    _add(shown.day_results, f"{plan.nip}|{day}|{plan.mode}|{unit}", counted)

    def _counted(self, plan: Plan, output_id: str, day: date) -> Cell:
        if day in plan.closed:
            return {"cancelled": 1}
        if self._account.is_excused(plan.nip, day) or not self._province.people[plan.nip].on(day).active:
            return {"excused": 1}
        return plan.counted(output_id)

    def _lacks_of_own(self, terms: Terms, _: Request, day: date) -> Iterator[str]:
        if terms.commute is None:
            yield "commute"
        elif terms.commute.vehicle == "electric" and not self._factors(day).electric_wh_per_km:
            yield "charging"


Told = tuple[str, Cell, str]
"""A kind, its amounts, and what of them is old."""


def _old(what: str, is_old: bool) -> str:
    return f"warns {what}-old" if is_old else ""


def _meals(terms: Terms, unit: UnitTerms, work: Request, day: date, factors: Factors) -> Iterator[Told]:
    if unit.meals and terms.grade and work.at_no_office:
        sen = Fraction(on(factors.meal_sen[terms.grade], day))
        line = factors.budget_lines.get("meals")
        kept = kind(factors.id, "meals", "regional_budget", None, line, cashable=line is not None)
        old = _old("meal-allowance", factors.is_old(factors.meal_sen[terms.grade], day))
        yield kept, _whole(sen=(sen, sen, sen)), old
        missed = kind(factors.id, "meals", "employee", None, None, cashable=False)
        yield missed, _whole(sen=(-sen, -sen, -sen)), old


def _own(terms: Terms, work: Request, day: date, factors: Factors, bounds: Bounds) -> Iterator[Told]:
    """What is the employee's own: fuel, the home's electricity, and greenhouse gas."""
    litres, home, way = NOTHING, NOTHING, terms.commute
    if way:
        litres = _litres(way, work, factors, bounds)
        burns = way.vehicle in factors.km_per_litre
        price = factors.fuel_price(way.fuel, day) if burns else 0
        known = factors.fuel_sen[way.fuel or factors.default_fuel]
        yield (
            kind(factors.id, "fuel", "employee", None, None, cashable=False),
            _whole(microlitres=_times(litres, MILLION), sen=_times(litres, price)),
            _old("price", burns and factors.is_old(known, day)),
        )
    if work.place == "residence":
        watts, hours = factors.workstation_watts, Fraction(factors.work_minutes, 60)
        low, central, high = (w * hours + c for w, c in zip(watts, factors.cooling_wh, strict=True))
        home = (low, central, high)
        bill = _bill(home, on(factors.kwh_sen[factors.home_tariff], day), factors.tax)
        yield (
            kind(factors.id, "home_electricity", "employee", None, None, cashable=False),
            _whole(watt_hours=_less(home), sen=_less(bill)),
            _old("tariff", factors.is_old(factors.kwh_sen[factors.home_tariff], day)),
        )
    if way and not (way.vehicle == "electric" and not factors.electric_wh_per_km):
        grams = _plus(_widest(litres, factors.grams_of_a_litre), _less(_grams(home, factors)))
        grams = _plus(grams, _grams(_charging(way, work, factors, bounds), factors))
        yield (
            kind(factors.id, "co2e", "society", 3, None, cashable=False),
            _whole(grams_co2e=grams, sen=NOTHING),
            "",
        )


def _spared_km(way: Commute, work: Request) -> Fraction:
    return (Fraction(way.round_trip_km) - Fraction(work.alt_km)) / way.occupants


def _kept(factors: Factors, bounds: Bounds) -> Exact:
    low, _, _, high = bounds.kept_ppm
    return Fraction(low, MILLION), 1 - factors.rebound[1], Fraction(high, MILLION)


def _litres(way: Commute, work: Request, factors: Factors, bounds: Bounds) -> Exact:
    if way.vehicle not in factors.km_per_litre:
        return NOTHING
    low, central, high = _kept(factors, bounds)
    if way.km_per_litre:
        stated = Fraction(way.km_per_litre)
        per_km = (low / stated, central / stated, high / stated)
    else:
        least, _, _, most = bounds.microlitres_per_km[way.vehicle]
        central /= factors.km_per_litre[way.vehicle][1]
        per_km = (Fraction(least, MILLION), central, Fraction(most, MILLION))
    one, middle, other = (_spared_km(way, work) * each for each in per_km)
    return (min(one, other), middle, max(one, other))


def _charging(way: Commute, work: Request, factors: Factors, bounds: Bounds) -> Exact:
    """Watt hours that an electric vehicle was not charged with."""
    if way.vehicle != "electric" or not factors.electric_wh_per_km:
        return NOTHING
    km = _spared_km(way, work)
    one, central, other = (km * share for share in _kept(factors, bounds))
    return _widest((min(one, other), central, max(one, other)), factors.electric_wh_per_km)


def _bill(wh: Exact, sen_per_kwh: int, tax: Exact) -> Exact:
    """Sen for watt hours, with tax on top."""
    low, central, high = (each * Fraction(sen_per_kwh, 1000) * (1 + more) for each, more in zip(wh, tax, strict=True))
    return (low, central, high)


def _grams(wh: Exact, factors: Factors) -> Exact:
    low, central, high = factors.grams_per_kwh
    return _widest(wh, (low / 1000, central / 1000, high / 1000))


def _widest(one: Exact, other: Exact) -> Exact:
    """A product with the widest bounds that its factors allow."""
    ends = [a * b for a in (one[0], one[2]) for b in (other[0], other[2])]
    return (min(ends), one[1] * other[1], max(ends))


def _plus(one: Exact, other: Exact) -> Exact:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2])


def _times(amount: Exact, number: int) -> Exact:
    return (amount[0] * number, amount[1] * number, amount[2] * number)


def _less(amount: Exact) -> Exact:
    """Spent instead of saved."""
    return (-amount[2], -amount[1], -amount[0])


def _whole(**amounts: Exact) -> Cell:
    """One entry: each amount rounded once."""
    return {f"{unit}.{b}": round(n) for unit, of in amounts.items() for b, n in zip(BOUNDS, of, strict=True)}


def _named(entry: Entry) -> Cell:
    """An entry among others of its day."""
    old = {f"{entry.kind} {entry.old}": 1} if entry.old else {}
    return {entry.kind: 1, **old, **{f"{entry.kind}.{name}": number for name, number in entry.amounts.items()}}


def _add(cells: Cells, cell: str, numbers: Mapping[str, int]) -> None:
    held = cells.setdefault(cell, {})
    for name, number in numbers.items():
        held[name] = held.get(name, 0) + number


def differences(of: str, expected: Mapping[str, Cell], found: Mapping[str, Cell]) -> list[str]:
    """Every cell in which the two accounts differ, by what differs; a cell that one does not have is nothing there."""
    said = []
    for cell in sorted(expected.keys() | found.keys()):
        one, other = expected.get(cell, {}), found.get(cell, {})
        unlike = {name for name in {*one, *other} if one.get(name, 0) != other.get(name, 0)}
        if unlike:
            told = "; ".join(f"{n}: expected {one.get(n, 0)}, found {other.get(n, 0)}" for n in sorted(unlike)[:4])
            said.append(f"{of} {cell}: {told}")
    return said


def count_of_something(cells: Iterable[Cell]) -> int:
    """How many cells have an amount that is not zero."""
    return sum(any(number for name, number in cell.items() if name != "days") for cell in cells)
