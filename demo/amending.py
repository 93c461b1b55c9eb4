"""What the personnel agency finds wrong or changed when a month is half over."""

import random
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from demo.province import BuildingTerms, Person, Province, Terms, UnitTerms


@dataclass
class Amendments:
    """What the personnel agency records on a day: transfers from then on, and what had been wrong all along."""

    people: list[tuple[Person, Terms]]
    units: list[tuple[str, UnitTerms]]
    buildings: list[tuple[str, BuildingTerms]]


def amendments(province: Province, chance: random.Random, day: date, share: float) -> Amendments:
    """Transfers, commutes and grades; a unit that sits elsewhere; allowances; a zone that draws more than was said."""
    found = Amendments([], [], [])
    staff = [
        p for p in province.people.values() if p.history[0].position in ("analis-kebijakan", "arsiparis") and not p.wave
    ]
    for person in chance.sample(staff, min(len(staff), max(2, round(len(staff) * share)))):
        now = person.on(day)
        other = chance.choice([p for p in staff if p.on(day).superior and p.nip != person.nip] or [person]).on(day)
        kind = chance.random()
        if kind < 0.4:
            found.people.append((person, replace(now, effective_from=day, unit=other.unit, superior=other.superior)))
        elif kind < 0.6:
            found.people.append((person, replace(now, effective_from=person.history[0].effective_from, grade="IV")))
        elif now.commute:
            way = replace(now.commute, round_trip_km=now.commute.round_trip_km + Decimal("1.5"))
            found.people.append((person, replace(now, effective_from=person.history[0].effective_from, commute=way)))
    codes = sorted(province.units)
    for code in chance.sample(codes, max(1, round(len(codes) * share))):
        terms = province.units[code].history[0]
        if chance.random() < 0.5:
            found.units.append((code, replace(terms, meals=not terms.meals)))
        elif terms.seat:
            zones = sorted(province.buildings[terms.seat[0]].history[0].zones)
            found.units.append((code, replace(terms, seat=(terms.seat[0], chance.choice(zones)))))
    for code in chance.sample(sorted(province.buildings), max(1, round(len(province.buildings) * share))):
        surveyed = province.buildings[code].history[0]
        more = {zone: load + 7 for zone, load in surveyed.zones.items()}
        found.buildings.append((code, replace(surveyed, zones=more, per_head=surveyed.per_head + Decimal("0.125"))))
    return found
