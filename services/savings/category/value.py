"""The categories there are, in the order in which one is made of those before it. Pure."""

from collections.abc import Sequence

from services.savings.category.model import About, Lacking, Measured, Variant
from services.savings.category.variants import fuel, greenhouse_gas, home_electricity, meals, office_electricity

OF_EMPLOYEES = (fuel.OF_EMPLOYEES, home_electricity.OF_EMPLOYEES, greenhouse_gas.OF_EMPLOYEES)
OF_UNITS = (meals.OF_UNITS, office_electricity.OF_UNITS, greenhouse_gas.OF_UNITS)
FORMULAS = {
    "fuel": fuel.FORMULA,
    "home_electricity": home_electricity.FORMULA,
    "office_electricity": office_electricity.FORMULA,
    "meals": meals.FORMULA,
    "co2e": greenhouse_gas.FORMULA,
}


def measured(variants: Sequence[Variant[About]], about: About) -> Measured:
    """All that a day comes to. A category that lacks something is left out, and said to be; the others stand."""
    so_far = Measured()
    for variant in variants:
        try:
            more = variant.measure(about, so_far)
        except Lacking as lacking:
            more = Measured(lacks={str(lacking): about.people})
        so_far += more
    return so_far
