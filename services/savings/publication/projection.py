"""What savings publishes of a month to those who are not the personnel agency, and whom each number is about.

Fuel, the home's electricity and meals are about those who have any. Office electricity is about everybody who was away,
and moves with whoever else belongs in the zone, since these decide whether it is closed. Greenhouse gas is a sum of
fuel and electricity by published factors, so that it tells these. A count of days agreed less one of days realised is
about those who have a day that was not.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.savings.ledger.document import plus
from services.savings.ledger.model import KIND
from shared.contracts.savings import Category
from shared.kit.base.clock import last_day
from shared.kit.decisions.decider import Document
from shared.people.disclosure import ONLY_CHANGES
from shared.people.publishing import Figure, Unit, Units

IN_ZONE = f"{ONLY_CHANGES}zone"
COUNTED = "completeness"
LACKS = "lacks"
MAKE_CO2E = (Category.FUEL, Category.HOME_ELECTRICITY)
OFFICES_SCOPE = "2"
IDENTITY = ("_id", "unit_id", "month")
SUMS = ("days", "amounts", "warnings")
Numbers = dict[str, dict[str, str]]


def terms_on(entity: Mapping[str, Any] | None, day: str) -> Any:
    """The terms in force on a day, of an entity as it is stored."""
    history = entity["history"] if entity else ()
    before = [terms for terms in history if terms["effective_from"] <= day]
    return max(before, key=lambda terms: terms["effective_from"], default=None)


class Where:
    """Who belongs in which zone in a month, and when they were away from it: what closes it."""

    def __init__(
        self,
        month: str,
        units: Iterable[Document],
        buildings: Iterable[Document],
        employees: Iterable[Document],
        absences: Iterable[Document],
        days: Iterable[Document],
    ) -> None:
        self._month = month
        self._units = {one["_id"]: self._terms(one) for one in units}
        self._buildings = {one["_id"]: self._terms(one) for one in buildings}
        self._facts: dict[str, list[Any]] = {}
        self._people: dict[str, set[str]] = {}
        for one in employees:
            for terms in self._terms(one):
                self._people.setdefault(terms["unit_id"], set()).add(one["_id"])
            self._facts.setdefault(one["_id"], []).append(self._terms(one))
        for one in sorted(absences, key=lambda one: str(one["_id"])):
            self._facts.setdefault(one["employee_id"], []).append(self._terms(one))
        for one in sorted(days, key=lambda one: str(one["_id"])):
            if position := one.get("position"):
                self._people.setdefault(position["unit_id"], set()).add(one["employee_id"])
                self._facts.setdefault(one["employee_id"], []).append([one["day"], position])
        self._worths = {person: worth(facts) for person, facts in self._facts.items()}
        self._units_in: dict[tuple[str, str], set[str]] = {}
        for unit_id in self._units:
            for zone in self._zones(unit_id):
                self._units_in.setdefault(zone, set()).add(unit_id)

    def _terms(self, entity: Mapping[str, Any]) -> list[Document]:
        """The terms in force at some time of the month."""
        first, last = f"{self._month}-01", last_day(self._month).isoformat()
        begun = terms_on(entity, first)
        later = [terms for terms in entity["history"] if first < terms["effective_from"] <= last]
        return ([{**begun, "effective_from": first}] if begun else []) + later

    def _zones(self, unit_id: str) -> set[tuple[str, str]]:
        seats = (terms.get("seat") for terms in self._units.get(unit_id, ()))
        return {(seat["building_id"], seat["zone"]) for seat in seats if seat}

    def around(self, unit_id: str) -> Any:
        """What a unit's electricity depends on besides people."""
        buildings = sorted({building for building, _ in self._zones(unit_id)})
        return [self._units.get(unit_id), [self._buildings.get(building) for building in buildings]]

    def facts(self, person: str) -> str:
        """A hash of where somebody belonged, when, and when they were away."""
        return self._worths.get(person, "")

    def in_zone(self, unit_id: str) -> dict[str, str]:
        """Everybody who belongs in a unit's zones, and what zones depend on of them."""
        beside = {unit_id}.union(*(self._units_in[zone] for zone in self._zones(unit_id)))
        return {person: self.facts(person) for one in beside for person in self._people.get(one, ())}


