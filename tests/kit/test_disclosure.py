"""What may be told of a month's people: alone, beside one another, in sums, and one after another."""

from shared.people.disclosure import ONLY_CHANGES, PEOPLE_MIN, Telling, Told

Shown = tuple[str, str | None, dict[str, dict[str, str]]]
"""A number, the unit that tells it (none: the sum), and each person's worth by unit."""


def about(*people: int, name: str = "fuel", unit: str = "u", worth: str = "a") -> Shown:
    return name, unit, {unit: {f"emp-{n}": worth for n in people}}


def in_all(name: str = "fuel", **people: range) -> Shown:
    """The sum over units."""
    return name, None, {unit: {f"emp-{n}": "a" for n in of} for unit, of in people.items()}


def tell(telling: Telling, shown: Shown) -> bool:
    name, unit, by_unit = shown
    return telling.tell(unit, {name: by_unit[unit]}) if unit else telling.tell_sum({name: by_unit})


def told(*tellings: list[Shown], people_min: int = PEOPLE_MIN) -> list[list[bool]]:
    """Which figures, of one number each, may be told, in tellings one after another."""
    so_far, answers = Told(), []
    for numbers in tellings:
        telling = Telling(so_far, people_min)
        answers.append([tell(telling, number) for number in numbers])
        so_far = telling.done()
    return answers


def test_five_are_told_and_four_are_not() -> None:
    assert told([about(*range(5))], [about(*range(4), name="home")]) == [[True], [False]]


def test_what_is_about_one_more_is_not_told_beside_it() -> None:
    assert told([about(*range(6), name="home"), about(*range(5))]) == [[True, False]]
    assert told([about(*range(11), name="home"), about(*range(6))]) == [[True, True]]


def test_what_two_figures_have_in_common_is_not_about_few_either() -> None:
    assert told([about(*range(8)), about(*range(7, 15), name="home")]) == [[True, False]]


def test_of_a_sum_less_what_is_shown_no_few_are_left() -> None:
    a, b, c = about(*range(60), unit="a"), about(60, 61, 62, unit="b"), about(*range(70, 90), unit="c")
    assert told([in_all(a=range(60), b=range(60, 63)), a, b]) == [[True, False, False]]
    assert told([in_all(a=range(60), b=range(60, 63), c=range(70, 90)), a, c, b]) == [[True, True, False, False]]


def test_two_sums_that_differ_by_few_are_not_both_told() -> None:
    """Each by itself is about many, and in no unit do both show."""
    fuel = in_all(a=range(30), b=range(40, 60))
    assert told([fuel, in_all("home", a=range(29), b=range(41, 60))]) == [[True, False]]
    assert told([fuel, in_all("home", a=range(27), b=range(43, 60))]) == [[True, True]]


def test_of_two_sums_and_what_units_show_no_few_are_left() -> None:
    """Fuel is hidden in both units; the homes of both show, and of the sum of fuel these leave three."""
    homes = [about(*range(30), name="home", unit="a"), about(*range(40, 60), name="home", unit="b")]
    assert told([in_all(a=range(29), b=range(42, 60)), *homes]) == [[True, True, False]]
    assert told([in_all(a=range(28), b=range(43, 60)), *homes]) == [[True, True, True]]


def test_a_figure_of_several_numbers_is_told_as_a_whole_or_not_at_all() -> None:
    agreed = {f"emp-{n}": "a" for n in range(9)}
    telling = Telling(Told())
    assert not telling.tell("u", {"agreed": agreed, "lacking": {"emp-1": "a"}})
    assert not telling.tell_sum({"agreed": {"u": agreed}, "lacking": {"u": {"emp-1": "a"}}})
    assert telling.done() == Told()
    assert telling.tell("u", {"agreed": agreed})


def test_a_change_is_told_when_it_is_about_five() -> None:
    def changed(n: int) -> Shown:
        return "fuel", "u", {"u": {f"emp-{i}": "b" if i < n else "a" for i in range(20)}}

    assert told([about(*range(20))], [changed(4)], [changed(5)]) == [[True], [False], [True]]
    assert told([about(*range(20))], [changed(5)], [changed(6)]) == [[True], [True], [False]], "the sixth"


def test_coming_and_going_are_changes() -> None:
    assert told([about(*range(20))], [about(*range(21))]) == [[True], [False]]
    assert told([about(*range(20))], [about(*range(19))]) == [[True], [False]]
    assert told([about(*range(20))], [about(*range(25))], [about(*range(20))]) == [[True], [True], [True]]


def test_one_who_is_not_changed_back_with_the_others_is_not_told_by_the_first_and_the_last() -> None:
    first = about(*range(12))
    second: Shown = ("fuel", "u", {"u": {f"emp-{i}": "b" if i < 6 else "a" for i in range(12)}})
    third: Shown = ("fuel", "u", {"u": {f"emp-{i}": "c" if i < 1 else "a" for i in range(12)}})
    assert told([first], [second], [third]) == [[True], [True], [False]]
    assert told([first], [second], [first]) == [[True], [True], [True]]


def test_two_changes_together_do_not_tell_one() -> None:
    first = [about(*range(30), name="fuel"), about(*range(30), name="home")]
    second: list[Shown] = [
        (name, "u", {"u": {f"emp-{i}": "b" if i < n else "a" for i in range(30)}})
        for name, n in (("fuel", 6), ("home", 7))
    ]
    assert told(first, second) == [[True, True], [True, False]]


def test_a_number_that_only_changes_with_people_is_about_them_when_it_does() -> None:
    beside, again = (about(*range(3), name=f"{ONLY_CHANGES}zone", worth=worth) for worth in "ab")
    joined = about(*range(4), name=f"{ONLY_CHANGES}zone")
    assert told([beside], [again]) == [[True], [False]]
    assert told([beside], [joined]) == [[True], [False]]
    assert told([beside], [beside]) == [[True], [True]]


def test_somebody_with_a_part_in_two_units_counts_once() -> None:
    assert told([in_all(a=range(3), b=range(2))]) == [[False]]


def test_sums_that_change_by_few_are_not_told_anew() -> None:
    first = [in_all(a=range(30), b=range(40, 60))]
    four: list[Shown] = [in_all(a=range(28), b=range(42, 60))]
    six: list[Shown] = [in_all(a=range(27), b=range(43, 60))]
    assert told(first, four) == [[True], [False]]
    assert told(first, six, first) == [[True], [True], [True]]
    assert told(first, six, [in_all(a=range(26), b=range(43, 60))]) == [[True], [True], [False]]


def test_what_a_unit_shows_later_is_taken_from_earlier_sums_too() -> None:
    """Four of b were hidden with twenty of c; then b has grown by ten. Less these, by which the sum has grown, b would
    give the four away; and so would c, which is unchanged, less what it was summed up with then."""
    a, c = about(*range(10), unit="a"), about(*range(70, 90), unit="c")
    then: list[Shown] = [in_all(a=range(10), b=range(60, 64), c=range(70, 90)), a, c]
    b = about(*range(60, 74), unit="b")
    grown: list[Shown] = [in_all(a=range(10), b=range(60, 74), c=range(70, 90)), a, b, c]
    assert told(then, grown) == [[True, True, False], [True, True, False, False]]
