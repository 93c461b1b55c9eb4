"""People, units, buildings and commutes that do not exist, from a seed: plausible, and the same for the same seed."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

PILOT_AGENCIES = (
    ("biro-organisasi", "Biro Organisasi", "gedung-setda"),
    ("biro-adpim", "Biro Administrasi Pimpinan", "gedung-setda"),
    ("diskominfo", "Dinas Komunikasi dan Informatika", "gedung-diskominfo"),
    ("bkd", "Badan Kepegawaian Daerah", "gedung-bkd"),
)
"""Where MKD was tried first in 2023, and the building each sits in."""

OTHER_AGENCIES = [
    "Inspektorat Daerah",
    "Sekretariat DPRD",
    "Biro Hukum",
    "Biro Umum",
    "Biro Perekonomian",
    "Biro Kesejahteraan Rakyat",
    "Biro Pemerintahan",
    "Biro Pengadaan Barang dan Jasa",
    "Biro BUMD dan Investasi",
    "Dinas Pendidikan",
    "Dinas Kesehatan",
    "Dinas Bina Marga",
    "Dinas Sumber Daya Air",
    "Dinas Perumahan",
    "Dinas Sosial",
    "Dinas Tenaga Kerja",
    "Dinas Perhubungan",
    "Dinas Pemberdayaan Masyarakat Desa",
    "Dinas Pemberdayaan Perempuan",
    "Dinas Ketahanan Pangan",
    "Dinas Lingkungan Hidup",
    "Dinas Kependudukan",
    "Dinas Koperasi",
    "Dinas Penanaman Modal",
    "Dinas Pemuda dan Olahraga",
    "Dinas Perpustakaan",
    "Dinas Kelautan",
    "Dinas Pariwisata",
    "Dinas Tanaman Pangan",
    "Dinas Perkebunan",
    "Dinas Kehutanan",
    "Dinas Energi",
    "Dinas Perindustrian",
    "Satpol PP",
    "Badan Perencanaan",
    "Badan Pengelolaan Keuangan",
    "Badan Pendapatan",
    "Badan Pengembangan SDM",
    "Badan Penanggulangan Bencana",
    "Badan Kesbangpol",
    "Badan Penghubung",
]
"""The other perangkat daerah, 45 with the pilots'."""

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

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
AFAR = (WITA, WIT, WIT)
"""Where an agency's outposts may be; days there end an hour or two before those of the province."""

STAFF_POSITIONS = ("analis-kebijakan", "pranata-komputer", "analis-sdm", "arsiparis", "pengolah-data")
SYLLABLES = ("ra", "ni", "di", "su", "wa", "ti", "ka", "mu", "le", "yo", "pa", "sa", "ri", "no", "ma", "ha", "in", "ek")
SPAN = 9
RECORDED_FROM = date(2025, 1, 1)
FULL_SIZE = 8871
PILOT_SIZE = 320


class Dated(Protocol):
    """Terms that hold from a day on."""

    @property
    def effective_from(self) -> date: ...


T = TypeVar("T", bound=Dated)


@dataclass
class Entity(Generic[T]):
    """Something with a history."""

    history: list[T] = field(default_factory=list)

    def on(self, day: date) -> T:
        """The terms on a day."""
        return self.history[bisect_right([terms.effective_from for terms in self.history], day) - 1]

    def amend(self, terms: T) -> None:
        """From that day on these terms hold, in place of any of the same day."""
        kept = [known for known in self.history if known.effective_from != terms.effective_from]
        self.history = sorted([*kept, terms], key=lambda known: known.effective_from)


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
    grade: str = "III"
    roles: str = ""
    active: bool = True


@dataclass(frozen=True)
class UnitTerms:
    """A unit from a day on: its seat is a building and a zone, if anybody has said where it sits."""

    effective_from: date
    name: str
    parent: str | None
    seat: tuple[str, str] | None
    meals: bool
    public_facing: bool = False
    time_zone: str = WIB


