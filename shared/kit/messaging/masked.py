"""What of a record that was put aside may be shown to anybody who operates: never a value that it holds. Pure."""

import json
import re
from typing import Any

from shared.contracts.event import SOURCE

DEPTH_MAX = 6
OUTLINE_MAX_BYTES = 256 * 1024
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
TYPE = re.compile(r"mkd\.[a-z]+\.[a-z0-9-]{1,60}\.v[0-9]{1,4}")
STREAM = re.compile(rf"{SOURCE}/[A-Za-z0-9._:-]{{1,100}}")
OF_OTHERS = frozenset({"foreign-source", "not-a-cloudevent"})
"""Rules of records that somebody else may have written, whatever they say that they are."""
HIDDEN = "…"


def event_type(headers: list[list[Any]]) -> str | None:
    """The type that a record says it has, where that could be one."""
    said = next((value for name, value in headers if name == "ce_type" and isinstance(value, bytes)), b"")
    return str(said, "ascii", "replace") if TYPE.fullmatch(str(said, "ascii", "replace")) else None


def stream(rule: str, said: str | None) -> str | None:
    """The stream that a record belongs to, where it could be one of ours."""
    return said if said and rule not in OF_OTHERS and STREAM.fullmatch(said) else None


def outline(value: bytes | None) -> str | None:
    """The names in a JSON value, with the kind of what stands there in place of it; of a list, its first item. Nothing
    where it is no JSON."""
    if value is None or len(value) > OUTLINE_MAX_BYTES:
        return None
    try:
        return json.dumps(_outline(json.loads(value), DEPTH_MAX), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None


def _outline(value: Any, depth: int) -> Any:
    if not depth:
        return HIDDEN
    match value:
        case dict():
            return {_name(name): _outline(part, depth - 1) for name, part in value.items()}
        case list():
            return [_outline(part, depth - 1) for part in value[:1]]
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
    return None


def _name(name: str) -> str:
    return name if NAME.fullmatch(name) else HIDDEN
