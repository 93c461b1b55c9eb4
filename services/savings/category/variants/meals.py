"""Meals: an allowance that is paid for being present and that somebody goes without, tier 1 (deemed). Pure."""

from datetime import date

from services.savings.category.model import Definition, Measured, MissingInput, UnitAway, Variant, found
from services.savings.category.variants.tariffs import warned
from services.savings.ledger.model import certain
from services.savings.presence import DayAway
from shared.contracts.organisation import Grade, as_of
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished, MealAllowance

MEALS = Definition(
    Category.MEALS,
    "allowance of the grade for each day away where it is paid for presence: + regional budget, - employee",
    range_by=lambda _: "none",
    cashable=True,
    budget_factor="meal_allowances",
)


def meal_allowance(grade: Grade, factors: FactorSetPublished, day: date) -> MealAllowance:
    """What is paid for meals for a day's presence. Raises `MissingInput`."""
    paid = as_of([known for known in factors.meal_allowances if known.grade is grade], day)
    if paid is None:
        raise MissingInput("meal-allowance")
    return paid


def measure(unit: UnitAway, _: Measured) -> Measured:
    """The budget's gain and the employee's loss, person by person."""
    if not unit.terms.meal_allowance_by_attendance:
        return Measured()
    return sum((_of_one(unit, one) for one in unit.away if one.elsewhere), Measured())


def _of_one(unit: UnitAway, one: DayAway) -> Measured:
    """Of one person; where their grade or its allowance is not known, that."""
    person = unit.where.employees.get(one.employee_id)
    terms = as_of(person.history, unit.day) if person else None
    try:
        grade = found(terms.grade if terms else None, "grade")
        allowance = meal_allowance(grade, unit.factors, unit.day)
    except MissingInput as lacking:
        return Measured(lacks={str(lacking): 1})
    paid, warnings = certain(allowance.sen_per_day), warned("meal-allowance-old", allowance, unit.factors, unit.day)
    sides = ((Beneficiary.REGIONAL_BUDGET, paid), (Beneficiary.EMPLOYEE, -paid))
    return Measured(
        [
            MEALS.entry(
                whose,
                unit.factors,
                unit.unit_id,
                amounts={"sen": sen},
                inputs={"grade": grade.value},
                warnings=warnings,
                employee_id=one.employee_id,
            )
            for whose, sen in sides
        ]
    )


OF_UNITS = Variant(MEALS, measure)
