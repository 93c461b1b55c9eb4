"""What must have been saved, worked out apart: from what the player did and saw accepted, and the published formulas.

Nothing here comes from the services or their kit (a lint rule keeps it so). Fuel: litres = (D - D_alt) / occupants /
km-per-litre x (1 - rebound); rupiah = litres x price of the day; every entry rounded once, half to even.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from demo.province import Person

MILLION = 1_000_000
REBOUND = (Fraction(0), Fraction(15, 100), Fraction(40, 100))
KM_PER_LITRE = {"motorcycle": (30, 40, 50), "car": (8, 10, 12)}
DEFAULT_FUEL = "pertalite"
PRICES_SEN = {
    "pertalite": ((date(2022, 9, 3), 1_000_000),),
    "pertamax": ((date(2026, 1, 1), 1_235_000), (date(2026, 2, 1), 1_180_000)),
}
FACTOR_SET = "fac-jabar-2026"
Amounts = tuple[int, int, int, int, int, int, int]
"""Days; microlitres low, central, high; sen low, central, high."""
NOTHING: Amounts = (0, 0, 0, 0, 0, 0, 0)


@dataclass
class Work:
    """An approved request, as its employee and superior know it."""

    nip: str
    days: list[date]
    away: bool
    alt_km: Decimal
    outputs: dict[str, date]
    cancelled: bool = False
    verified: set[str] = field(default_factory=set)


@dataclass
class Bounds:
    """Low and high of what the published factor set drew: kept share in millionths, microlitres per km by vehicle."""

    kept_ppm: tuple[int, int]
    microlitres_per_km: dict[str, tuple[int, int]]

    def implausible(self, seed: int = 7, draws: int = 20_000) -> list[str]:
        """Draw again, independently; names the bounds that are further than 2 % off the tenth and ninetieth centile."""
        chance = random.Random(seed)
        low, mode, high = (float(share) for share in REBOUND)
        kept = [1 - _triangle(chance, low, high, mode) for _ in range(draws)]
        found = {"kept share": (self.kept_ppm, kept)}
        for vehicle, (least, usual, most) in KM_PER_LITRE.items():
            drawn = [share / _triangle(chance, least, most, usual) for share in kept]
            found[vehicle] = (self.microlitres_per_km[vehicle], drawn)
        return [name for name, (said, drawn) in found.items() if not _near(said, drawn)]


def _triangle(chance: random.Random, low: float, high: float, mode: float) -> float:
    """A triangular draw by its inverse distribution."""
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

    people: Mapping[str, Person]
    works: dict[str, Work] = field(default_factory=dict)

    def approved(self, request_id: str, work: Work) -> None:
        self.works[request_id] = work

    def cancelled(self, request_id: str) -> None:
        """Withdrawn or revoked; nothing of it counts, whatever had been verified."""
        if request_id in self.works:
            self.works[request_id].cancelled = True

    def verified(self, request_id: str, output_id: str) -> None:
        self.works[request_id].verified.add(output_id)

    def verification_withdrawn(self, request_id: str, output_id: str) -> None:
        self.works[request_id].verified.discard(output_id)

    def realised(self, today: date) -> Iterator[tuple[Work, date]]:
        """Days that count: approved, not cancelled, over, and all their outputs verified. Each day once."""
        for work in self.works.values():
            for day in work.days:
                due = {id_ for id_, of in work.outputs.items() if of == day}
                if not work.cancelled and day < today and due <= work.verified:
                    yield work, day

    def expected(self, today: date, bounds: Bounds) -> tuple[dict[str, Amounts], dict[str, Amounts]]:
        """By `unit|month|factor set`, and the same with `nip|` before it."""
        by_unit: dict[str, Amounts] = {}
        by_person: dict[str, Amounts] = {}
        for work, day in self.realised(today):
            terms = self.people[work.nip].on(day)
            if work.away and terms.commute:
                entry = _entry(self.people[work.nip], work, day, bounds)
                cell = f"{terms.unit}|{day:%Y-%m}|{FACTOR_SET}"
                by_unit[cell] = _plus(by_unit.get(cell, NOTHING), entry)
                own = f"{work.nip}|{cell}"
                by_person[own] = _plus(by_person.get(own, NOTHING), entry)
        return by_unit, by_person


def _entry(person: Person, work: Work, day: date, bounds: Bounds) -> Amounts:
    commute = person.on(day).commute
    assert commute, "only days with a commute are entered"
    if commute.vehicle not in KM_PER_LITRE:
        return (1, 0, 0, 0, 0, 0, 0)
    km = Fraction(commute.round_trip_km) - Fraction(work.alt_km)
    kept = 1 - REBOUND[1]
    if commute.km_per_litre:
        per_litre = Fraction(commute.km_per_litre)
        low, central, high = (
            Fraction(bounds.kept_ppm[0], MILLION) / per_litre,
            kept / per_litre,
            Fraction(bounds.kept_ppm[1], MILLION) / per_litre,
        )
    else:
        drawn = bounds.microlitres_per_km[commute.vehicle]
        central = kept / KM_PER_LITRE[commute.vehicle][1]
        low, high = Fraction(drawn[0], MILLION), Fraction(drawn[1], MILLION)
    if km < 0:
        low, high = high, low
    litres = [km * each / commute.occupants for each in (low, central, high)]
    price = max(known for known in PRICES_SEN[commute.fuel or DEFAULT_FUEL] if known[0] <= day)[1]
    micro = [round(each * MILLION) for each in litres]
    sen = [round(each * price) for each in litres]
    return (1, micro[0], micro[1], micro[2], sen[0], sen[1], sen[2])


def _plus(one: Amounts, other: Amounts) -> Amounts:
    a, b, c, d, e, f, g = (x + y for x, y in zip(one, other, strict=True))
    return (a, b, c, d, e, f, g)


def differences(expected: Mapping[str, Amounts], found: Mapping[str, Amounts]) -> list[str]:
    """Every cell in which the two accounts differ; a cell that one does not have is nothing there."""
    return [
        f"{cell}: expected {expected.get(cell, NOTHING)}, found {found.get(cell, NOTHING)}"
        for cell in sorted(expected.keys() | found.keys())
        if expected.get(cell, NOTHING) != found.get(cell, NOTHING)
    ]
