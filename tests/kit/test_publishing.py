"""What is published of a month, one publication after another: nothing about few, and nothing that need not wait."""

import random
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations, pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kit.decisions.decider import Document
from shared.people.disclosure import PEOPLE_MIN, PEOPLE_MIN_AMONG_THEM
from shared.people.published import Publications, _read_by_all
from shared.people.publishing import ALL, TO_ALL, TO_OTHERS, Figure, State, Unit, Units, due_at, publish

NOW = datetime(2026, 10, 2, tzinfo=UTC)
NAMES = ("fuel", "home")
SUMS_AT_ONCE = 2
Vector = frozenset[tuple[str, str]]
"""What a figure is the sum of: people, each with what they have now."""


def unit(**numbers: dict[str, str]) -> Unit:
    """A figure for each number, whose value is that of its people."""
    figures = {name: Figure({}, {"of": sorted(of.items())}, (name,)) for name, of in numbers.items() if of}
    return Unit(figures, numbers)


def people(*numbers: int, worth: str = "a") -> dict[str, str]:
    return {f"emp-{n}": worth for n in numbers}


def shown(state: State, least: int, *, of_all: bool) -> list[Vector]:
    """What somebody reads in a publication, of all units together or of each."""
    vectors = []
    for (where, name), to in state.shown.items():
        if to >= least and (where == ALL) == of_all:
            units = state.units.values() if where == ALL else [state.units[where]]
            vectors.append(frozenset(at for of in units for at in of.numbers.get(name, {}).items()))
    return vectors


def few(vectors: Sequence[Vector], sums: Collection[Vector], people_min: int, most: int) -> list[set[str]]:
    """The sets of few people that are left of some figures added up and taken from each other, in every way, of which
    two at most are sums over units."""
    patterns: dict[tuple[bool, ...], set[str]] = {}
    for at in {at for vector in vectors for at in vector}:
        patterns.setdefault(tuple(at in vector for vector in vectors), set()).add(at[0])
    found = []
    for size in range(1, most + 1):
        for chosen in combinations(range(len(vectors)), size):
            if sum(vectors[at] in sums for at in chosen) > SUMS_AT_ONCE:
                continue
            bits: dict[tuple[bool, ...], set[str]] = {}
            for pattern, of in patterns.items():
                bits.setdefault(tuple(pattern[at] for at in chosen), set()).update(of)
            for signs in product((1, -1), repeat=size - 1):
                left: set[str] = set()
                for pattern, of in bits.items():
                    if sum(sign * bit for sign, bit in zip((1, *signs), pattern, strict=True)):
                        left |= of
                if 0 < len(left) < people_min:
                    found.append(left)
    return found


def publications(months: Iterable[Units]) -> list[State]:
    """Everything that was published, while a month went through these states."""
    found: list[State] = []
    for month in months:
        state = publish(found[-1] if found else None, month, NOW)
        found += [state] if state else []
    return found


@st.composite
def months(draw: st.DrawFn) -> list[Units]:
    """A month of two or three units, as more and more of its people change, come and go. A person's part changes in all
    numbers at once, so that whoever reads one may know it in another."""
    chance = random.Random(draw(st.integers(0, 10**9)))
    sizes = {name: draw(st.sampled_from([2, 7, 16, 30, 30])) for name in "uvw"[: draw(st.integers(2, 3))]}
    every = [f"{of}{n}" for of, size in sizes.items() for n in range(size)]
    worths = dict.fromkeys(every, "a")
    absent = {(name, person) for name in NAMES for person in every if chance.random() < draw(st.sampled_from([0, 0.1]))}
    found: list[Units] = []
    for _ in range(draw(st.integers(1, 4))):
        numbers = {
            of: {name: {p: worths[p] for p in every if p.startswith(of) and (name, p) not in absent} for name in NAMES}
            for of in sizes
        }
        found.append({of: unit(**by_name) for of, by_name in numbers.items()})
        where = draw(st.sampled_from([*sizes, ""]))
        there = [person for person in every if person.startswith(where)]
        for person in chance.sample(there, min(len(there), draw(st.sampled_from([1, 5, 7, 12, 30])))):
            worths[person] = chance.choice("abc")
        coming = draw(st.sampled_from([0, 0, 0.03, 0.3]))
        absent ^= {(name, person) for name in NAMES for person in every if chance.random() < coming}
    return found


