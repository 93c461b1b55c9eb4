"""What may be told of a month's people: nothing from which the figures of fewer than five could be worked out. Pure.

Figures of fewer than five people are for those people and the personnel agency (UU 27/2022; the threshold is the usual
one for small cells), also not by taking one figure from another: one beside it, a part from a sum, an earlier reading
from a later one. What can be worked out is about people whom what was told sets apart from others. So everything that
was ever told of a month is remembered as *classes* of people: two people are of one class as long as they have been in
the same figures every time, and have changed in the same figures each time that these were told anew. A figure is told
only if every class is then of five people or more. Whatever is made of what was told by taking together, taking away or
leaving over is about whole classes.

A class is made of *parts*, not of people: somebody who changed units has a part in each, and counts once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PEOPLE_MIN = 5
PEOPLE_MIN_AMONG_THEM = PEOPLE_MIN + 1
"""For a reader who is one of the people: they know their own, and take it off."""

Part = tuple[str, str]
"""The unit, and the person."""
Worth = Mapping[str, str]
"""What a number holds of each person: a hash of it."""
Number = tuple[str, Mapping[str, Worth]]
"""One number that a figure tells: its name, and its people's worth by each unit that it is about (all, for a sum)."""

ONLY_CHANGES = "~"
"""A number whose name begins so is about its people only in that it changes with them: a closed zone's electricity
with whoever else belongs there."""
ABSENT = ""
Sign = tuple[int, int, bool]


@dataclass
class Told:
    """All that was told of a month up to now. `classes` are those of the parts that any of it was about; `worths`, by
    number and unit, each person's different worths that were told, oldest first (`ABSENT` while they were not in it).
    """

    classes: dict[Part, int] = field(default_factory=dict)
    worths: dict[tuple[str, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)


class Telling:
    """A new telling in the making: which figures it may hold beside all that was told before."""

    def __init__(self, told: Told, people_min: int = PEOPLE_MIN) -> None:
        self._told = told
        self._people_min = people_min
        self._classes = dict(told.classes)
        self._people: dict[int, Counter[str]] = {}
        self._sizes: Counter[int] = Counter(self._classes.values())
        for (_, person), class_ in self._classes.items():
            self._people.setdefault(class_, Counter())[person] += 1
        self._next = max(self._people, default=0) + 1
        self._now: dict[tuple[str, str], dict[str, str]] = {}

    def tell(self, numbers: Iterable[Number]) -> bool:
        """Tell a figure that consists of some numbers, if that leaves no class of few; otherwise nothing changes."""
        undo: list[tuple[Part, int | None]] = []
        added: list[tuple[tuple[str, str], dict[str, str]]] = []
        for name, by_unit in numbers:
            signs: dict[Part, Sign] = {}
            for unit, of in by_unit.items():
                worths = self._with_gone((name, unit), of)
                added.append(((name, unit), worths))
                signs |= self._signs((name, unit), worths)
            if not self._split(signs, undo):
                for part, class_ in reversed(undo):
                    self._move(part, class_)
                return False
        for at, worths in added:
            self._now.setdefault(at, {}).update(worths)
        return True

    def done(self) -> Told:
        """All that was told, with this."""
        worths = dict(self._told.worths)
        for at, now in self._now.items():
            known = worths.get(at, {})
            worths[at] = known | {
                person: (*told, worth) for person, worth in now.items() if worth not in (told := known.get(person, ()))
            }
        return Told(self._classes, worths)

    def _with_gone(self, at: tuple[str, str], of: Worth) -> dict[str, str]:
        return dict.fromkeys(self._told.worths.get(at, ()), ABSENT) | dict(of)

    def _signs(self, at: tuple[str, str], worths: Worth) -> dict[Part, Sign]:
        """What sets people apart in a number: whether they were in it before, and which of their worths they have."""
        known = self._told.worths.get(at, {})
        only_changes = at[0].startswith(ONLY_CHANGES)
        signs: dict[Part, Sign] = {}
        for person, worth in worths.items():
            told = known.get(person, ())
            which = told.index(worth) if worth in told else len(told)
            if not (only_changes and which == 0 and (told or not known)):
                signs[at[1], person] = (len(told), which, worth == ABSENT)
        return signs

    def _split(self, signs: Mapping[Part, Sign], undo: list[tuple[Part, int | None]]) -> bool:
        """Set parts apart by their signs. False as soon as that makes a class of few."""
        pieces: dict[tuple[int, Sign], list[Part]] = {}
        for part, sign in signs.items():
            pieces.setdefault((self._classes.get(part, 0), sign), []).append(part)
        for (class_, _), parts in pieces.items():
            if len({person for _, person in parts}) < self._people_min:
                return False
            if class_ and len(parts) == self._sizes[class_]:
                continue
            new, self._next = self._next, self._next + 1
            for part in parts:
                undo.append((part, self._classes.get(part)))
                self._move(part, new)
        left = {class_ for class_, _ in pieces if self._sizes[class_]}
        return all(len(self._people[class_]) >= self._people_min for class_ in left)

    def _move(self, part: Part, class_: int | None) -> None:
        was, person = self._classes.pop(part, None), part[1]
        if was is not None:
            self._sizes[was] -= 1
            self._people[was][person] -= 1
            if not self._people[was][person]:
                del self._people[was][person]
        if class_ is not None:
            self._sizes[class_] += 1
            self._classes[part] = class_
            self._people.setdefault(class_, Counter())[person] += 1
