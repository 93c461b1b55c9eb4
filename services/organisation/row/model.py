"""What people write into the cells of a sheet, and how it is understood. Pure.

What a cell becomes is written again as it is read, so that a row that was kept is understood as it was.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, NamedTuple
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shared.contracts.organisation import AbsenceKind, ActingKind, Fuel, Grade, Role, UnitKind, Vehicle
from shared.contracts.values import TimeZoneName, ZoneCode

YES_NO = {
    **dict.fromkeys(("ya", "y", "yes", "true", "1"), True),
    **dict.fromkeys(("tidak", "t", "no", "n", "false", "0"), False),
}
"""`t` is tidak: whoever reads it as `true` takes a no for a yes."""

MONTHS = (
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
)
NOT_IN_XML = "\ufffe\uffff"
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Kinds of signs that nobody sees."""


def _day(cell: object) -> object:
    """A date and nothing that the library would take for one, such as a number of seconds: YYYY-MM-DD, or the day first
    and the year in full, as in 31/12/2025 or 31 Desember 2025."""
    if not isinstance(cell, str):
        return cell
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", cell):
        return _date(found[1], found[2], found[3])
    if found := re.fullmatch(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})", cell):
        return _date(found[4], found[3], found[1])
    found = re.fullmatch(r"([0-9]{1,2}) +([a-z]+) +([0-9]{4})", cell.lower())
    if found and found[2] in MONTHS:
        return _date(found[3], MONTHS.index(found[2]) + 1, found[1])
    if re.fullmatch(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}", cell):
        raise PydanticCustomError("year-of-two-digits", "a year is written with four digits")
    raise PydanticCustomError("date_parsing", "a date is written YYYY-MM-DD, or DD/MM/YYYY")


def _date(year: str, month: str | int, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise PydanticCustomError("date_parsing", "no such day; a date is written YYYY-MM-DD, or DD/MM/YYYY") from None


def _yes_no(cell: object) -> bool:
    meant = YES_NO.get(str(cell).strip().lower())
    if meant is None:
        raise PydanticCustomError("bool_parsing", "ya or tidak (yes or no)")
    return meant


def _nip(text: str) -> str:
    """18 digits: birth date, month of appointment, sex, sequence (BKN). Often written in groups, and with an apostrophe
    before it that makes it a text in a spreadsheet."""
    text = re.sub(r"\s", "", text.removeprefix("'"))
    if not re.fullmatch(r"[0-9]{14}[12][0-9]{3}", text):
        raise PydanticCustomError("nip-shape", "a NIP has 18 digits, the 15th being 1 or 2")
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise PydanticCustomError("nip-birth-date", "a NIP begins with a birth date, YYYYMMDD") from None
    return text


def _subject(text: str) -> str:
    """Who signs on is named in events and in every service, where nobody's NIP belongs."""
    if re.search(r"(?<![0-9])[0-9]{14}[12][0-9]{3}(?![0-9])", text):
        raise PydanticCustomError("subject-nip", "a subject that holds no NIP")
    return text


def _person(text: str) -> str:
    return text if re.fullmatch(r"emp-[0-9a-z-]{4,40}", text) else _nip(text)


@cache
def _time_zones() -> frozenset[str]:
    """Those that an event can name."""
    named = TypeAdapter(TimeZoneName)
    return frozenset(zone for zone in available_timezones() if _fits(named, zone))


def _fits(adapter: TypeAdapter[str], text: str) -> bool:
    try:
        return bool(adapter.validate_python(text))
    except ValidationError:
        return False


def _zone(text: str) -> str:
    if text not in _time_zones():
        raise PydanticCustomError("unknown-zone", "not a time zone name")
    return text


def _line(cell: object) -> object:
    return _composed(cell) if isinstance(cell, str) else cell


def _composed(text: str) -> str:
    """Composed before its length is looked at, since that can change it."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") or sign in NOT_IN_XML for sign in text):
        raise PydanticCustomError("control-character", "a text without control characters")
    if text and all(sign.isspace() or unicodedata.category(sign) in HIDDEN for sign in text):
        raise PydanticCustomError("hidden-character", "a text that can be seen")
    return unicodedata.normalize("NFC", text)


def _lines(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return "\n".join(_composed(line) if line.strip() else "" for line in cell.replace("\t", " ").splitlines())


def _code(text: str) -> str:
    """What looks alike is alike: two codes never differ by a sign that nobody sees."""
    for sign in text:
        if unicodedata.category(sign) in HIDDEN or (sign.isspace() and sign != " "):
            raise PydanticCustomError("hidden-character", f"without the sign U+{ord(sign):04X}")
    return text


def _grade(cell: object) -> object:
    """The group of a golongan such as III/a, which is what allowances go by."""
    found = re.fullmatch(r"(I|II|III|IV)(/[a-e])?", str(cell).strip(), re.IGNORECASE)
    return found[1].upper() if found else cell


def _roles(cell: object) -> object:
    return tuple(dict.fromkeys(str(cell).lower().replace(",", " ").split())) if isinstance(cell, str) else cell


def _choice(also: Mapping[str, str]) -> BeforeValidator:
    """One of some words, in small letters; `also` are Indonesian words for them."""

    def meant(cell: object) -> str:
        word = re.sub(r"[\s_-]+", "_", str(cell).strip().lower())
        return also.get(word, word)

    return BeforeValidator(meant)


Day = Annotated[date, BeforeValidator(_day), Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Nip = Annotated[str, AfterValidator(_nip)]
Person = Annotated[str, AfterValidator(_person)]
"""A NIP, or the employee id of somebody who has none on record any more."""

TimeZone = Annotated[str, AfterValidator(_zone)]
Text = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_line)]
Code = Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(_line), AfterValidator(_code)]
Subject = Annotated[Text, AfterValidator(_code), AfterValidator(_subject)]
Reason = Annotated[str, Field(min_length=1, max_length=2000), BeforeValidator(_lines)]
Zone = Annotated[ZoneCode, BeforeValidator(lambda cell: str(cell).lower())]
GradeCell = Annotated[Grade, BeforeValidator(_grade)]
Roles = Annotated[tuple[Role, ...], BeforeValidator(_roles)]
UnitKindCell = Annotated[
    UnitKind,
    _choice({"perangkat_daerah": "agency_unit", "unit_kerja": "org_unit", "unit_organisasi": "org_unit"}),
]
VehicleCell = Annotated[
    Vehicle,
    _choice(
        {
            "motor": "motorcycle",
            "sepeda_motor": "motorcycle",
            "mobil": "car",
            "listrik": "electric",
            "kendaraan_listrik": "electric",
            "angkutan_umum": "transit",
            "sepeda": "active",
            "jalan_kaki": "active",
        }
    ),
]
FuelCell = Annotated[Fuel, _choice({})]
ActingKindCell = Annotated[ActingKind, _choice({})]
AbsenceKindCell = Annotated[
    AbsenceKind,
    _choice(
        {"cuti": "leave", "dinas_luar": "official_trip", "perjalanan_dinas": "official_trip", "dl": "official_trip"}
    ),
]


class Fault(NamedTuple):
    """What is wrong with a row, in the library's words: where, the rule, and why."""

    column: str
    rule: str
    reason: str


def faults_of(wrong: ValidationError) -> list[Fault]:
    """Every fault, without the values of cells, which name people."""
    found = wrong.errors(include_url=False, include_input=False, include_context=False)
    return [Fault(str(one["loc"][0]) if one["loc"] else "", one["type"], one["msg"]) for one in found]
