"""Entries as lines with their formula. Pure; nothing is worked out here."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from services.portal.dashboard.value import Line, of_figure
from services.portal.explanation.model import Day, DayExplained, Entry, FuelInputs
from services.portal.person.model import Employee

FUEL = "fuel"


@dataclass(frozen=True)
class Worked:
    """An entry: its figure, its formula and range, and what was put in by name; of fuel also as its own formula has
    it."""

    line: Line
    formula: str
    range: str
    inputs: tuple[tuple[str, object], ...]
    fuel: FuelInputs | None


def worked(day: DayExplained) -> list[Worked]:
    """The entries of a day."""
    formulas, ranges = dict(day.formulas), dict(day.ranges)
    return [
        Worked(
            line=_line(one),
            formula=formulas.get(one.category, ""),
            range=ranges.get(one.category, ""),
            inputs=tuple((name, put) for name, put in one.inputs.items() if put is not None),
            fuel=_fuel(one),
        )
        for one in day.entries
    ]


def lines(day: Day) -> list[Line]:
    """What a day has saved."""
    return [_line(one) for one in day.entries]


def named(days: Iterable[Day], people: Iterable[Employee]) -> list[tuple[Day, str]]:
    """Days with the name of whose they are, in order."""
    names = {one.employee_id: one.name for one in people}
    found = [(one, names.get(one.employee_id, one.employee_id)) for one in days]
    return sorted(found, key=lambda one: (one[0].day, one[1]))


def _line(entry: Entry) -> Line:
    return of_figure(entry, entry.category, None, entry.amounts)


def _fuel(entry: Entry) -> FuelInputs | None:
    if entry.category != FUEL:
        return None
    try:
        return FuelInputs.model_validate(entry.inputs)
    except ValidationError:
        return None
