"""Why pydantic does not take a value, for those who read Indonesian. English is its own."""

import re

from shared.kit.base.catalogue import read_language

FIELD_REASONS = read_language("shared.kit.base", "messages/reasons", "id")
"""By the library's name of the reason. `{}` stands for the limit or the choices that its sentence names."""

_FOUND_BY = {"enum": r"should be (.+)", "literal_error": r"should be (.+)"}
_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?)"


def reason(kind: str, english: str, language: str) -> str:
    """Why a value is not taken. Where the library's sentence names a limit or choices, so does ours."""
    if language != "id":
        return english
    sentence = FIELD_REASONS.get(kind, "tidak sah")
    if "{}" not in sentence:
        return sentence
    found = re.search(_FOUND_BY.get(kind, _NUMBER), english)
    if found is None:
        return sentence.partition(":")[0]
    return sentence.format(found[1].replace(" or ", " atau "))
