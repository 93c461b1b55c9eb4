"""A month of twenty units, and what happens to it afterwards, event by event: nothing that analysts and colleagues can
read, before and after, of units and sums, tells about fewer than five people.

The attacker keeps an account of their own, from the read models, of whom each published figure is about; and keeps
everything that was ever published.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from services.savings.ledger.model import KIND
from services.savings.publication.projection import Where, added, units
from shared.contracts import approvals, organisation, performance
from shared.contracts.approvals import ApprovalRevoked
from shared.contracts.event import Event, Publisher
from shared.contracts.organisation import EmployeeRecorded, Grade
from shared.contracts.performance import OutputVerified, VerificationWithdrawn
from shared.contracts.values import Place, PlaceCategory
from shared.people.disclosure import PEOPLE_MIN, PEOPLE_MIN_AMONG_THEM
from shared.people.publishing import ALL, TO_ALL, TO_OTHERS, State, Units, publish
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.made import BUDI, HOME, MONDAY, approved, building, commute, employee, heard, output, unit

MONTH = "2026-09"
OVER = datetime(2026, 10, 2, tzinfo=UTC)
SIZES = (3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 12, 12, 14, 16, 18, 20, 24, 27, 30)
OFFICE = Place(category=PlaceCategory.ANOTHER_OFFICE, round_trip_km=Decimal(4))
FIRST_DAYS = [MONDAY + timedelta(n) for n in range(4)]
Facts = dict[str, str]
Cell = tuple[str, str]


@dataclass
class Month:
    """The platform's month, as events make it."""

    models: ReadModels = field(default_factory=lambda: ReadModels(factors()))
    told: dict[str, int] = field(default_factory=dict)

    def hear(self, *events: tuple[Publisher, Event]) -> None:
        batch = []
        for publisher, event in events:
            stream = f"{publisher.name}/{event.subject}"
            self.told[stream] = self.told.get(stream, 0) + 1
            batch.append(heard(publisher, event, self.told[stream]))
        self.models.hear(batch, OVER)
        self.models.settle(OVER)

    def units(self) -> Units:
        """What would be published of it, if it could be."""
        kept = self.models.collections
        days = [day for day in self.models.days if (day["counted"] or {}).get("month") == MONTH]
        places = [list(kept[name].values()) for name in ("units", "buildings", "employees", "absences")]
        where = Where(MONTH, places[0], places[1], places[2], places[3], days)
        return units(self._there("unit_months"), self._there("employee_months"), days, where)

    def _there(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.models.shown[name].values() if one["month"] == MONTH and one["days"] > 0]

    def facts(self) -> dict[Cell, Facts]:
        """Whom each figure is about, and how: those who have any, or who were away."""
        found: dict[Cell, Facts] = {}
        for one in self._there("employee_months"):
            at = (one["unit_id"], "|".join(str(one.get(tag)) for tag in KIND))
            found.setdefault(at, {})[one["employee_id"]] = str(sorted(one["amounts"].items()))
        away: dict[str, Facts] = {}
        for id_, day in sorted(self.models.shown["days"].items()):
            if day["position"] and id_.partition(":")[2].startswith(MONTH):
                of = away.setdefault(day["position"]["unit_id"], {})
                of[day["employee_id"]] = of.get(day["employee_id"], "") + day["day"] + day["position"]["place"]
        for total in self._there("unit_months"):
            if total["category"] == "office_electricity":
                at = (total["unit_id"], "|".join(str(total.get(tag)) for tag in KIND))
                found[at] = away[total["unit_id"]]
        return found


def town(chance: random.Random) -> tuple[Month, dict[str, list[EmployeeRecorded]]]:
    """Twenty units, each in a zone of its own but for two pairs; some of their people have no commute, or work at
    another office on a day; some outputs are not verified when the month is over."""
    month = Month()
    zones = {number: f"lantai-{min(number, 18)}" for number in range(20)}
    places = [building(zones=tuple(sorted(set(zones.values()))))]
    places += [unit(f"unit-{n:04}", zone=zone, meals=n % 2 == 0) for n, zone in zones.items()]  # type: ignore[misc]
    people = {f"unit-{n:04}": [_person(chance, n, k) for k in range(size)] for n, size in enumerate(SIZES)}
    everybody = [one for of in people.values() for one in of]
    month.hear(*((organisation.PUBLISHER, event) for event in (*places, *everybody)))
    month.hear(*(event for one in everybody for event in asked(chance, one, chance.sample(FIRST_DAYS, 2))))
    return month, people


