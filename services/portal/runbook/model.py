"""A runbook, in the parts that a page shows."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a part is."""

    HEADING = "heading"
    TEXT = "text"
    STEPS = "steps"
    POINTS = "points"


@dataclass(frozen=True)
class Span:
    """Words, or a command among them."""

    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Part:
    """A heading, a paragraph or a list; each of its lines is made of spans."""

    kind: Kind
    lines: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Runbook:
    """What it is called, and its parts."""

    name: str
    parts: tuple[Part, ...]
