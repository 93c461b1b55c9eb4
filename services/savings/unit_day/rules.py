"""Which days of units wait to be settled anew, and which go with them. Pure.

Who else is in a zone decides whether it is closed, so that whatever changes for one unit concerns all of its building.
"""

from collections.abc import Iterable

from services.savings.presence import terms_on
from shared.kit.decisions.decider import Document
from shared.kit.projections.writeset import Changes, Known

FOR_EVER = "9999-12-31"
ALWAYS = "0001-01-01"
Pairs = set[tuple[str, str]]
"""Units and days."""


def unsettle(changes: Changes, unit_id: str, first: str, last: str) -> None:
    """Mark a unit's days, first to last, to be settled anew: one day, or all from a day on."""
    changes.marks[f"{unit_id}|{first}|{last}"] = {"unit_id": unit_id, "first": first, "last": last}


def unsettle_building(changes: Changes, building_id: str) -> None:
    """Mark all days of all units that have ever sat in a building."""
    changes.marks[building_id] = {"building_id": building_id}


def ids_of(unit_days: Iterable[str]) -> list[str]:
    """The marks of single days, such as `unit-0001:2026-09-07`."""
    return [f"{unit_id}|{day}|{day}" for unit_id, _, day in (id_.partition(":") for id_ in sorted(unit_days))]


def single(marks: Iterable[Document]) -> Pairs:
    """The days that marks of one day stand for."""
    return {(one["unit_id"], one["first"]) for one in marks if one.get("first", "") == one.get("last")}


def ranges(places: Known, marks: Iterable[Document]) -> dict[str, tuple[str, str]]:
    """The first and the last of the days that the other marks stand for, by unit: a colleague's move concerns the whole
    building, also where the unit itself has nobody away."""
    found: dict[str, tuple[str, str]] = {}
    for one in marks:
        if "building_id" in one:
            first, last, units = ALWAYS, FOR_EVER, _ever_in(places, {one["building_id"]})
        elif one["first"] != one["last"]:
            first, last, units = one["first"], one["last"], beside(places, {one["unit_id"]})
        else:
            continue
        for unit_id in units:
            known = found.get(unit_id, (first, last))
            found[unit_id] = min(first, known[0]), max(last, known[1])
    return found


def beside(places: Known, unit_ids: set[str]) -> set[str]:
    """Units, and all that have ever sat in a building of theirs."""
    theirs = {building for id_ in unit_ids for building in buildings_of(places["units"].get(id_))}
    return unit_ids | _ever_in(places, theirs)


def _ever_in(places: Known, buildings: set[str]) -> set[str]:
    return {id_ for id_, unit in places["units"].items() if buildings & buildings_of(unit)}


def with_neighbours(places: Known, pairs: Pairs, held: Iterable[Document]) -> Pairs:
    """With all units of the same buildings on those days; also of the buildings that they sat in when they were last
    settled, which `held` says."""
    buildings = {(one["building_id"], one["day"]) for one in held if one["building_id"]}
    seats: dict[tuple[str, str], set[str]] = {}
    for day in {day for _, day in pairs}:
        for unit_id in places["units"]:
            if building_id := building(places, unit_id, day):
                seats.setdefault((building_id, day), set()).add(unit_id)
    concerned = {at for at, units in seats.items() if any((unit_id, at[1]) in pairs for unit_id in units)}
    return pairs | {(unit_id, at[1]) for at in concerned | buildings for unit_id in seats.get(at, ())}


def place(places: Known, marked: Document) -> tuple[str, str]:
    """The day and the building that a mark is about."""
    first = str(marked.get("first", ""))
    return first, marked.get("building_id") or building(places, marked["unit_id"], first)


def building(places: Known, unit_id: str, day: str) -> str:
    """Where a unit sits on a day; nothing for one without a seat."""
    terms = terms_on(places["units"].get(unit_id), day)
    return terms["seat"]["building_id"] if terms and terms["seat"] else ""


def buildings_of(unit: Document | None) -> set[str]:
    """Every building that a unit has ever sat in, as far as is known now."""
    history = unit["history"] if unit else ()
    return {terms["seat"]["building_id"] for terms in history if terms["seat"]}
