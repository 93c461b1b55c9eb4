"""Units belong to each other, and never in a circle."""

from datetime import date

from services.organisation.hierarchy.rules import LEVELS_MAX, Belonging, circles

JANUARY, JUNE, DECEMBER = date(2026, 1, 1), date(2026, 6, 1), date(2026, 12, 1)


def belongs(day: date, parent: str | None, row: int | None = None) -> Belonging:
    return Belonging(day, parent, row)


def test_a_tree_has_no_circle() -> None:
    tree = {
        "dinas": [belongs(JANUARY, None)],
        "bidang": [belongs(JANUARY, "dinas", 2)],
        "seksi": [belongs(JUNE, "bidang", 3)],
    }
    assert circles(tree) == []


def test_every_row_of_a_circle_is_named() -> None:
    assert circles(
        {"a": [belongs(JANUARY, "b", 2)], "b": [belongs(JANUARY, "a", 3)], "c": [belongs(JANUARY, "a", 4)]}
    ) == [
        2,
        3,
        4,
    ]


def test_a_circle_is_found_on_the_day_on_which_it_closes() -> None:
    """The sheet puts a under b from January; that b goes under a in June is on record."""
    assert circles({"a": [belongs(JANUARY, "b", 2)], "b": [belongs(JUNE, "a")]}) == [2]


def test_units_that_change_places_are_no_circle() -> None:
    swapped = {
        "a": [belongs(JANUARY, "b"), belongs(JUNE, None, 2)],
        "b": [belongs(JANUARY, None), belongs(JUNE, "a", 3), belongs(DECEMBER, None, 4)],
    }
    assert circles(swapped) == []
    swapped["a"] = [belongs(JANUARY, "b")]
    assert circles(swapped) == [3]


def test_units_stand_in_a_limited_number_of_levels() -> None:
    chain = {f"u{n}": [belongs(JANUARY, f"u{n + 1}", n)] for n in range(LEVELS_MAX)}
    assert circles(chain) == []
    chain["u-below"] = [belongs(JANUARY, "u0", 99)]
    assert 99 in circles(chain)
