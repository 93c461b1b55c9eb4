"""What savings publishes of a month to those who are not the personnel agency, and whom each number is about.

Which numbers a figure gives away, each category says (`tells`). A count of days agreed less one of days realised is
about those who have a day that was not.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from services.savings.category.model import IN_ZONE, away_by
from services.savings.category.value import DEFINITIONS
from services.savings.ledger.model import Amounts, Kind, plus
from services.savings.presence import Seat
from services.savings.publication.model import DAYS, ENTITIES, SUMMED, TOTALS, Day, Stored, Terms, Total
from shared.kit.decisions.decider import Document
from shared.people.publishing import Figure, Unit, Units

COUNTED = "completeness"
LACKS = "lacks"
AGREED, REALISED, NOT_REALISED = "days_agreed", "days_realised", "days_not_realised"
IDENTITY = ("_id", "unit_id", "month")
SUMS = ("days", "amounts", "warnings")
Numbers = dict[str, dict[str, str]]


class Where:
    """Who belongs in which zone in a month, and when they were away from it: what closes it."""

    def __init__(
        self,
        month: str,
        units: Sequence[Document],
        buildings: Sequence[Document],
        employees: Sequence[Document],
        absences: Sequence[Document],
        days: Sequence[Document],
    ) -> None:
        self._units = {one.id: one.during(month) for one in ENTITIES.validate_python(units)}
        self._buildings = {one.id: one.during(month) for one in ENTITIES.validate_python(buildings)}
        self._people: dict[str, set[str]] = {}
        facts: dict[str, list[object]] = {}
        for person in ENTITIES.validate_python(employees):
            history = person.during(month)
            for terms in history:
                self._people.setdefault(terms.unit_id, set()).add(person.id)
            facts.setdefault(person.id, []).append(_stored(history))
        for absence in sorted(ENTITIES.validate_python(absences), key=lambda one: one.id):
            facts.setdefault(absence.employee_id, []).append(_stored(absence.during(month)))
        for day in sorted(DAYS.validate_python(days), key=lambda one: one.id):
            if day.position:
                self._people.setdefault(day.position.unit_id, set()).add(day.employee_id)
                facts.setdefault(day.employee_id, []).append([day.day, asdict(day.position)])
        self._worths = {person_id: worth(of) for person_id, of in facts.items()}
        self._units_in: dict[Seat, set[str]] = {}
        for unit_id in self._units:
            for seat in self._seats(unit_id):
                self._units_in.setdefault(seat, set()).add(unit_id)

    def _seats(self, unit_id: str) -> set[Seat]:
        return {terms.seat for terms in self._units.get(unit_id, ()) if terms.seat}

    def around(self, unit_id: str) -> list[object]:
        """What a unit's electricity depends on besides people."""
        buildings = sorted({seat.building_id for seat in self._seats(unit_id)})
        return [_stored(self._units.get(unit_id)), [_stored(self._buildings.get(building)) for building in buildings]]

    def facts(self, person: str) -> str:
        """A hash of where somebody belonged, when, and when they were away."""
        return self._worths.get(person, "")

    def in_zone(self, unit_id: str) -> dict[str, str]:
        """Everybody who belongs in a unit's zones, and what zones depend on of them."""
        beside = {unit_id}.union(*(self._units_in[seat] for seat in self._seats(unit_id)))
        return {person: self.facts(person) for one in beside for person in self._people.get(one, ())}


def _stored(history: Sequence[Terms] | None) -> list[Stored] | None:
    return None if history is None else [terms.stored for terms in history]


