"""Which figures may be shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.savings.disclosure import PEOPLE_MIN, withheld
from services.savings.figures import two_digits


def test_large_units_are_shown() -> None:
    assert withheld({"a": 5, "b": 60}) == set()


def test_a_small_unit_takes_another_with_it() -> None:
    assert withheld({"a": 3, "b": 60, "c": 20}) == {"a", "c"}


def test_two_small_units_that_are_many_together_are_enough() -> None:
    assert withheld({"a": 3, "b": 4, "c": 20}) == {"a", "b"}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 30), max_size=12))
def test_no_difference_is_about_few_people(people: dict[str, int]) -> None:
    hidden = withheld(people)
    assert all(people[unit] >= PEOPLE_MIN for unit in people.keys() - hidden)
    if hidden and hidden != people.keys():
        assert sum(people[unit] for unit in hidden) >= PEOPLE_MIN
        assert len(hidden) > 1


@pytest.mark.parametrize(
    ("exact", "read"),
    [("184620", "180000"), ("0.425", "0.42"), ("0.435", "0.44"), ("-12.7", "-13"), ("0", "0"), ("99.6", "100")],
)
def test_a_deemed_figure_is_read_at_two_significant_digits(exact: str, read: str) -> None:
    assert two_digits(Decimal(exact)) == read
