"""What may be told of a month's people: nothing from which the figures of fewer than five could be worked out. Pure.

Figures of fewer than five people are for those people and the personnel agency (UU 27/2022; the threshold is the usual
one for small cells), also not by taking one figure from another: one beside it, a part from a sum, an earlier reading
from a later one. So everything that was ever told of a month is remembered, and a new figure is told only if nothing
that can be made of all of it is about few:

- *Units.* What a unit told sets its people apart from each other. Two are of one *class* as long as they have been in
  the same of its figures every time, and have changed in the same figures each time that these were told anew. Taking
  together, taking away or leaving over makes whole classes; every class is of five people or more.
- *Sums* over units are about the people of all of them, and so are the change of a sum from one telling to another, and
  what two sums, of the same telling or not, do not have in common. From each of these, somebody takes away what units
  told, as far as that goes.
  In each class of a unit either those who are in it are left, or those who are not, whichever are fewer. All that are
  left, in all units, are none, or five people or more.

Figures are taken to be alike for alike people: that is more than is known to whoever compares rupiah with grams, and
what is known to whoever compares days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import combinations, product

PEOPLE_MIN = 5
PEOPLE_MIN_AMONG_THEM = PEOPLE_MIN + 1
"""For a reader who is one of the people: they know their own, and take it off."""

Worth = Mapping[str, str]
"""What a number holds of each person: a hash of it."""
ByUnit = Mapping[str, Worth]
Part = tuple[str, str]
"""The unit, and the person: somebody who changed units has a part in each."""

ONLY_CHANGES = "~"
"""A number whose name begins so is about its people only in that it changes with them: a closed zone's electricity
with whoever else belongs there."""
ABSENT = ""
NOBODY: frozenset[str] = frozenset()
Sign = tuple[int, int, bool]
SURELY_MANY = 4
"""Nobody has so many parts in a month that these many times the people needed are fewer."""


@dataclass
class Told:
    """All that was told of a month up to now. Of units: `classes`, and in `worths`, by number and unit, each person's
    different worths, oldest first (`ABSENT` while they were not in it). Of sums: each telling's numbers, in order."""

    classes: dict[Part, int] = field(default_factory=dict)
    worths: dict[tuple[str, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    sums: list[dict[str, ByUnit]] = field(default_factory=list)

    @cached_property
    def made(self) -> list["About"]:
        """All that can be made of the sums."""
        return [of for number, new in enumerate(self.sums, 1) for of in _made(self.sums[:number], new)]


class Telling:
    """A new telling in the making: which figures it may hold beside all that was told before."""

    def __init__(self, told: Told, people_min: int = PEOPLE_MIN) -> None:
        self._told = told
        self._min = people_min
        self._classes = dict(told.classes)
        self._members: dict[int, set[str]] = {}
        for (_, person), class_ in self._classes.items():
            self._members.setdefault(class_, set()).add(person)
        self._next = max(self._members, default=0) + 1
        self._now: dict[tuple[str, str], dict[str, str]] = {}
        self._sums: dict[str, ByUnit] = {}
        self._about: dict[str, list[tuple[int, frozenset[str]]]] = {}
        """By unit: those of its people whom something that can be made of sums is about, and the number of that."""
        self._left: list[dict[str, frozenset[str]]] = []
        """Of each thing that can be made of sums, who are left of it in each unit."""
        self._how_many: list[int] = []
        self._add(told.made)

    def tell(self, unit: str, numbers: Mapping[str, Worth]) -> bool:
        """Tell a unit's figure that consists of some numbers, if that leaves nothing of few; otherwise nothing is."""
        undo: list[tuple[str, int | None]] = []
        worths = {name: self._with_gone((name, unit), of) for name, of in numbers.items()}
        if all(self._split(unit, self._signs((name, unit), of), undo) for name, of in worths.items()):
            left = self._take_away(unit) if undo else {}
            if all(self._enough(made) for made in left):
                self._now.update({(name, unit): of for name, of in worths.items()})
                return True
            for made, people in left.items():
                self._leave(made, unit, people)
        for person, class_ in reversed(undo):
            self._move(unit, person, class_)
        return False

    def tell_sum(self, numbers: Mapping[str, ByUnit]) -> bool:
        """Tell a sum over units in the same way."""
        new = {name: of for name, of in numbers.items() if name not in self._sums}
        first, so_far = len(self._left), dict(self._sums)
        for name, of in new.items():
            self._sums[name] = of
            self._add(_made([*self._told.sums, self._sums], {name: of}))
        if all(self._enough(made) for made in range(first, len(self._left))):
            return True
        self._sums = so_far
        del self._left[first:], self._how_many[first:]
        for made in self._about.values():
            while made and made[-1][0] >= first:
                made.pop()
        return False

    def done(self) -> Told:
        """All that was told, with this."""
        worths = dict(self._told.worths)
        for at, now in self._now.items():
            known = worths.get(at, {})
            new = {person: (*told, of) for person, of in now.items() if of not in (told := known.get(person, ()))}
            worths[at] = known | new
        anew = not self._told.sums or self._sums != self._told.sums[-1]
        return Told(self._classes, worths, [*self._told.sums, *([self._sums] if anew and self._sums else [])])

    def _with_gone(self, at: tuple[str, str], of: Worth) -> dict[str, str]:
        return dict.fromkeys(self._told.worths.get(at, ()), ABSENT) | dict(of)

    def _signs(self, at: tuple[str, str], worths: Worth) -> dict[str, Sign]:
        """What sets people apart in a number: whether they were in it before, and which of their worths they have."""
        known = self._told.worths.get(at, {})
        only_changes = at[0].startswith(ONLY_CHANGES)
        before = (ABSENT,) if only_changes and known else ()
        signs: dict[str, Sign] = {}
        for person, worth in worths.items():
            told = known.get(person, before)
            which = told.index(worth) if worth in told else len(told)
            if not (only_changes and which == 0):
                signs[person] = (len(told), which, worth == ABSENT)
        return signs

    def _split(self, unit: str, signs: Mapping[str, Sign], undo: list[tuple[str, int | None]]) -> bool:
        """Set a unit's people apart by their signs. False as soon as that makes a class of few."""
        pieces: dict[tuple[int, Sign], list[str]] = {}
        for person, sign in signs.items():
            pieces.setdefault((self._classes.get((unit, person), 0), sign), []).append(person)
        for (class_, _), people in pieces.items():
            if len(people) < self._min:
                return False
            if class_ and len(people) == len(self._members[class_]):
                continue
            new, self._next = self._next, self._next + 1
            for person in people:
                undo.append((person, self._classes.get((unit, person))))
                self._move(unit, person, new)
        left = [len(self._members[class_]) for class_, _ in pieces if class_]
        return all(not people or people >= self._min for people in left)

    def _move(self, unit: str, person: str, class_: int | None) -> None:
        was = self._classes.pop((unit, person), None)
        if was is not None:
            self._members[was].discard(person)
        if class_ is not None:
            self._classes[unit, person] = class_
            self._members.setdefault(class_, set()).add(person)

    def _add(self, made: Iterable[Mapping[str, frozenset[str]]]) -> None:
        """Remember what can be made of sums, with who is left of it."""
        for by_unit in made:
            number = len(self._left)
            left = {unit: self._left_of(unit, people) for unit, people in by_unit.items()}
            self._left.append(left)
            self._how_many.append(sum(map(len, left.values())))
            for unit, people in by_unit.items():
                self._about.setdefault(unit, []).append((number, people))

    def _take_away(self, unit: str) -> dict[int, frozenset[str]]:
        """Look again at who is left in a unit. Returns who was before, where that has changed."""
        before: dict[int, frozenset[str]] = {}
        seen: dict[frozenset[str], frozenset[str]] = {}
        for made, people in self._about.get(unit, ()):
            if people not in seen:
                seen[people] = self._left_of(unit, people)
            if (was := self._left[made][unit]) != seen[people]:
                before[made] = was
                self._leave(made, unit, seen[people])
        return before

    def _leave(self, made: int, unit: str, people: frozenset[str]) -> None:
        self._how_many[made] += len(people) - len(self._left[made][unit])
        self._left[made][unit] = people

    def _left_of(self, unit: str, people: frozenset[str]) -> frozenset[str]:
        """Who is left of some people of a unit when what the unit told is taken away."""
        by_class: dict[int, set[str]] = {}
        for person in people:
            by_class.setdefault(self._classes.get((unit, person), 0), set()).add(person)
        left: set[str] = by_class.pop(0, set())
        for class_, inside in by_class.items():
            members = self._members[class_]
            left |= inside if 2 * len(inside) <= len(members) else members - inside
        return frozenset(left)

    def _enough(self, made: int) -> bool:
        """Whether those who are left of something are none or not few. Who has parts in several units counts once."""
        if self._how_many[made] >= SURELY_MANY * self._min:
            return True
        left = NOBODY.union(*self._left[made].values())
        return not left or len(left) >= self._min


About = dict[str, frozenset[str]]
"""People by unit; only units of which there are any."""


def _made(tellings: list[dict[str, ByUnit]], new: Mapping[str, ByUnit]) -> list[About]:
    """What can be made of the sums of tellings with some new ones of the last: each, its change since each telling
    before, and what two have and have not in common, then and now."""
    *before, now = tellings
    there = {name: _there(of) for name, of in now.items() if not name.startswith(ONLY_CHANGES)}
    made = [of for name, of in there.items() if name in new]
    made += [_apart(there[a], there[b]) for a, b in combinations(sorted(there), 2) if a in new or b in new]
    for was in before:
        changed = {name: _changed(was[name], of) for name, of in now.items() if name in was}
        made += [of for name, of in changed.items() if name in new]
        made += [_apart(changed[a], changed[b]) for a, b in combinations(sorted(changed), 2) if a in new or b in new]
        was_there = {name: _there(of) for name, of in was.items() if not name.startswith(ONLY_CHANGES)}
        for then, since in product(was_there, there):
            if then != since and (then in new or since in new):
                stayed = [_changed(was[name], now[name], stayed=True) for name in (then, since) if name in changed]
                made.append(reduce(_together, stayed, _apart(was_there[then], there[since])))
    return [of for number, of in enumerate(made) if of and of not in made[:number]]


def _there(of: ByUnit) -> About:
    return {unit: frozenset(worth) for unit, worth in of.items() if worth}


def _changed(was: ByUnit, now: ByUnit, *, stayed: bool = False) -> About:
    """In whom a number changed; or only in whom of those who `stayed` in it."""
    found: About = {}
    for unit in {*was, *now}:
        a, b = was.get(unit, {}), now.get(unit, {})
        if a == b:
            continue
        among = a.keys() & b.keys() if stayed else a.keys() | b.keys()
        if people := frozenset(person for person in among if a.get(person) != b.get(person)):
            found[unit] = people
    return found


def _apart(a: About, b: About) -> About:
    found = {unit: a.get(unit, NOBODY) ^ b.get(unit, NOBODY) for unit in {*a, *b}}
    return {unit: people for unit, people in found.items() if people}


def _together(a: About, b: About) -> About:
    return {unit: a.get(unit, NOBODY) | b.get(unit, NOBODY) for unit in {*a, *b}}