@dataclass(frozen=True)
class BuildingTerms:
    """A building from a day on, in kWh a working day."""

    effective_from: date
    name: str
    base: Decimal
    per_head: Decimal
    tariff: str
    zones: dict[str, int]

    @property
    def base_wh(self) -> int:
        return int(self.base * 1000)

    @property
    def per_head_wh(self) -> int:
        return int(self.per_head * 1000)


@dataclass(frozen=True)
class PositionTerms:
    """What the two criteria say of a position from a day on."""

    effective_from: date
    measurable: bool
    public_contact: bool


@dataclass(frozen=True)
class Absence:
    """Somebody is on leave or on an official trip."""

    code: str
    nip: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True)
class Mandate:
    """Somebody acts for another for some days."""

    code: str
    kind: str
    for_nip: str
    acting_nip: str
    first: date
    last: date

    def holds(self, for_nip: str | None, day: date) -> bool:
        """Whether somebody acts for a person on a day."""
        return self.for_nip == for_nip and self.first <= day <= self.last


@dataclass
class Person(Entity[Terms]):
    """Somebody who does not exist, by NIP. `wave` is the weekday that a team likes to be away on together; `steady` are
    those who always are, and never at any other time; `stays` are those who never are."""

    nip: str = ""
    name: str = ""
    subject: str = ""
    wave: int | None = None
    steady: bool = False
    stays: bool = False
    asks: bool = False
    """Whether they ask all the same, once, and are refused: they are in contact with the public."""


@dataclass
class Province:
    """Everybody, by NIP; who reads all figures and loads sheets besides the administrator; units, buildings and
    positions by code; absences and mandates. `cast` are the units of which something special is told."""

    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Entity[UnitTerms]] = field(default_factory=dict)
    buildings: dict[str, Entity[BuildingTerms]] = field(default_factory=dict)
    positions: dict[str, Entity[PositionTerms]] = field(default_factory=dict)
    absences: list[Absence] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)
    agency: str = ""
    cast: bool = False

    def heads(self, day: date) -> Counter[str]:
        """How many active people belong to each unit on a day."""
        terms = (person.on(day) for person in self.people.values())
        return Counter(of.unit for of in terms if of.active)

    def zone_of(self, person: Person, day: date) -> str:
        """The time zone of somebody's unit."""
        return self.units[person.on(day).unit].on(day).time_zone

    def absent(self, nip: str, day: date) -> bool:
        """Whether somebody is on leave or on a trip."""
        return any(one.nip == nip and one.first <= day <= one.last for one in self.absences)

    def of_unit(self, unit: str) -> list[Person]:
        """Who was in a unit from the beginning."""
        return [person for person in self.people.values() if person.history[0].unit == unit]


def make(seed: int, employees: int) -> Province:
    """A province of `employees` people: the four pilot agencies, and more of the 45 as it grows, under one
    secretary."""
    chance = random.Random(seed)
    province = Province()
    for position, measurable, public in POSITIONS:
        province.positions[position] = Entity([PositionTerms(RECORDED_FROM, measurable, public)])
    agencies = _agencies(employees)
    province.cast = employees >= CAST_FROM
    others = employees - 1 - CAST_SIZE * province.cast
    for number, (code, name, building) in enumerate(agencies):
        size = others // len(agencies) + (number < others % len(agencies))
        _found_agency(chance, province, code, name, building, size)
    secretary = _person(chance, province.people)
    first = next(code for code in province.units if code.startswith(agencies[0][0]))
    secretary.history.append(Terms(RECORDED_FROM, first, "kepala-bagian", None, _commute(chance), "IV"))
    for person in province.people.values():
        if person.history[0].superior is None and person is not secretary:
            person.history[0] = replace(person.history[0], superior=secretary.nip)
    if province.cast:
        _gather_cast(chance, province, secretary.nip)
    agency = next(nip for nip, person in province.people.items() if person.history[0].unit.startswith("bkd"))
    province.people[agency].history[0] = replace(province.people[agency].history[0], roles="personnel_agency")
    province.agency = agency
    return province


