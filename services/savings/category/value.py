"""The categories there are, in the order in which one is made of those before it. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.savings.category.model import About, Definition, EmployeeAway, Measured, MissingInput, Variant
from services.savings.category.variants import fuel, greenhouse_gas, home_electricity, meals, office_electricity
from shared.contracts.savings import Category

OF_EMPLOYEES = (fuel.OF_EMPLOYEES, home_electricity.OF_EMPLOYEES, greenhouse_gas.OF_EMPLOYEES)
OF_UNITS = (meals.OF_UNITS, office_electricity.OF_UNITS, greenhouse_gas.OF_UNITS)
DEFINITIONS: Mapping[Category, Definition] = {
    definition.category: definition for definition in (*(one.of for one in OF_EMPLOYEES), *(one.of for one in OF_UNITS))
}
FORMULAS = {category.value: definition.formula for category, definition in DEFINITIONS.items()}
OF_A_UNITS_DAY = tuple(one.of.category for one in OF_UNITS if one.of.about_all_away)
"""The categories of a unit's own day: those of its units that are not counted person by person."""
WORTHS_MAX = 10_000
"""So many different days of employees are remembered, at some kilobytes each: a province has fewer people, and most of
them always spare the same way."""


def measured(variants: Sequence[Variant[About]], about: About) -> Measured:
    """All that a day comes to. A category that lacks something is left out, and said to be; the others stand."""
    so_far = Measured()
    for variant in variants:
        try:
            more = variant.measure(about, so_far)
        except MissingInput as lacking:
            more = Measured(lacks={str(lacking): about.people})
        so_far += more
    return so_far


def of_employee(away: EmployeeAway) -> Measured:
    """The entries and lacks of an employee's day away, remembered by all that they follow from."""
    return _remembered(_Inputs(away, _written(away)))


@dataclass(frozen=True, slots=True)
class _Inputs:
    away: EmployeeAway = field(compare=False)
    written: tuple[Hashable, ...]


def _written(away: EmployeeAway) -> tuple[Hashable, ...]:
    """What tells inputs apart. Numbers are compared as they are written, because entries show them so; a factor set by
    which it is, because comparing two would cost more than working a day out: what is kept holds its own, so that no
    other can have that identity."""
    commute = away.commute.model_dump_json() if away.commute else None
    return away.unit_id, commute, away.place.model_dump_json(), away.day, id(away.factors)


@lru_cache(maxsize=WORTHS_MAX)
def _remembered(inputs: _Inputs) -> Measured:
    found = measured(OF_EMPLOYEES, inputs.away)
    return Measured(found.entries, found.lacks)