def _person(chance: random.Random, number: int, which: int) -> EmployeeRecorded:
    way = commute(round_trip_km=Decimal(chance.randint(4, 60))) if chance.random() < 0.97 else None
    id_ = f"emp-{number:03}{which:05}"
    return employee(id_, unit_id=f"unit-{number:04}", commute=way, grade=chance.choice([Grade.II, Grade.III]))


def asked(
    chance: random.Random, one: EmployeeRecorded, days: Iterable[date], as_usual: float = 0.95
) -> list[tuple[Publisher, Event]]:
    """Days approved, each a request of its own; most are verified."""
    events: list[tuple[Publisher, Event]] = []
    for day in sorted(days):
        about = {"request_id": f"req-{one.employee_id[4:]}{day:%m%d}", "employee_id": one.employee_id}
        place = HOME if chance.random() < as_usual else OFFICE
        terms = approved(day, **about, unit_id=one.history[0].unit_id, place=place)
        events.append((approvals.PUBLISHER, terms))
        if chance.random() < as_usual:
            events.append((performance.PUBLISHER, _verified(one, day)))
    return events


def _verified(one: EmployeeRecorded, day: date) -> OutputVerified:
    at: dict[str, Any] = {
        "request_id": f"req-{one.employee_id[4:]}{day:%m%d}",
        "employee_id": one.employee_id,
        "day": day,
    }
    return OutputVerified(**at, output_id=output(day).output_id, verified_by=BUDI)


def afterwards(chance: random.Random, month: Month, people: dict[str, list[EmployeeRecorded]]) -> list[Any]:
    """What happens when the month is over: single events, and now and then as much for many people of a unit."""
    days = sorted(id_ for id_, day in month.models.shown["days"].items() if day["position"])
    batches: list[Any] = []
    for turn in range(16):
        many = turn % 2 == 0
        unit_id = f"unit-{chance.choice(range(9, 20) if many else range(20)):04}"
        some = chance.sample(people[unit_id], min(len(people[unit_id]), 9 if many else 1))
        kind = chance.choice(["new", "way", "withdrawn", "revoked", "moved"][: 2 if many else 5])
        if kind == "new":
            day = FIRST_DAYS[0] + timedelta(7 + turn % 5)
            batches.append([event for one in some for event in asked(chance, one, [day], as_usual=1)])
        elif kind in ("way", "moved"):
            changed = {"commute": commute(round_trip_km=Decimal(61 + turn))} if kind == "way" else {}
            moved = {"unit_id": "unit-0019"} if kind == "moved" else {}
            batches.append([(organisation.PUBLISHER, _again(one, **changed, **moved)) for one in some])
        else:
            employee_id, _, day_ = chance.choice(days).partition(":")
            at: dict[str, Any] = {
                "request_id": f"req-{employee_id[4:]}{day_[5:7]}{day_[8:]}",
                "employee_id": employee_id,
            }
            on = date.fromisoformat(day_)
            if kind == "revoked":
                revoked = ApprovalRevoked(**at, days=(on,), revoked_by=BUDI, reason_text_id="txt-0009")
                batches.append([(approvals.PUBLISHER, revoked)])
            else:
                about = at | {"output_id": output(on).output_id, "day": on}
                doubted = VerificationWithdrawn(**about, withdrawn_by=BUDI, reason_text_id="txt-0009")
                batches.append([(performance.PUBLISHER, doubted)])
    return batches


def _again(one: EmployeeRecorded, **changed: Any) -> EmployeeRecorded:
    return one.model_copy(update={"history": (one.history[0].model_copy(update=changed),)})


