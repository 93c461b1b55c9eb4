"""A version while it is written: its document, and the fields in which a form shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"
Document: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True)
class Leaf:
    """A field of a form: its path in the document, what kind of value it takes, and as what it is shown. `scale` is how
    many of the document's units one shown unit has: 100 sen to the rupiah, 10,000 ppm to the per cent."""

    path: str
    kind: str
    shown: str
    scale: int = 1

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Group:
    """Fields that stand together: of the part itself, of something in it, or of an item of a list; `more` is an item
    that is not there yet."""

    path: str
    leaves: tuple[Leaf, ...]
    item: int = 0
    more: bool = False

    @property
    def name(self) -> str:
        """What it is called: that of an item is its list's."""
        whole = self.path.rpartition(".")[0] if self.item else self.path
        return whole.rpartition(".")[2]


@dataclass(frozen=True)
class Part:
    """A part of the document, with the groups of its fields."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Draft:
    """What a form has sent: the document that it comes to, and what is wrong, by path; what is wrong with no field
    stands under nothing."""

    document: Document
    wrong: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Typed:
    """What was typed, by path, and which items were taken out."""

    values: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    key: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    def of(self, path: str) -> list[str]:
        """What is wrong with a field."""
        return [text for at, text in self.wrong if at == path]
