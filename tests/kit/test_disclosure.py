"""Which figures may be shown."""

from hypothesis import given
from hypothesis import strategies as st

from shared.kit.disclosure import PEOPLE_MIN, withheld


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
