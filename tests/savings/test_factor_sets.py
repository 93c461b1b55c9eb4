"""Which factor sets may be published, and which of them holds on a day."""

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.savings.category.value import DEFINITIONS, OF_EMPLOYEES, OF_UNITS
from services.savings.factor_set.commands import shipped
from services.savings.factor_set.decide import PublishFactorSet, clash, decide, factor_sets, unlined
from shared.contracts.savings import Category, FactorSetPublished
from shared.kit.base.versions import in_force
from tests.harness.factors import FIRST, IN_FORCE, command, factors, first_shipped
from tests.harness.given import Given

DAY = date(2026, 1, 1)


def changed(**fields: Any) -> PublishFactorSet:
    return command().model_copy(update={"factor_set_id": "fac-uji-2", "corrects": None, **fields})


def test_the_shipped_sets_can_be_published_one_after_the_other() -> None:
    """On an instance without any, and on one that has heard of the first alone."""
    known: list[FactorSetPublished] = []
    for one in shipped():
        assert clash(one, known) is None
        known += decide(one, None)
    assert [one.factor_set_id for one in known] == [FIRST, IN_FORCE]
    held = in_force(known, DAY)
    assert held
    assert held.factor_set_id == IN_FORCE


def test_a_shipped_set_of_before_the_mean_was_drawn_is_the_same_set() -> None:
    """Its event has no mean, and seeding it again changes nothing."""
    simulation = first_shipped().simulation
    older = first_shipped().model_copy(
        update={
            "simulation": simulation.model_copy(
                update={"kept_share_ppm": simulation.kept_share_ppm.model_copy(update={"mean": None})}
            )
        }
    )
    assert decide(command(FIRST), older) == []


def test_the_corrected_set_is_what_its_ruling_says() -> None:
    first, correction = first_shipped(), factors()
    assert correction.corrects == first.factor_set_id
    assert correction.effective_from == first.effective_from
    assert correction.office_electricity_tax_ppm is None
    assert correction.simulation == first.simulation, "fuel is what it was"
    band = correction.zone_off_ppm
    assert band
    assert band.low < band.central < band.high
    assert {line.category for line in correction.budget_lines} == {Category.OFFICE_ELECTRICITY, Category.MEALS}
    assert unlined(command()) == []


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "same-day"),
        ({"corrects": "fac-lain"}, "corrects-unknown"),
        ({"corrects": FIRST}, "corrects-corrected"),
        ({"corrects": IN_FORCE}, None),
        ({"corrects": IN_FORCE, "effective_from": date(2026, 2, 1)}, "corrects-other-day"),
        ({"effective_from": date(2026, 2, 1)}, None),
        ({"factor_set_id": IN_FORCE}, None),
    ],
    ids=["of one day", "unknown", "corrected before", "the one that stands", "other day", "a day of its own", "again"],
)
def test_a_set_of_the_same_day_names_the_one_that_stands(fields: dict[str, Any], rule: str | None) -> None:
    found = clash(changed(**fields), [first_shipped(), factors()])
    assert (found.rule if found else None) == rule


def test_sets_of_one_day_published_at_once_claim_the_same() -> None:
    """What the log lets through once."""
    one, other = (factors().model_copy(update={"factor_set_id": id_}) for id_ in ("fac-uji-2", "fac-uji-3"))
    assert [reservation.id for reservation in factor_sets.reservations(one)] == [
        reservation.id for reservation in factor_sets.reservations(other)
    ]
    alone = factor_sets.reservations(first_shipped())
    assert [reservation.id for reservation in alone] == [f"from:{DAY}"]


@given(st.permutations(range(4)))
def test_which_set_holds_does_not_depend_on_the_order_of_storage(order: list[int]) -> None:
    sets = [first_shipped(), factors()]
    sets.append(factors().model_copy(update={"factor_set_id": "fac-0001", "corrects": IN_FORCE}))
    later = {"factor_set_id": "fac-0000", "corrects": None, "effective_from": date(2026, 2, 1)}
    sets.append(factors().model_copy(update=later))
    stored = [sets[place] for place in order]
    held = [in_force(stored, day) for day in (date(2025, 12, 31), DAY, date(2026, 1, 31), date(2026, 2, 1))]
    assert [one.factor_set_id if one else None for one in held] == [None, "fac-0001", "fac-0001", "fac-0000"]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("prices", "price-twice"), ("tariffs", "tariff-twice"), ("meal_allowances", "allowance-twice")],
)
def test_two_prices_of_one_thing_on_one_day_are_refused(name: str, rule: str) -> None:
    known = getattr(command(), name)
    again = random.Random(1).choice(known).model_copy(update={"source": "lain"})
    (violation,) = Given(factor_sets)().when(changed(**{name: (*known, again)})).refused(rule)
    assert violation.pointer == f"/{name}/{len(known)}"


def test_every_category_is_defined_once_and_counts_by_what_a_set_has() -> None:
    assert DEFINITIONS.keys() == set(Category)
    assert all(DEFINITIONS[one.of.category] is one.of for one in (*OF_EMPLOYEES, *OF_UNITS))
    factors_named = {one.budget_factor for one in DEFINITIONS.values() if one.budget_factor}
    assert factors_named <= PublishFactorSet.model_fields.keys() & FactorSetPublished.model_fields.keys()


@pytest.mark.parametrize("category", [Category.OFFICE_ELECTRICITY, Category.MEALS])
def test_what_a_set_counts_to_the_budget_has_a_budget_line(category: Category) -> None:
    lines = tuple(line for line in command().budget_lines if line.category is not category)
    (violation,) = unlined(changed(budget_lines=lines))
    assert (violation.rule, violation.pointer, violation.facts["category"]) == (
        "budget-line-missing",
        "/budget_lines",
        category.value,
    )


def test_what_a_set_does_not_count_needs_no_line() -> None:
    assert unlined(changed(budget_lines=(), zone_off_ppm=None, meal_allowances=())) == []