def units(
    unit_months: Sequence[Document], employee_months: Sequence[Document], days: Sequence[Document], where: Where
) -> Units:
    """The units' figures, and whom their numbers are about. Pure."""
    numbers: dict[str, Numbers] = {}
    kinds: dict[str, set[Kind]] = {}
    for one in TOTALS.validate_python(employee_months):
        held = {name: value for name, value in one.stored.items() if name not in IDENTITY}
        numbers.setdefault(one.unit_id, {}).setdefault(str(one.kind), {})[one.employee_id] = worth(held)
        kinds.setdefault(one.unit_id, set()).add(one.kind)
    figures: dict[str, dict[str, Figure]] = {}
    for unit_id, theirs in _by_unit(DAYS.validate_python(days)).items():
        counts = _counts(theirs)
        counted = {name: {who: worth(n) for who, n in of.items()} for name, of in counts.items()}
        numbers[unit_id] = numbers.get(unit_id, {}) | _away(theirs, where.around(unit_id), where) | counted
        figures[unit_id] = _completeness(counts)
    for total in TOTALS.validate_python(unit_months):
        figure = _figure(total, kinds.get(total.unit_id, set()))
        figures.setdefault(total.unit_id, {})[str(total.kind)] = figure
        own = numbers.setdefault(total.unit_id, {})
        if IN_ZONE in figure.numbers and IN_ZONE not in own:
            own[IN_ZONE] = where.in_zone(total.unit_id)
    return {unit_id: Unit(figures.get(unit_id, {}), own) for unit_id, own in numbers.items()}


def _figure(total: Total, own: set[Kind]) -> Figure:
    tags = {name: value for name, value in total.stored.items() if name not in (*IDENTITY, *SUMS)}
    sums = {name: total.stored[name] for name in SUMS if name in total.stored}
    return Figure(tags | {"about": "savings"}, sums, DEFINITIONS[total.category].tells(total.kind, own))


def _by_unit(days: Iterable[Day]) -> dict[str, list[Day]]:
    found: dict[str, list[Day]] = {}
    for one in days:
        found.setdefault(one.counted.unit_id, []).append(one)
    return found


def _away(days: Iterable[Day], around: Sequence[object], where: Where) -> Numbers:
    """Who was away by which factor set, and what the electricity of their unit depends on."""
    found: Numbers = {}
    for one in days:
        if set_id := one.counted.factor_set_id:
            found.setdefault(away_by(set_id), {})[one.employee_id] = worth([around, where.facts(one.employee_id)])
    return found


def _counts(days: Iterable[Day]) -> dict[str, dict[str, int]]:
    """How many days of whom were agreed, realised, not realised, and lack what."""
    found: dict[str, dict[str, int]] = {}
    for one in days:
        numbers = one.counted.numbers
        not_realised = numbers.get(AGREED, 0) - numbers.get(REALISED, 0)
        for name, n in (*numbers.items(), (NOT_REALISED, not_realised)):
            of = found.setdefault(name, {})
            of[one.employee_id] = of.get(one.employee_id, 0) + n
    return {name: {who: n for who, n in of.items() if n} for name, of in found.items()}


def _completeness(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Figure]:
    """Days agreed and realised; and with these, what they lack. What a unit's own day lacks is not published, since its
    counts do not say of whom."""
    days = {name: sum(counts.get(name, {}).values()) for name in (AGREED, REALISED)}
    counted = (AGREED, REALISED, NOT_REALISED)
    figures = {COUNTED: Figure({"about": COUNTED}, days, counted, summed=False)}
    for name in sorted(name for name in counts if name.startswith(LACKS)):
        tags, value = {"about": LACKS, "lacking": name.partition(".")[2]}, {"days": sum(counts[name].values())}
        figures[name] = Figure(tags, value, (*counted, name), summed=False)
    return figures


def worth(of: object) -> str:
    """A hash of what a number holds of somebody: of anything that JSON can hold, days and moments as texts."""
    told = json.dumps(of, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


def added(totals: Sequence[Document]) -> Document:
    """The sum of units' figures of one kind."""
    parts = SUMMED.validate_python(totals)
    amounts: Amounts = {}
    warned = Counter[str]()
    for part in parts:
        amounts = plus(amounts, part.amounts)
        warned.update(part.warnings)
    found: Document = {"days": sum(part.days for part in parts), "amounts": amounts}
    return found | ({"warnings": dict(warned)} if warned else {})
