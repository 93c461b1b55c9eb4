"""What may be told of a month's people: alone, beside one another, in sums, and one after another."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kit.disclosure import ONLY_CHANGES, PEOPLE_MIN, Number, Telling, Told

ONE = "unit-1"


def about(*people: int, name: str = "fuel", unit: str = ONE, worth: str = "a") -> Number:
    return name, {unit: {f"emp-{n}": worth for n in people}}


def of_units(name: str, **people: range) -> Number:
    return name, {unit: {f"emp-{n}": "a" for n in of} for unit, of in people.items()}


def told(*tellings: list[Number], people_min: int = PEOPLE_MIN) -> list[list[bool]]:
    """Which figures, of one number each, may be told, in tellings one after another."""
    so_far, answers = Told(), []
    for numbers in tellings:
        telling = Telling(so_far, people_min)
        answers.append([telling.tell([number]) for number in numbers])
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
    whole = of_units("fuel", a=range(60), b=range(60, 63))
    a, b = of_units("fuel", a=range(60)), of_units("fuel", b=range(60, 63))
    assert told([whole, a, b]) == [[True, False, False]]
    c = of_units("fuel", a=range(60), b=range(60, 63), c=range(70, 90))
    assert told([c, a, of_units("fuel", c=range(70, 90)), b]) == [[True, True, False, False]]


def test_a_figure_of_several_numbers_is_told_as_a_whole_or_not_at_all() -> None:
    telling = Telling(Told())
    assert not telling.tell([about(*range(9), name="agreed"), about(1, name="lacking")])
    assert telling.done() == Told()
    assert telling.tell([about(*range(9), name="agreed"), about(*range(4), name="nobody", unit="none")]) is False
    assert telling.tell([about(*range(9), name="agreed")])


def test_a_change_is_told_when_it_is_about_five() -> None:
    def changed(n: int) -> Number:
        return "fuel", {ONE: {f"emp-{i}": "b" if i < n else "a" for i in range(20)}}

    assert told([about(*range(20))], [changed(4)], [changed(5)]) == [[True], [False], [True]]
    assert told([about(*range(20))], [changed(5)], [changed(6)]) == [[True], [True], [False]], "the sixth"


def test_coming_and_going_are_changes() -> None:
    assert told([about(*range(20))], [about(*range(21))]) == [[True], [False]]
    assert told([about(*range(20))], [about(*range(19))]) == [[True], [False]]
    assert told([about(*range(20))], [about(*range(25))], [about(*range(20))]) == [[True], [True], [True]]


def test_one_who_is_not_changed_back_with_the_others_is_not_told_by_the_first_and_the_last() -> None:
    first = about(*range(12))
    second = "fuel", {ONE: {f"emp-{i}": "b" if i < 6 else "a" for i in range(12)}}
    third = "fuel", {ONE: {f"emp-{i}": "c" if i < 1 else "a" for i in range(12)}}
    assert told([first], [second], [third]) == [[True], [True], [False]]
    assert told([first], [second], [first]) == [[True], [True], [True]]


def test_two_changes_together_do_not_tell_one() -> None:
    first = [about(*range(30), name="fuel"), about(*range(30), name="home")]
    second: list[Number] = [
        (name, {ONE: {f"emp-{i}": "b" if i < n else "a" for i in range(30)}}) for name, n in (("fuel", 6), ("home", 7))
    ]
    assert told(first, second) == [[True, True], [True, False]]


def test_a_number_that_only_changes_with_people_is_about_them_when_it_does() -> None:
    beside, again = (about(*range(3), name=f"{ONLY_CHANGES}zone", worth=worth) for worth in "ab")
    joined = about(*range(4), name=f"{ONLY_CHANGES}zone")
    assert told([beside], [again]) == [[True], [False]]
    assert told([beside], [joined]) == [[True], [False]]
    assert told([beside], [beside]) == [[True], [True]]


def test_somebody_with_a_part_in_two_units_counts_once() -> None:
    moved = "fuel", {"a": {f"emp-{n}": "a" for n in range(3)}, "b": {f"emp-{n}": "a" for n in range(2)}}
    assert told([moved]) == [[False]]


@st.composite
def histories(draw: st.DrawFn) -> list[list[Number]]:
    """Tellings of some numbers of three units, each told by unit and in sum, in which people change, come and go."""
    population = draw(st.integers(5, 14))
    tellings: list[list[Number]] = []
    for _ in range(draw(st.integers(1, 3))):
        telling: list[Number] = []
        for name in ("fuel", "home"):
            by_unit: dict[str, dict[str, str]] = {
                unit: {
                    f"{unit}-{n}": draw(st.sampled_from("ab"))
                    for n in range(population)
                    if draw(st.integers(0, 9)) or not telling
                }
                for unit in ("u", "v")
            }
            telling += [(name, by_unit), *((name, {unit: of}) for unit, of in by_unit.items())]
        tellings.append(telling)
    return tellings


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from([5, 6]))
def test_nothing_that_can_be_made_of_what_was_told_is_about_few(tellings: list[list[Number]], people_min: int) -> None:
    """Whoever takes figures together, one from another, what they have in common, parts from sums, and each from all
    its earlier ones, gets sets of people that are empty or not few."""
    so_far: Told = Told()
    sets: list[frozenset[str]] = []
    earlier: dict[tuple[str, tuple[str, ...]], list[dict[str, str]]] = {}
    for numbers in tellings:
        telling = Telling(so_far, people_min)
        for name, by_unit in numbers:
            if not telling.tell([(name, by_unit)]):
                continue
            now = {person: worth for of in by_unit.values() for person, worth in of.items()}
            sets.append(frozenset(now))
            before = earlier.setdefault((name, tuple(by_unit)), [])
            sets += [frozenset(p for p in now.keys() | was.keys() if now.get(p) != was.get(p)) for was in before]
            before.append(now)
        so_far = telling.done()
    for _ in range(2):
        found = set(sets)
        made = {made for a in found for b in found for made in (a - b, a & b)}
        assert all(not one or len(one) >= people_min for one in made)
        sets = sorted(made, key=sorted)[:40]
