"""A published set as a list of facts that people read, and its versions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

About = tuple[tuple[str, str], ...]
"""What a fact is about besides its name: kinds of words and their codes, such as `put` and `motorcycle`; `since` a day,
and `named` what is its own word."""


class Published(Protocol):
    """What is published in versions, of which one holds on a day."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def effective_from(self) -> date: ...

    @property
    def corrects(self) -> str | None: ...


@dataclass(frozen=True)
class Fact:
    """One thing that a set says: the name of its word and what it is about, and the value. `unit` says what the value
    is: a word for amounts (one, or low, central and high), or `text`, `yes-no`, `code`, `minutes`, `weekdays`, `days`
    or `from-to`."""

    word: str
    unit: str
    amounts: tuple[Decimal, ...] = ()
    says: str = ""
    days: tuple[date, ...] = ()
    about: About = ()
    source: str = ""
    checked_on: date | None = None

    @property
    def central(self) -> Decimal:
        return self.amounts[len(self.amounts) // 2]


@dataclass(frozen=True)
class Version:
    """A version, when it holds, and which one has taken its place or will."""

    key: str
    title: str
    since: date
    until: date | None
    corrects: str | None
    corrected_by: str | None
    state: str


@dataclass(frozen=True)
class Difference:
    """A fact as one version has it and as another has it; none where one does not say it."""

    before: Fact | None
    after: Fact | None

    @property
    def sources_differ(self) -> bool:
        """Whether both say it, and name different sources."""
        return bool(self.before and self.after and self.before.source != self.after.source)

    @property
    def fact(self) -> Fact:
        fact = self.after or self.before
        assert fact
        return fact
