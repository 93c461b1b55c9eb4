"""What the personnel agency finds wrong or changed: when a month is half over, and again when most of it is."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from demo.province import (
    CAST_PLACES,
    RECORDED_FROM,
    Absence,
    BuildingTerms,
    Person,
    PositionTerms,
    Province,
    Terms,
    UnitTerms,
)

STAFF = ("analis-kebijakan", "arsiparis", "pranata-komputer")


@dataclass
class Amendments:
    """What the personnel agency records on a day: what changes from then on, and what had been wrong all along."""

    people: list[tuple[Person, Terms]] = field(default_factory=list)
    units: list[tuple[str, UnitTerms]] = field(default_factory=list)
    buildings: list[tuple[str, BuildingTerms]] = field(default_factory=list)
    positions: list[tuple[str, PositionTerms]] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)

    def happen(self, province: Province) -> None:
        """So it is from now on."""
        for person, terms in self.people:
            person.amend(terms)
        for code, unit in self.units:
            province.units[code].amend(unit)
        for code, building in self.buildings:
            province.buildings[code].amend(building)
        for code, position in self.positions:
            province.positions[code].amend(position)
        province.absences += self.absences


def amendments(province: Province, chance: random.Random, days: Sequence[date], share: float) -> Amendments:
    """When half is over: transfers, commutes, grades, people who leave; a unit that sits elsewhere, from today or all
    along; allowances; a building that draws more than was said; a position assessed anew; leave and trips. Nothing of
    this concerns the cast, but that somebody of theirs leaves and an allowance ends."""
    day, found = days[len(days) // 2], Amendments()
    fixed = {mandate.acting_nip for mandate in province.mandates} | {province.agency}
    staff = [
        person
        for person in province.people.values()
        if person.history[0].position in STAFF and person.wave is None and person.nip not in fixed
    ]
    staff = [person for person in staff if person.history[0].superior and person.history[0].active]
    leaders = {person.history[0].superior for person in province.people.values()}
    some = chance.sample(staff, min(len(staff), max(5, round(len(staff) * share))))
    for number, person in enumerate(some):
        found.people.append((person, _other_terms(province, chance, number, person, day, staff, leaders)))
    found.absences = _absences(chance, [person for person in staff if person not in some], days)
    _move_units(found, province, chance, day, share)
    found.positions.append(("petugas-loket", PositionTerms(day + timedelta(days=2), True, False)))
    for code in chance.sample(_of_others(province.buildings), max(1, round(len(province.buildings) * share))):
        since = chance.choice((day, RECORDED_FROM))
        found.buildings.append((code, _surveyed_anew(province.buildings[code].history[0], since)))
    if province.cast:
        (leaver,) = [one for one in province.of_unit("ditinggalkan") if one.stays]
        found.people.append((leaver, replace(leaver.history[0], effective_from=day, active=False)))
        allowed = province.units["bersama-b"].history[0]
        found.units.append(("bersama-b", replace(allowed, effective_from=day, meals=False)))
    return found


def _other_terms(
    province: Province,
    chance: random.Random,
    number: int,
    person: Person,
    day: date,
    staff: list[Person],
    leaders: set[str | None],
) -> Terms:
    """Each kind of change in turn."""
    now, other = person.history[0], chance.choice(staff).history[0]
    if number % 5 == 0 or person.nip in leaders:
        superior = other.superior if other.superior != person.nip else now.superior
        return replace(now, effective_from=day, unit=other.unit, superior=superior)
    if number % 5 == 1:
        return replace(now, effective_from=day, active=False)
    if number % 5 == 2:
        return replace(now, grade="IV" if now.grade != "IV" else "III")
    if number % 5 == 3:
        return replace(now, effective_from=day, grade="IV" if now.grade != "IV" else "III")
    if now.commute:
        way = replace(now.commute, round_trip_km=now.commute.round_trip_km + Decimal("1.5"))
        return replace(now, commute=way, effective_from=chance.choice((day, RECORDED_FROM)))
    return replace(now, effective_from=day, grade="II")


def _move_units(found: Amendments, province: Province, chance: random.Random, day: date, share: float) -> None:
    codes = _of_others(province.units)
    for number, code in enumerate(chance.sample(codes, min(len(codes), max(3, round(len(codes) * share))))):
        terms = province.units[code].history[0]
        since = day if number % 2 else RECORDED_FROM
        if number % 3 == 0:
            found.units.append((code, replace(terms, effective_from=since, meals=not terms.meals)))
        else:
            building = chance.choice(_of_others(province.buildings))
            zone = chance.choice(sorted(province.buildings[building].history[0].zones))
            found.units.append((code, replace(terms, effective_from=since, seat=(building, zone))))


def _of_others(codes: Iterable[str]) -> list[str]:
    """The codes of units or buildings that are not the cast's, which nothing else must touch."""
    return sorted(code for code in codes if code not in CAST_PLACES)


def _surveyed_anew(terms: BuildingTerms, since: date) -> BuildingTerms:
    zones = {zone: load + 7 for zone, load in terms.zones.items()}
    return replace(terms, effective_from=since, zones=zones, per_head=terms.per_head + Decimal("0.25"))


def _absences(chance: random.Random, staff: list[Person], days: Sequence[date]) -> list[Absence]:
    """Leave and trips, some reported when they are over."""
    found = []
    for number, person in enumerate(chance.sample(staff, min(len(staff), max(2, len(staff) // 12)))):
        first = chance.choice(days[len(days) // 4 :])
        last = first + timedelta(days=chance.randint(0, 6))
        kind = "leave" if number % 2 else "official_trip"
        found.append(Absence(f"abs-{number:04}", person.nip, kind, first, last))
    return found


def corrections(province: Province) -> Amendments:
    """When most is over, each of its own: somebody whom all thought there has always belonged elsewhere, so that a zone
    had been empty; a unit never sat where it was said to; a grade was wrong. Nothing that comes later settles those
    days anew."""
    found = Amendments()
    if not province.cast:
        return found
    (blocker,) = [one for one in province.of_unit("ditahan") if one.stays]
    elsewhere = province.people[province.agency].history[0].unit
    zone = min(province.buildings["gedung-bkd"].history[0].zones)
    found.people.append((blocker, replace(blocker.history[0], unit=elsewhere)))
    graded = province.of_unit("golongan")[0]
    found.people.append((graded, replace(graded.history[0], grade="IV")))
    there = province.units["bukan-di-sini"].history[0]
    found.units.append(("bukan-di-sini", replace(there, seat=("gedung-bkd", zone))))
    return found
