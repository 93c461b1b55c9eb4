"""What is published of a month, and when that moves. Pure.

Whoever is not the personnel agency reads a month as it was last *published*. A unit's figures move together, when what
changed in them can be told (`disclosure.py`); until then they stay as they were published, and sums are those of what
is published. So a new publication is a function of the one before, of what is known now, and of nothing else: read
models that are filled anew publish nothing anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from shared.kit.base.clock import last_day
from shared.kit.decisions.decider import Document
from shared.people.disclosure import ONLY_CHANGES, PEOPLE_MIN, PEOPLE_MIN_AMONG_THEM, Telling, Told, Worth

PUBLISHED_AFTER = timedelta(days=1)
"""After the end of the month in UTC: by then it is over wherever a unit is, and a morning has been there to verify."""

ALL = ""
"""The units together."""
Cell = tuple[str, str]
"""A unit, or all; and the name of a figure."""
TO_OTHERS, TO_ALL = 1, 2
"""Who may read a figure: those who are not among its people, or everybody."""


@dataclass(frozen=True)
class Figure:
    """One or more numbers that are told together. `tags` say what it is about, `value` what it is; `numbers` name those
    of the unit that it tells, or from which and other figures it could be worked out. `summed` with those of other
    units of the same name: the sum is told too, or may be known otherwise."""

    tags: Document
    value: Document
    numbers: tuple[str, ...]
    summed: bool = True


@dataclass(frozen=True)
class Unit:
    """A unit's month: its figures by name, and what its numbers hold of each person."""

    figures: Mapping[str, Figure] = field(default_factory=dict)
    numbers: Mapping[str, Worth] = field(default_factory=dict)

    def people(self, figure: Figure) -> set[str]:
        """Those whom a figure is about."""
        told = (self.numbers.get(name, {}) for name in figure.numbers if not name.startswith(ONLY_CHANGES))
        return {person for of in told for person in of}


Units = Mapping[str, Unit]
NOTHING = Unit()


@dataclass(frozen=True)
class State:
    """A publication of a month: the units as they are published, whether shown or not; who may read which figures; all
    that was told with this and those before, to others and to all; and the publication in which each of its people came
    in. Who came in later has read what others read before, and is not to take themselves off from there."""

    number: int
    as_of: datetime
    units: Units
    shown: Mapping[Cell, int]
    told: Told
    told_to_all: Told
    since: Mapping[str, int]


def due_at(month: str) -> datetime:
    """When a month (YYYY-MM) is published first."""
    return datetime.combine(last_day(month) + timedelta(days=1), time(), UTC) + PUBLISHED_AFTER


def publish(before: State | None, live: Units, now: datetime) -> State | None:
    """The next publication; none where nothing new can be told."""
    if before is None:
        return State(1, now, live, *_tell(None, live), _since({}, live, 1))
    moving = _most(before, live, [], _candidates(before, live))
    units = _moved(before, live, moving)
    shown, told, told_to_all = _tell(before, units)
    if not moving or (told.worths, told.sums, shown) == (before.told.worths, before.told.sums, before.shown):
        return None
    number = before.number + 1
    return State(number, now, units, shown, told, told_to_all, _since(before.since, units, number))


def _since(before: Mapping[str, int], units: Units, number: int) -> dict[str, int]:
    people = {person for of in units.values() for figure in of.figures.values() for person in of.people(figure)}
    return dict.fromkeys(sorted(people), number) | dict(before)


def _candidates(before: State, live: Units) -> list[list[str]]:
    """The units whose figures might move: each for itself, where those in whom something shown has changed are none or
    enough; and all of which nothing is shown, together, since only their sum can be told."""
    alone: list[list[str]] = []
    together: list[str] = []
    for unit in sorted(before.units.keys() | live.keys()):
        was, now = before.units.get(unit, NOTHING), live.get(unit, NOTHING)
        if was == now or _unexplained(was, now):
            continue
        shown = {n for name, of in was.figures.items() if (unit, name) in before.shown for n in of.numbers}
        if not shown:
            together.append(unit)
        elif all(_enough(was.numbers.get(name, {}), now.numbers.get(name, {})) for name in shown):
            alone.append([unit])
    return [*alone, together] if together else alone


