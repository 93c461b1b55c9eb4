"""What people write into the cells of a sheet, and how it is understood. Pure."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.contracts.organisation import Grade, Role
from shared.contracts.values import ZoneCode

YES_NO = {"ya": True, "yes": True, "true": True, "1": True, "tidak": False, "no": False, "false": False, "0": False}
NOT_IN_XML = "\ufffe\uffff"


def _day(cell: Any) -> Any:
    """A date and nothing that the library would take for one, such as a number of seconds."""
    if isinstance(cell, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise PydanticCustomError("date_parsing", "a date is written YYYY-MM-DD")
    return cell


def _nip(text: str) -> str:
    """18 digits: birth date, month of appointment, sex, sequence (BKN)."""
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


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError("unknown-zone", "not a time zone name")
    return text


def _line(text: str) -> str:
    if any(unicodedata.category(sign) == "Cc" or sign in NOT_IN_XML for sign in text):
        raise PydanticCustomError("control-character", "a text without control characters")
    return unicodedata.normalize("NFC", text)


def _lines(text: str) -> str:
    return "\n".join(_line(line) for line in text.replace("\t", " ").splitlines())


def _grade(cell: Any) -> Any:
    """The group of a golongan such as III/a, which is what allowances go by."""
    found = re.fullmatch(r"(I|II|III|IV)(/[a-e])?", str(cell).strip(), re.IGNORECASE)
    return found[1].upper() if found else cell


Day = Annotated[date, BeforeValidator(_day), Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
YesNo = Annotated[bool, BeforeValidator(lambda cell: YES_NO.get(str(cell).lower(), cell))]
Nip = Annotated[str, AfterValidator(_nip)]
Person = Annotated[str, AfterValidator(_person)]
"""A NIP, or the employee id of somebody who has none on record any more."""

TimeZone = Annotated[str, AfterValidator(_zone)]
Code = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_line)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Subject = Annotated[Text, AfterValidator(_subject)]
Reason = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_lines)]
Zone = Annotated[ZoneCode, BeforeValidator(lambda cell: str(cell).lower())]
GradeCell = Annotated[Grade, BeforeValidator(_grade)]
Roles = Annotated[tuple[Role, ...], BeforeValidator(lambda cell: tuple(str(cell).split()))]
