"""The categories there are, in the order in which one is made of those before it. Pure."""

from collections.abc import Mapping, Sequence

from services.savings.category.model import About, Definition, Measured, MissingInput, Variant
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