def _changed(was: Worth, now: Worth) -> set[str]:
    return {person for person in {*was, *now} if was.get(person) != now.get(person)}


def _enough(was: Worth, now: Worth) -> bool:
    return len(_changed(was, now)) not in range(1, PEOPLE_MIN)


def _unexplained(was: Unit, now: Unit) -> bool:
    """Whether a figure changed though nobody's part in it did: then nobody can say whom that is about."""
    return any(
        figure in was.figures
        and was.figures[figure].value != of.value
        and not any(_changed(was.numbers.get(name, {}), now.numbers.get(name, {})) for name in of.numbers)
        for figure, of in now.figures.items()
    )


def _most(before: State, live: Units, moving: list[str], groups: Sequence[list[str]]) -> list[str]:
    """As many of some groups of units as can move with those that do, so that nothing that is shown has to be withheld:
    found by halves."""
    if not groups:
        return moving
    more = [*moving, *(unit for group in groups for unit in group)]
    shown, *_ = _tell(before, _moved(before, live, more))
    if all(shown.get(cell, 0) >= to for cell, to in before.shown.items()):
        return more
    if len(groups) == 1:
        return moving
    half = len(groups) // 2
    return _most(before, live, _most(before, live, moving, groups[:half]), groups[half:])


def _moved(before: State, live: Units, units: Iterable[str]) -> Units:
    return {**before.units, **{unit: live.get(unit, NOTHING) for unit in units}}


def _tell(before: State | None, units: Units) -> tuple[dict[Cell, int], Told, Told]:
    """What may be shown of some units, and to whom: what is shown already first, then sums before parts, and what is
    about more people before what is about fewer."""
    held = before.shown if before else {}
    to_others = Telling(before.told if before else Told(), PEOPLE_MIN)
    to_all = Telling(before.told_to_all if before else Told(), PEOPLE_MIN_AMONG_THEM)
    cells = _cells(before, units)

    def tell(telling: Telling, cell: Cell) -> bool:
        if cell[0] == ALL:
            return telling.tell_sum({name: _by_unit(units, name) for name in cells[cell]})
        numbers = {name: units[cell[0]].numbers.get(name, {}) for name in cells[cell]}
        return telling.tell(cell[0], numbers)

    def place(cell: Cell) -> tuple[bool, bool, int, Cell]:
        of = units.values() if cell[0] == ALL else [units[cell[0]]]
        people = max((sum(len(one.numbers.get(name, ())) for one in of) for name in cells[cell]), default=0)
        return cell not in held, cell[0] != ALL, -people, cell

    shown = {
        cell: TO_ALL if tell(to_all, cell) else TO_OTHERS for cell in sorted(cells, key=place) if tell(to_others, cell)
    }
    return shown, to_others.done(), to_all.done()


def _by_unit(units: Units, name: str) -> dict[str, Worth]:
    return {unit: of.numbers[name] for unit, of in units.items() if name in of.numbers}


def _cells(before: State | None, units: Units) -> dict[Cell, list[str]]:
    """Every figure of the units and of all together, with its numbers; also those that are there no more and were
    shown, since going is told as well."""
    cells: dict[Cell, list[str]] = {}
    for unit, of in units.items():
        was = before.units.get(unit, NOTHING) if before else NOTHING
        for name in {*of.figures, *was.figures}:
            figures = [figure for figure in (of.figures.get(name), was.figures.get(name)) if figure]
            numbers = list(dict.fromkeys(number for figure in figures for number in figure.numbers))
            if name in of.figures or (before and (unit, name) in before.shown):
                cells[unit, name] = numbers
            if figures[0].summed:
                cells[ALL, name] = list(dict.fromkeys([*cells.get((ALL, name), []), *numbers]))
    return cells