@settings(max_examples=40, deadline=None)
@given(months())
def test_nothing_that_can_be_added_up_from_what_was_ever_published_is_about_few(history: list[Units]) -> None:
    """Somebody keeps all that was published, of units and sums, and adds and takes away some of it; also one who is
    among the people, and takes themselves off."""
    states = publications(history)
    for least, people_min in ((TO_OTHERS, PEOPLE_MIN), (TO_ALL, PEOPLE_MIN_AMONG_THEM)):
        sums = {vector for state in states for vector in shown(state, least, of_all=True)}
        parts = {vector for state in states for vector in shown(state, least, of_all=False)}
        vectors = sorted((sums | parts) - {frozenset()}, key=sorted)
        assert few(vectors, sums - parts, people_min, 4 if len(vectors) <= 8 else 3) == []


@settings(max_examples=30, deadline=None)
@given(months())
def test_a_publication_follows_from_the_one_before_and_what_is_known(history: list[Units]) -> None:
    """Looking again publishes nothing, and what is the same is published once."""
    states = publications(history)
    assert states == publications([month for month in history for _ in range(2)])
    assert [state.number for state in states] == list(range(1, len(states) + 1))
    assert publish(states[-1], states[-1].units, NOW) is None


@settings(max_examples=30, deadline=None)
@given(months())
def test_what_is_shown_is_shown_again(history: list[Units]) -> None:
    states = publications(history)
    for before, after in pairwise(states):
        assert all(after.shown.get(cell, 0) >= to for cell, to in before.shown.items())


@settings(max_examples=40, deadline=None)
@given(months(), st.integers(0, 10**9))
def test_strangers_read_nothing_that_anybody_on_record_may_not_have_read(history: list[Units], seed: int) -> None:
    """Whoever is among a month's people, whenever they came in or left: a stranger may be they, and adds to what they
    have read as an employee."""
    states = publications(_some_come_later(history, random.Random(seed)))
    people = {"emp-elsewhere", *states[-1].since}
    read: dict[str, set[tuple[int, str, str]]] = {person: set() for person in people}
    told: list[Document] = []
    for state in states:
        told.append({"publication": str(state.number), "number": state.number, "as_of": NOW, "sums": []})
        for person in people:
            reading = Publications(told, state.since).reading(person)
            assert reading
            read[person] |= _cells_of(states[reading.number - 1], reading.least)
        openly = _cells_of(states[_read_by_all(state) - 1], TO_ALL)
        assert all(openly <= of for of in read.values())


def _some_come_later(history: list[Units], chance: random.Random) -> list[Units]:
    """The same, with people who come in one day and go another."""
    every = sorted({p for month in history for of in month.values() for worth in of.numbers.values() for p in worth})
    days = {person: chance.choice([(0, 9), (0, 9), (0, 2), (1, 9), (1, 3), (2, 9)]) for person in every}
    return [
        {
            name: unit(
                **{n: {p: w for p, w in worth.items() if at in range(*days[p])} for n, worth in of.numbers.items()}
            )
            for name, of in month.items()
        }
        for at, month in enumerate(history)
    ]


def _cells_of(state: State, least: int) -> set[tuple[int, str, str]]:
    return {(state.number, where, name) for (where, name), to in state.shown.items() if to >= least}


def test_many_units_move_though_some_wait() -> None:
    """One person changed in each of three units, and everybody in the others: these move, those wait."""

    def month(worth: str) -> Units:
        waits = {f"w{n}": unit(fuel={f"w{n}-{k}": worth if not k else "a" for k in range(20)}) for n in range(3)}
        return waits | {f"m{n}": unit(fuel={f"m{n}-{k}": worth for k in range(20)}) for n in range(7)}

    first, second = publications([month("a"), month("b")])
    assert {name for name in first.units if first.units[name] != second.units[name]} == {f"m{n}" for n in range(7)}


def test_units_too_small_to_show_move_together() -> None:
    """Each of three is hidden; in their sum four are not told, and six are."""
    large = unit(fuel={f"l{n}": "a" for n in range(30)})

    def month(changed: int) -> Units:
        small = {
            f"s{n}": unit(fuel={f"s{n}-{k}": "b" if n * 3 + k < changed else "a" for k in range(3)}) for n in range(3)
        }
        return {"large": large, **small}

    (first,) = publications([month(0), month(4)])
    assert {cell for cell in first.shown if cell[0] != "large"} == {(ALL, "fuel")}
    assert len(publications([month(0), month(6)])) == 2


def test_a_new_factor_set_takes_the_place_of_the_one_before() -> None:
    everybody = {f"p{n}": "a" for n in range(20)}
    first, second = publications([{"u": unit(old=everybody)}, {"u": unit(new=everybody)}])
    assert ("u", "new") in second.shown
    assert "old" not in second.units["u"].figures
    assert first.shown.keys() == {("u", "old"), (ALL, "old")}


def test_a_month_is_published_when_it_is_over_wherever_units_are() -> None:
    assert due_at("2026-09") == datetime(2026, 10, 2, tzinfo=UTC)
    assert due_at("2026-12") == datetime(2027, 1, 2, tzinfo=UTC)