def _agencies(employees: int) -> list[tuple[str, str, str]]:
    wanted = round(len(OTHER_AGENCIES) * min(1, max(0, employees - PILOT_SIZE) / (FULL_SIZE - PILOT_SIZE)))
    others = [(name.lower().replace(" ", "-"), name) for name in OTHER_AGENCIES[:wanted]]
    return [*PILOT_AGENCIES, *((code, name, f"gedung-{code}") for code, name in others)]


def _found_agency(chance: random.Random, province: Province, code: str, name: str, building: str, size: int) -> None:
    """An agency with its units: a leading one, and others of three to thirty people, seated in the zones of a
    building."""
    meals, public = chance.random() < 0.6, chance.random() < 0.15
    parts: list[int] = []
    while sum(parts) < size:
        parts.append(min(size - sum(parts), chance.choice((3, 4, 5, 8, 12, 20, 30))))
    if building not in province.buildings:
        _build(chance, province, building)
    zones = province.buildings[building].history[0].zones
    first = len([z for z in zones if any(_sits(unit, building, z) for unit in province.units.values())])
    head = None
    for number, people in enumerate(parts):
        unit = f"{code}-{number:02}"
        zone = f"z{(first + number // chance.choice((1, 1, 2))) % 40:02}"
        zones.setdefault(zone, chance.randint(15, 140))
        seat = (building, zone) if chance.random() < 0.95 else None
        parent = f"{code}-00" if number else None
        title = f"{name}, bagian {number}" if number else name
        afar = chance.choice(AFAR) if number and number == len(parts) - 1 else WIB
        terms = UnitTerms(RECORDED_FROM, title, parent, seat, meals, public and number > 0, afar)
        province.units[unit] = Entity([terms])
        head = _staff(chance, province.people, unit, people, head)


def _sits(unit: Entity[UnitTerms], building: str, zone: str) -> bool:
    return unit.history[0].seat == (building, zone)


def _build(chance: random.Random, province: Province, code: str) -> None:
    terms = BuildingTerms(
        RECORDED_FROM,
        code.replace("-", " ").title(),
        Decimal(chance.randint(300, 4000)),
        Decimal(chance.randint(60, 180)) / 100,
        chance.choice(("P-1/TR", "P-2/TM")),
        {},
    )
    province.buildings[code] = Entity([terms])


def _staff(chance: random.Random, people: dict[str, Person], unit: str, size: int, head: str | None) -> str:
    """A unit's head, leads of about nine each, and those they lead; the first unit's head leads the other heads."""
    first = lead = ""
    wave = chance.choice((3, 4, 5)) if size <= 5 else None
    for number in range(size):
        person = _person(chance, people)
        person.wave = wave
        superior: str | None
        if number == 0:
            superior, position, first, lead = head, "kepala-bagian", person.nip, person.nip
        elif number % (SPAN + 1) == 0:
            superior, position, lead = first, "kepala-bagian", person.nip
        else:
            superior, position = lead, chance.choice(STAFF_POSITIONS)
            if chance.random() < 0.12 and wave is None:
                position = chance.choice(("petugas-loket", "pengemudi"))
        commute = _commute(chance) if chance.random() < 0.97 else None
        grade = chance.choices(("I", "II", "III", "IV", ""), (2, 22, 58, 15, 3))[0]
        active = bool(position == "kepala-bagian" or person.nip in (first, lead) or chance.random() > 0.03)
        person.history.append(Terms(RECORDED_FROM, unit, position, superior, commute, grade, active=active))
    return head or first


WAVE = 3
"""The cast is away on Wednesdays."""

