"""The types of fields that people send: stricter than the library's, which takes numbers for dates."""

import re
import unicodedata
from datetime import date, time
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

YEAR = "2[01][0-9]{2}"
"""Years of months and moments, as a pattern: what lies at the ends of the calendar cannot be computed with."""
MONTH_OR_NONE = f"^({YEAR}-(0[1-9]|1[0-2]))?$"
"""A month, or nothing, as a pattern."""


def _as_day(sent: Any) -> Any:
    if not isinstance(sent, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", sent):
        raise PydanticCustomError("date_from_datetime_parsing", "Input should be a date as YYYY-MM-DD")
    return sent


def _as_moment(sent: Any) -> Any:
    if not isinstance(sent, str) or not re.match(f"{YEAR}-", sent):
        raise PydanticCustomError("datetime_parsing", "Input should be a moment as in RFC 3339, 2000 to 2199")
    return sent


def _as_hour(sent: Any) -> Any:
    if not isinstance(sent, str) or not re.match(r"[0-9]{2}:[0-9]{2}", sent):
        raise PydanticCustomError("time_parsing", "Input should be a time as HH:MM")
    return sent


def clean(text: str) -> str:
    """A text as it is kept. Raises for one that no database can hold."""
    if "\x00" in text:
        raise PydanticCustomError("string_pattern_mismatch", "NUL is not text")
    return unicodedata.normalize("NFC", text)


Day = Annotated[date, BeforeValidator(_as_day)]
Hour = Annotated[time, BeforeValidator(_as_hour)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(clean)]
Month = Annotated[str, StringConstraints(pattern=f"^{YEAR}-(0[1-9]|1[0-2])$")]
Moment = Annotated[AwareDatetime, BeforeValidator(_as_moment)]
PageSize = Annotated[int, Query(ge=1, le=200, description="Most items in a page.")]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9_-]*$",
        max_length=400,
        description="`next_cursor` of the page before, with the same filters; omitted for the first page.",
    ),
]
