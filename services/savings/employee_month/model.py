"""What is kept of an employee's month. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import SkipValidation

from services.savings.ledger.model import DayKey, apart
from shared.contracts.values import PlaceCategory

Stored = Mapping[str, object]
NEVER = -1
"""How many factor sets a day has been looked at with that is to be looked at again in any case."""


@dataclass(frozen=True, slots=True)
class Realised:
    """How many realised days somebody has in a month: by unit and kind of figure, as `unit-0001|…`, and by unit and
    factor set."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    sets: Mapping[str, int] = field(default_factory=dict)

    @property
    def units(self) -> dict[str, int]:
        """By unit."""
        found: dict[str, int] = {}
        for name, days in self.sets.items():
            unit_id, _ = apart(name)
            found[unit_id] = found.get(unit_id, 0) + days
        return found


@dataclass(frozen=True, slots=True)
class Worth:
    """What a realised day is worth: for whom, where, and by which factors; `entries` by their names in the month."""

    request_id: str
    unit_id: str
    factor_set_id: str
    place: PlaceCategory
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """When days were last looked at, by their number in the month: with how many factor sets and policies, and when
    time alone will change them."""

    factors: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[str, int] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)


Unread = Annotated[Mapping[str, Stored], SkipValidation]
UnreadIfAny = Annotated[Mapping[str, Stored | None], SkipValidation]
"""Documents as they are stored. Most of a month is written as it was found: of it is read what is asked for."""


@dataclass(frozen=True, slots=True)
class EmployeeMonth:
    """A month of one employee. `days` are what has been heard of each, `worth` what the realised ones are worth, and
    `entries` what these name: days that are worth the same name the same one, `uses` times in all. `movements` is how
    often the ledger has moved."""

    employee_id: str
    month: str
    days: Unread = field(default_factory=dict)
    worth: UnreadIfAny = field(default_factory=dict)
    entries: Unread = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)
    looks: Looks = field(default_factory=Looks)
    realised: Realised = field(default_factory=Realised)
    movements: int = 0

    @property
    def id(self) -> str:
        return f"{self.employee_id}:{self.month}"

    @property
    def keys(self) -> list[DayKey]:
        """The days of which something is known, in order."""
        return [DayKey(self.employee_id, f"{self.month}-{number}") for number in sorted(self.looks.factors)]

    def due(self, now: datetime, factor_sets: int, policies: int) -> list[DayKey]:
        """Days that time has reached, or that were looked at with fewer factor sets or policies than there are now."""
        looks = self.looks
        return [
            key
            for key in self.keys
            if looks.factors[key.number] < factor_sets
            or looks.policies[key.number] < policies
            or (key.number in looks.due and looks.due[key.number] <= now)
        ]
