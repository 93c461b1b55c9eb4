"""People, units and commutes that do not exist, from a seed: plausible, and the same for the same seed."""

import csv
import io
import random
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

PILOT_UNITS = (
    ("biro-organisasi", "Biro Organisasi"),
    ("biro-adpim", "Biro Administrasi Pimpinan"),
    ("diskominfo", "Dinas Komunikasi dan Informatika"),
    ("bkd", "Badan Kepegawaian Daerah"),
)
"""Where MKD was tried first in 2023."""

POSITIONS = (
    ("analis-kebijakan", True, False),
    ("pranata-komputer", True, False),
    ("analis-sdm", True, False),
    ("arsiparis", True, False),
    ("pengolah-data", True, False),
    ("petugas-loket", True, True),
    ("pengemudi", False, False),
    ("kepala-bagian", True, False),
)
"""Code, measurable, contact with the public."""

STAFF_POSITIONS = ("analis-kebijakan", "pranata-komputer", "analis-sdm", "arsiparis", "pengolah-data")
SYLLABLES = ("ra", "ni", "di", "su", "wa", "ti", "ka", "mu", "le", "yo", "pa", "sa", "ri", "no", "ma", "ha", "in", "ek")
SPAN = 9
RECORDED_FROM = date(2025, 1, 1)


@dataclass(frozen=True)
class Commute:
    """A way to work, as surveyed. Empty `km_per_litre`: the rider did not say."""

    round_trip_km: Decimal
    vehicle: str
    fuel: str
    km_per_litre: Decimal | None
    occupants: int


@dataclass(frozen=True)
class Terms:
    """Where somebody stands from a day on."""

    effective_from: date
    unit: str
    position: str
    superior: str | None
    commute: Commute | None
    roles: str = ""


@dataclass
class Person:
    """Somebody who does not exist, by NIP."""

    nip: str
    name: str
    subject: str
    history: list[Terms] = field(default_factory=list)

    def on(self, day: date) -> Terms:
        """Their terms on a day."""
        return self.history[bisect_right([terms.effective_from for terms in self.history], day) - 1]

    def amend(self, terms: Terms) -> None:
        """From that day on these terms hold, in place of any of the same day."""
        kept = [known for known in self.history if known.effective_from != terms.effective_from]
        self.history = sorted([*kept, terms], key=lambda known: known.effective_from)


@dataclass
class Province:
    """Everybody, by NIP; who may load sheets besides the administrator, and who reads all figures."""

    people: dict[str, Person]
    agency: str


def make(seed: int, employees: int) -> Province:
    """A province of `employees` people in the pilot units, under one secretary."""
    chance = random.Random(seed)
    people: dict[str, Person] = {}
    secretary = _person(chance, people)
    secretary.history.append(Terms(RECORDED_FROM, PILOT_UNITS[0][0], "kepala-bagian", None, _commute(chance)))
    for number, (unit, _) in enumerate(PILOT_UNITS):
        size = (employees - 1) // len(PILOT_UNITS) + (number < (employees - 1) % len(PILOT_UNITS))
        _staff(chance, people, unit, size, secretary.nip)
    agency = next(nip for nip, person in people.items() if person.history[0].unit == "bkd")
    people[agency].history[0] = replace(people[agency].history[0], roles="personnel_agency")
    return Province(people, agency)


def _staff(chance: random.Random, people: dict[str, Person], unit: str, size: int, secretary: str) -> None:
    """A head, leads of about nine each, and those they lead."""
    head = lead = secretary
    for number in range(size):
        person = _person(chance, people)
        if number == 0:
            superior, position, head = secretary, "kepala-bagian", person.nip
        elif number % (SPAN + 1) == 1:
            superior, position, lead = head, "kepala-bagian", person.nip
        else:
            superior, position = lead, chance.choice(STAFF_POSITIONS)
            if chance.random() < 0.12:
                position = chance.choice(("petugas-loket", "pengemudi"))
        commute = _commute(chance) if chance.random() < 0.97 else None
        person.history.append(Terms(RECORDED_FROM, unit, position, superior, commute))


def _person(chance: random.Random, people: dict[str, Person]) -> Person:
    while True:
        born = date(chance.randint(1967, 2000), chance.randint(1, 12), chance.randint(1, 28))
        appointed = f"{born.year + 23}{chance.randint(1, 12):02}"
        nip = f"{born:%Y%m%d}{appointed}{chance.randint(1, 2)}{chance.randint(1, 999):03}"
        if nip not in people:
            break
    name = " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).title() for _ in range(2))
    people[nip] = Person(nip, name, f"{chance.getrandbits(128):032x}")
    return people[nip]


def _commute(chance: random.Random) -> Commute:
    distance = Decimal(round(min(2 + chance.lognormvariate(2.6, 0.6), 90) * 10)) / 10
    vehicle = chance.choices(("motorcycle", "car", "transit", "electric", "active"), (66, 22, 7, 3, 2))[0]
    stated = {"motorcycle": (300, 520), "car": (75, 140)}.get(vehicle)
    km_per_litre = Decimal(chance.randint(*stated)) / 10 if stated and chance.random() < 0.5 else None
    fuel = "" if vehicle not in ("motorcycle", "car") else chance.choice(("pertalite", "pertalite", "pertamax", ""))
    occupants = 2 if vehicle == "car" and chance.random() < 0.15 else 1
    return Commute(distance, vehicle, fuel, km_per_litre, occupants)


def units_sheet() -> str:
    """The pilot units as a sheet to load."""
    return _sheet([{"unit_code": c, "name": name, "effective_from": RECORDED_FROM} for c, name in PILOT_UNITS])


def positions_sheet() -> str:
    """The positions and their assessment as a sheet to load."""
    rows = [
        {"position_code": c, "measurable": "ya" if m else "tidak", "public_contact": "ya" if p else "tidak"}
        for c, m, p in POSITIONS
    ]
    return _sheet([row | {"effective_from": RECORDED_FROM} for row in rows])


def employees_sheet(people: list[tuple[Person, Terms]]) -> str:
    """People with some of their terms as a sheet to load."""
    return _sheet([_row(person, terms) for person, terms in people])


def _row(person: Person, terms: Terms) -> dict[str, object]:
    way = terms.commute
    return {
        "nip": person.nip,
        "name": person.name,
        "subject": person.subject,
        "unit_code": terms.unit,
        "position_code": terms.position,
        "superior_nip": terms.superior or "",
        "roles": terms.roles,
        "round_trip_km": way.round_trip_km if way else "",
        "vehicle": way.vehicle if way else "",
        "fuel": way.fuel if way else "",
        "km_per_litre": (way and way.km_per_litre) or "",
        "occupants": way.occupants if way else 1,
        "effective_from": terms.effective_from,
    }


def _sheet(rows: list[dict[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
