"""Which days of units wait to be settled anew, and which go with them. Pure.

Who else is in a zone decides whether it is closed, so that whatever changes for one unit concerns all of its building.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from pydantic import TypeAdapter

from services.savings.ledger.model import DayKey
from services.savings.presence import Unit
from shared.contracts.organisation import as_of
from shared.kit.projections.writeset import Invalidation

FOR_EVER = "9999-12-31"
ALWAYS = "0001-01-01"
Units = Mapping[str, Unit]
Days = set[DayKey]


class Invalid(NamedTuple):
    """What an invalidation is about: a unit's days from the first to the last, or all days of all units that have ever
    sat in a building."""

    unit_id: str = ""
    first: str = ALWAYS
    last: str = FOR_EVER
    building_id: str = ""

    @property
    def is_single(self) -> bool:
        return self.first == self.last


INVALID = TypeAdapter(list[Invalid])


class _Seat(Protocol):
    @property
    def building_id(self) -> str: ...


class _Seated(Protocol):
    @property
    def seat(self) -> _Seat | None: ...


def of_unit(unit_id: str, first: str, last: str) -> Invalidation:
    """A unit's days, first to last, are to be settled anew: one day, or all from a day on."""
    return Invalidation(f"{unit_id}|{first}|{last}", {"unit_id": unit_id, "first": first, "last": last})


def of_building(building_id: str) -> Invalidation:
    """All days of all units that have ever sat in a building are."""
    return Invalidation(building_id, {"building_id": building_id})


def of_day(key: DayKey) -> Invalidation:
    """One day of a unit is."""
    return of_unit(key.whose, key.day, key.day)


def read(marks: Iterable[Mapping[str, object]]) -> list[Invalid]:
    """Invalidations as they are stored."""
    names = Invalid._fields
    return INVALID.validate_python([{name: one[name] for name in names if name in one} for one in marks])


def single(invalid: Iterable[Invalid]) -> Days:
    """The days that invalidations of one day stand for."""
    return {DayKey(one.unit_id, one.first) for one in invalid if one.is_single}


def ranges(units: Units, invalid: Iterable[Invalid]) -> dict[str, tuple[str, str]]:
    """The first and the last of the days that the others stand for, by unit: a colleague's move concerns the whole
    building, also where the unit itself has nobody away."""
    found: dict[str, tuple[str, str]] = {}
    for one in invalid:
        if one.is_single:
            continue
        concerned = _ever_in(units, {one.building_id}) if one.building_id else beside(units, {one.unit_id})
        for unit_id in concerned:
            first, last = found.get(unit_id, (one.first, one.last))
            found[unit_id] = min(one.first, first), max(one.last, last)
    return found


def beside(units: Units, unit_ids: set[str]) -> set[str]:
    """Units, and all that have ever sat in a building of theirs."""
    theirs = {building for id_ in unit_ids if id_ in units for building in buildings_of(units[id_].history)}
    return unit_ids | _ever_in(units, theirs)


def _ever_in(units: Units, buildings: set[str]) -> set[str]:
    return {id_ for id_, unit in units.items() if buildings & buildings_of(unit.history)}


def with_neighbours(units: Units, days: Days, held: Mapping[DayKey, str | None]) -> Days:
    """Units' days, and all others of their buildings on those days, since who else is there decides whether a zone is
    closed; also of the buildings that they sat in when they were last settled, which `held` says."""
    by_day: dict[str, set[str]] = {}
    left: dict[str, set[str]] = {}
    for key in days:
        by_day.setdefault(key.day, set()).add(key.whose)
    for key, building in held.items():
        if building:
            left.setdefault(key.day, set()).add(building)
    found = set(days)
    for day, unit_ids in by_day.items():
        for building, seated in _seated(units, date.fromisoformat(day)).items():
            if building in left.get(day, ()) or not unit_ids.isdisjoint(seated):
                found |= {DayKey(unit_id, day) for unit_id in seated}
    return found


def _seated(units: Units, day: date) -> dict[str, set[str]]:
    """Which units sit in each building on a day."""
    found: dict[str, set[str]] = {}
    for unit_id, unit in units.items():
        if building := _building_of(unit, day):
            found.setdefault(building, set()).add(unit_id)
    return found


def order(units: Units, one: Invalid) -> tuple[str, str]:
    """The day and the building that an invalidation is about: those of one building are worked off together."""
    return one.first, one.building_id or building_on(units, DayKey(one.unit_id, one.first))


def building_on(units: Units, key: DayKey) -> str:
    """Where a unit sits on a day; nothing for one without a seat."""
    unit = units.get(key.whose)
    return _building_of(unit, date.fromisoformat(key.day)) if unit else ""


def _building_of(unit: Unit, day: date) -> str:
    terms = as_of(unit.history, day)
    return terms.seat.building_id if terms and terms.seat else ""


def buildings_of(history: Iterable[_Seated]) -> set[str]:
    """Every building that a unit has ever sat in, as far as is known now."""
    return {terms.seat.building_id for terms in history if terms.seat}