@dataclass
class Attacker:
    """Somebody who keeps whom all that they could ever read is about: people who are among it, or who are not."""

    least: int
    people_min: int
    cells: list[dict[Cell, Facts]] = field(default_factory=list)
    """What units showed, by publication."""
    sums: list[dict[str, dict[str, Facts]]] = field(default_factory=list)
    """What sums showed, by publication, kind and unit."""

    def read(self, state: State, facts: dict[Cell, Facts]) -> None:
        seen = {cell for cell, to in state.shown.items() if to >= self.least}
        self.cells.append({at: facts[at] for at in seen if at in facts})
        names = {name for where, name in seen if where == ALL}
        self.sums.append(
            {name: {unit_id: of for (unit_id, kind), of in facts.items() if kind == name} for name in names}
        )

    def learns(self) -> list[tuple[str, Any]]:
        """Everything about few people that follows."""
        found = [*self._of_units(), *self._of_sums()]
        return [(why, people) for why, people in found if 0 < len(people) < self.people_min]

    def _of_units(self) -> Iterable[tuple[str, set[str]]]:
        """Figures of a unit and of its changes, one from another, and what two have in common."""
        now = self.cells[-1]
        for unit_id in {unit_id for unit_id, _ in now}:
            of_unit = {kind: of for (at, kind), of in now.items() if at == unit_id}
            levels = {f"{unit_id} {kind}": set(of) for kind, of in of_unit.items()}
            yield from _one_from_another(levels)
            for number, earlier in enumerate(self.cells[:-1]):
                changes = {
                    f"{unit_id} {kind} since {number}": _changed(earlier[unit_id, kind], of)
                    for kind, of in of_unit.items()
                    if (unit_id, kind) in earlier
                }
                yield from _one_from_another(changes)

    def _of_sums(self) -> Iterable[tuple[str, set[str]]]:
        """Sums and their changes, less what units show of the same kind, and two from each other."""
        now, shown = self.sums[-1], self.cells[-1]
        for number, earlier in enumerate([{}, *self.sums[:-1]]):
            before = self.cells[number - 1] if number else {}
            left = {}
            for name in now if not number else now.keys() & earlier.keys():
                was, is_ = earlier.get(name, {}), now[name]
                hidden = {
                    unit_id
                    for unit_id in {*was, *is_}
                    if (unit_id, name) not in shown or (number and (unit_id, name) not in before)
                }
                changed = {unit_id: _changed(was.get(unit_id, {}), is_.get(unit_id, {})) for unit_id in {*was, *is_}}
                left[f"all {name} since {number}"] = {
                    person for unit_id in hidden for person in changed.get(unit_id, ())
                }
                left[f"whole {name} since {number}"] = {person for of in changed.values() for person in of}
            yield from left.items()
            wholes = [(why, people) for why, people in left.items() if why.startswith("whole")]
            for (a, first), (b, second) in combinations(wholes, 2):
                yield f"{a} and {b}", first ^ second


def _changed(was: Facts, now: Facts) -> set[str]:
    return {person for person in {*was, *now} if was.get(person) != now.get(person)}


def _one_from_another(sets: dict[str, set[str]]) -> Iterable[tuple[str, set[str]]]:
    yield from sets.items()
    for (a, first), (b, second) in combinations(sets.items(), 2):
        yield f"{a} less {b}", first - second
        yield f"{b} less {a}", second - first
        yield f"{a} and {b}", first & second


def test_no_event_tells_about_few_people() -> None:
    chance = random.Random(3)
    month, people = town(chance)
    attackers = [Attacker(TO_OTHERS, PEOPLE_MIN), Attacker(TO_ALL, PEOPLE_MIN_AMONG_THEM)]
    state: State | None = None
    published: dict[Cell, Facts] = {}
    moved = 0
    for batch in [[], *afterwards(chance, month, people)]:
        if batch:
            month.hear(*batch)
        live, facts = month.units(), month.facts()
        following = publish(state, live, OVER)
        if following is None:
            continue
        for unit_id, of in following.units.items():
            if state is None or of != state.units.get(unit_id):
                published = {at: about for at, about in published.items() if at[0] != unit_id}
                published |= {at: about for at, about in facts.items() if at[0] == unit_id}
                moved += 1
        state = following
        _adds_up(state)
        for attacker in attackers:
            attacker.read(state, published)
            assert attacker.learns() == [], state.number
    assert state
    assert state.number > 3, "it moves when enough has changed"
    assert moved < len(SIZES) * state.number
    shown = {unit_id for unit_id, _ in state.shown if unit_id != ALL}
    assert len(shown) > len(SIZES) / 2, "most units show something"
    assert {"unit-0000", "unit-0001", "unit-0002"}.isdisjoint(shown)
    assert {name.split("|")[1] for where, name in state.shown if where == ALL} >= {"office_electricity"}


def _adds_up(state: State) -> None:
    """The sums are those of what is published of the units, whether it is shown or not."""
    for where, name in state.shown:
        if where == ALL:
            parts = [of.figures[name].value for of in state.units.values() if name in of.figures]
            total = added([{**part} for part in parts])
            assert total["days"] == sum(part["days"] for part in parts)
            assert total["amounts"]["sen"]["central"] == sum(part["amounts"]["sen"]["central"] for part in parts)