CAST = (
    ("bersama-a", "gedung-timur", "t0", WIT, ("steady", "steady")),
    ("bersama-b", "gedung-timur", "t0", WIT, ("steady", "steady")),
    ("ditahan", "gedung-utara", "t1", WIB, ("steady", "steady", "stays")),
    ("tinggal", "gedung-barat", "t2", WIB, ("steady", "steady")),
    ("bukan-di-sini", "gedung-barat", "t2", WIB, ("asks",)),
    ("golongan", "gedung-selatan", "t3", WIB, ("steady", "steady", "inactive")),
    ("ditinggalkan", "gedung-tengah", "t4", WITA, ("steady", "steady", "leaves")),
)
"""Units of which each has a story, far from the others' so that none heals another: their building, zone and people.
Two share a zone that empties; one is held open by somebody who will turn out to be elsewhere; one by a unit that will
turn out never to have sat there; one has somebody inactive, and a grade that was wrong; one is left by somebody."""

CAST_PLACES = {place for code, building, *_ in CAST for place in (code, building)}
CAST_SIZE = sum(len(people) for *_, people in CAST)
CAST_FROM = 40


def _gather_cast(chance: random.Random, province: Province, superior: str) -> None:
    parent = next(iter(province.units))
    for code, building, zone, time_zone, people in CAST:
        if building not in province.buildings:
            _build(chance, province, building)
        province.buildings[building].history[0].zones[zone] = chance.randint(15, 140)
        name = code.replace("-", " ").title()
        terms = UnitTerms(RECORDED_FROM, name, parent, (building, zone), meals=True, time_zone=time_zone)
        province.units[code] = Entity([terms])
        for part in people:
            person = _person(chance, province.people)
            person.wave, person.steady = WAVE, part == "steady"
            person.stays = not person.steady
            active = part != "inactive"
            position = {"steady": "analis-kebijakan", "asks": "petugas-loket"}.get(part, "pengemudi")
            person.asks = part == "asks"
            person.history.append(
                Terms(RECORDED_FROM, code, position, superior, _commute(chance), "III", active=active)
            )


def _person(chance: random.Random, people: dict[str, Person]) -> Person:
    while True:
        born = date(chance.randint(1967, 2000), chance.randint(1, 12), chance.randint(1, 28))
        appointed = f"{born.year + 23}{chance.randint(1, 12):02}"
        nip = f"{born:%Y%m%d}{appointed}{chance.randint(1, 2)}{chance.randint(1, 999):03}"
        if nip not in people:
            break
    name = " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).title() for _ in range(2))
    people[nip] = Person([], nip, name, f"{chance.getrandbits(128):032x}")
    return people[nip]


def _commute(chance: random.Random) -> Commute:
    distance = Decimal(round(min(2 + chance.lognormvariate(2.6, 0.6), 90) * 10)) / 10
    vehicle = chance.choices(("motorcycle", "car", "transit", "electric", "active"), (66, 22, 7, 3, 2))[0]
    stated = {"motorcycle": (300, 520), "car": (75, 140)}.get(vehicle)
    km_per_litre = Decimal(chance.randint(*stated)) / 10 if stated and chance.random() < 0.5 else None
    fuel = "" if vehicle not in ("motorcycle", "car") else chance.choice(("pertalite", "pertalite", "pertamax", ""))
    occupants = 2 if vehicle == "car" and chance.random() < 0.15 else 1
    return Commute(distance, vehicle, fuel, km_per_litre, occupants)


def mandates(province: Province, chance: random.Random, days: Sequence[date]) -> list[Mandate]:
    """Some heads are away for a few days, and another of their agency acts for them."""
    heads: dict[str, list[str]] = {}
    for nip, person in province.people.items():
        terms = person.history[0]
        if terms.position == "kepala-bagian" and terms.superior and terms.active:
            heads.setdefault(terms.unit.rpartition("-")[0], []).append(nip)
    found = []
    for agency, nips in sorted(heads.items()):
        if len(nips) > 2 and chance.random() < 0.5:
            absent, acting = chance.sample(nips, 2)
            start = chance.randrange(max(1, len(days) - 4))
            last = days[min(start + chance.randint(1, 4), len(days) - 1)]
            found.append(Mandate(f"plh-{agency}", "plh", absent, acting, days[start], last))
    return found
