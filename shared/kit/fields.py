"""The types of fields that people send: stricter than the library's, which takes numbers for dates."""

import unicodedata
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError


def _only_text(sent: Any) -> Any:
    if not isinstance(sent, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    return sent


def _clean(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("string_pattern_mismatch", "NUL is not text")
    return unicodedata.normalize("NFC", text)


Day = Annotated[date, BeforeValidator(_only_text)]
Hour = Annotated[time, BeforeValidator(_only_text)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_clean)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
PageSize = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(max_length=400)]
