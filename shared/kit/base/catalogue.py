"""Messages for people, by name and language: data in `messages/<language>.json` beside the code that uses them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("id", "en")
Messages = Mapping[str, str]
"""By name. `{name}` stands for a fact, `{count:row|rows}` for the first word where the count is one."""


@dataclass(frozen=True)
class Catalogue:
    """Messages by language, the same names in each."""

    by_language: Mapping[str, Messages]

    def __contains__(self, name: object) -> bool:
        return name in self.by_language[LANGUAGES[0]]

    def __or__(self, other: "Catalogue") -> "Catalogue":
        """These and others, which take the place of those of the same name."""
        return Catalogue({one: {**self.by_language[one], **other.by_language[one]} for one in LANGUAGES})

    def text(self, language: str, name: str, facts: Mapping[str, Any] | None = None) -> str:
        """A message with its facts. Raises `KeyError` for a name or a fact that is missing."""
        return _Facts(language).vformat(self.by_language[language][name], (), facts or {})

    def template(self, language: str, name: str) -> str:
        """A message as it reads without its facts, with their names in braces."""
        return re.sub(r"\{\w+:[^|}]*\|([^}]*)\}", r"\1", self.by_language[language][name])


@cache
def read(package: str, folder: str = "messages") -> Catalogue:
    """The catalogue of a package, read once."""
    return Catalogue({language: read_language(package, folder, language) for language in LANGUAGES})


def read_language(package: str, folder: str, language: str) -> Messages:
    """The messages of one file."""
    text = files(package).joinpath(*folder.split("/"), f"{language}.json").read_text("utf-8")
    messages: Messages = json.loads(text)
    return messages


THOUSANDS = {"id": ".", "en": ","}
"""What stands between thousands."""


def in_words(fact: Any, language: str) -> Any:
    """A fact as a sentence names it: an enumeration's value by its word, several with a stroke between them."""
    if isinstance(fact, Enum):
        return VALUES.text(language, fact.value) if fact.value in VALUES else fact.value
    if isinstance(fact, list | tuple | set | frozenset):
        return " / ".join(str(in_words(one, language)) for one in fact)
    return fact


class _Facts(Formatter):
    """Fills in facts as words of a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        one, several, more = format_spec.partition("|")
        if several:
            return one if value == 1 else more
        if isinstance(value, int) and not isinstance(value, bool | Enum):
            return f"{value:,}".replace(",", THOUSANDS[self._language])
        return str(in_words(value, self._language))


def preferred(accept_language: str) -> str:
    """The first of our languages in an Accept-Language header by weight (RFC 9110); Indonesian where none is named."""
    wishes = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    named = [tag for _, _, tag in sorted(wishes) if tag in LANGUAGES]
    return named[0] if named else LANGUAGES[0]


KIT = read("shared.kit.base")
VALUES = read("shared.kit.base", "messages/values")
"""Words for the values of enumerations: codes are for machines."""