def units(
    unit_months: Iterable[Document], employee_months: Iterable[Document], days: Iterable[Document], where: Where
) -> Units:
    """The units' figures, and whom their numbers are about. Pure."""
    numbers: dict[str, Numbers] = {}
    for one in employee_months:
        held = {name: value for name, value in one.items() if name not in IDENTITY}
        numbers.setdefault(one["unit_id"], {}).setdefault(_kind(one), {})[one["employee_id"]] = worth(held)
    figures: dict[str, dict[str, Figure]] = {}
    for unit_id, theirs in _by_unit(days).items():
        counts = _counts(theirs)
        _away(theirs, unit_id, where, numbers.setdefault(unit_id, {}))
        numbers[unit_id] |= {name: {who: worth(n) for who, n in of.items()} for name, of in counts.items()}
        figures[unit_id] = _completeness(counts)
    for total in unit_months:
        unit_id, own = total["unit_id"], numbers.setdefault(total["unit_id"], {})
        tags = {name: value for name, value in total.items() if name not in (*IDENTITY, *SUMS)}
        needs = _needs(total, own)
        if IN_ZONE in needs:
            own.setdefault(IN_ZONE, where.in_zone(unit_id))
        sums = {name: total[name] for name in SUMS if name in total}
        figures.setdefault(unit_id, {})[_kind(total)] = Figure(tags | {"about": "savings"}, sums, needs)
    return {unit_id: Unit(figures.get(unit_id, {}), own) for unit_id, own in numbers.items()}


def _kind(total: Document) -> str:
    return "|".join(str(total.get(tag)) for tag in KIND)


def _needs(total: Document, own: Numbers) -> tuple[str, ...]:
    """The numbers that a figure tells, itself or together with others."""
    category, set_id = total["category"], total["factor_set_id"]
    at_the_office = (f"away|{set_id}", IN_ZONE)
    if category == Category.OFFICE_ELECTRICITY:
        return at_the_office
    if category != Category.CO2E:
        return (_kind(total),)
    if str(total.get("scope")) == OFFICES_SCOPE:
        return at_the_office
    made_of = sorted(name for name in own if name.startswith(tuple(f"{set_id}|{part}|" for part in MAKE_CO2E)))
    return (_kind(total), *made_of, *(() if total.get("scope") else at_the_office))


def _by_unit(days: Iterable[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for one in days:
        found.setdefault(one["counted"]["unit_id"], []).append(one)
    return found


def _away(days: Iterable[Document], unit_id: str, where: Where, numbers: Numbers) -> None:
    around = where.around(unit_id)
    for one in days:
        if one["counted"]["factor_set_id"]:
            away = numbers.setdefault(f"away|{one['counted']['factor_set_id']}", {})
            away[one["employee_id"]] = worth([around, where.facts(one["employee_id"])])


def _counts(days: Iterable[Document]) -> dict[str, dict[str, int]]:
    """How many days of whom were agreed, realised, not realised, and lack what."""
    found: dict[str, dict[str, int]] = {}
    for one in days:
        numbers = dict(one["counted"]["numbers"])
        numbers["days_not_realised"] = numbers["days_agreed"] - numbers.get("days_realised", 0)
        for name, n in numbers.items():
            of = found.setdefault(name, {})
            of[one["employee_id"]] = of.get(one["employee_id"], 0) + n
    return {name: {who: n for who, n in of.items() if n} for name, of in found.items()}


def _completeness(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Figure]:
    """Days agreed and realised; and with these, what they lack. What a unit's own day lacks is not published, since its
    counts do not say of whom."""
    days = {name: sum(counts.get(name, {}).values()) for name in ("days_agreed", "days_realised")}
    counted = ("days_agreed", "days_realised", "days_not_realised")
    figures = {COUNTED: Figure({"about": COUNTED}, days, counted, summed=False)}
    for name in sorted(name for name in counts if name.startswith(LACKS)):
        tags, value = {"about": LACKS, "lacking": name.partition(".")[2]}, {"days": sum(counts[name].values())}
        figures[name] = Figure(tags, value, (*counted, name), summed=False)
    return figures


def worth(of: Any) -> str:
    """A hash of what a number holds of somebody."""
    told = json.dumps(of, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


def added(totals: Sequence[Document]) -> Document:
    """The sum of units' figures of one kind."""
    found: Document = {"days": sum(total["days"] for total in totals), "amounts": {}}
    for total in totals:
        found["amounts"] = plus(found["amounts"], total["amounts"])
        for name, n in total.get("warnings", {}).items():
            found.setdefault("warnings", {})[name] = found.get("warnings", {}).get(name, 0) + n
    return found
