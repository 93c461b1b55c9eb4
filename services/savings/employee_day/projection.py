"""What a batch of events comes to in savings: apply them to what is known, revalue the days that they touch, and
invalidate what follows from them. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, get_args

from pydantic import PlainValidator, TypeAdapter

from services.savings.employee_day.document import day_in, month_with, realised_with
from services.savings.employee_day.model import (
    DayEvent,
    EmployeeDay,
    evolve,
    initial,
    keys_of,
    told,
)
from services.savings.employee_day.value import Free, Net, net_position
from services.savings.employee_month.document import changed, month_document, month_of, needed
from services.savings.employee_month.model import EmployeeMonth, Realised
from services.savings.factor_set.document import factor_sets_of
from services.savings.factor_set.model import FactorSets
from services.savings.ledger.model import Counted, DayKey, Movement, Posting, Told, apart, of_kind
from services.savings.ledger.projection import (
    entered,
    of_unit_month,
    one_more_or_less,
    posted,
    recounted,
    totalled,
)
from services.savings.unit_day.rules import ALWAYS, FOR_EVER, buildings_of, of_building, of_unit
from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    BuildingRecorded,
    EmployeeRecorded,
    UnitRecorded,
    absent_on,
)
from shared.contracts.requests import PolicyPublished
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.projections.remembered import once
from shared.kit.projections.writeset import (
    Change,
    Increment,
    Invalidation,
    Known,
    LoadPlan,
    Upsert,
    Write,
    WriteSet,
    document,
    of_person,
    upserts,
)
from shared.people.calendar import off_by, policies_of

Master = EmployeeRecorded | UnitRecorded | BuildingRecorded | AbsenceRecorded
HANDLED: tuple[type[Event], ...] = (*get_args(Master), PolicyPublished, *get_args(DayEvent))
KEPT: Mapping[type[Event], str] = {
    EmployeeRecorded: "employees",
    UnitRecorded: "units",
    BuildingRecorded: "buildings",
    AbsenceRecorded: "absences",
}


About = tuple[ReceivedEvent, list[DayKey]]
"""An event, and the days that it is about."""

LOOKED_UP = ("employees", "absences", "policies")


def load_plan(events: Sequence[ReceivedEvent]) -> LoadPlan:
    """The documents that a batch touches. A person's days are not among them when their terms change: there may be
    years of them, which a job goes through."""
    of = [heard.event for heard in events]
    days = _touched(events)
    absent = {event.employee_id for event in of if isinstance(event, AbsenceRecorded)}
    people = {key.whose for key in days} | set(_subjects(of, EmployeeRecorded)) | absent
    either = {"$or": [{"employee_id": {"$in": sorted(people)}}, {"_id": {"$in": _subjects(of, AbsenceRecorded)}}]}
    return {
        **_wants(days, people),
        **({"absences": either} if absent else {}),
        "units": {"_id": {"$in": _subjects(of, UnitRecorded)}},
        "buildings": {"_id": {"$in": _subjects(of, BuildingRecorded)}},
    }


def fields(events: Sequence[ReceivedEvent]) -> Mapping[str, Sequence[str]]:
    """Of a month, what is needed to look at the days that a batch is about."""
    return {"employee_months": needed(_touched(events))}


def looked_up(events: Sequence[ReceivedEvent]) -> Collection[str]:
    """What most batches do not change: people and absences are told of in the partitions of their days, and a day that
    was looked at with fewer policies than there are is looked at again."""
    changes = any(isinstance(heard.event, (*get_args(Master), PolicyPublished)) for heard in events)
    return () if changes else LOOKED_UP


def _touched(events: Iterable[ReceivedEvent]) -> list[DayKey]:
    """The days that a batch is about, in order."""
    return _in_order(_about(events))


def _about(events: Iterable[ReceivedEvent]) -> list[About]:
    return [(heard, keys_of(heard.event)) for heard in events]


def _in_order(about: Iterable[About]) -> list[DayKey]:
    return sorted({key for _, keys in about for key in keys})


def _subjects(events: Iterable[Event], kind: type[Event]) -> list[str]:
    return sorted({one.subject for one in events if isinstance(one, kind)})


def load_plan_of_days(ids: Iterable[str]) -> LoadPlan:
    """The same, for days that time or a new factor set has touched."""
    keys = {DayKey.of(id_) for id_ in ids}
    return _wants(keys, {key.whose for key in keys})


def _wants(days: Iterable[DayKey], people: Iterable[str]) -> LoadPlan:
    """Days, somebody's terms and absences, and the rules of everybody's days."""
    theirs = {"$in": sorted(people)}
    ids = {"_id": {"$in": sorted({key.month_id for key in days})}}
    return {"employee_months": ids, "employees": {"_id": theirs}, "absences": {"employee_id": theirs}, "policies": {}}


def _months_of(found: Mapping[str, Document]) -> Mapping[str, EmployeeMonth]:
    return {id_: month_of(one) for id_, one in found.items()}


EMPLOYEE = TypeAdapter(EmployeeRecorded)
employee_of = once(lambda found: EMPLOYEE.validate_python(found, strict=False))
"""Somebody, as they are stored."""


def _people_of(found: Mapping[str, Document]) -> Mapping[str, EmployeeRecorded]:
    return {id_: employee_of(one) for id_, one in found.items()}


@dataclass(frozen=True)
class Loaded:
    """What is known of some months, of their people, and of the rules, by id; and of the days that are looked at."""

    employee_months: Annotated[Mapping[str, EmployeeMonth], PlainValidator(_months_of)]
    employees: Annotated[Mapping[str, EmployeeRecorded], PlainValidator(_people_of)]
    absences: Mapping[str, AbsenceRecorded]
    policies: Annotated[Mapping[str, PolicyPublished], PlainValidator(policies_of)]
    factor_sets: Annotated[FactorSets, PlainValidator(factor_sets_of)]
    units: Mapping[str, UnitRecorded] = field(default_factory=dict)
    days: Mapping[DayKey, EmployeeDay] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Known, keys: Iterable[DayKey]) -> "Loaded":
        """Documents as they are stored: a contract's types are strict, and JSON has texts for days and numbers."""
        loaded = LOADED.validate_python(known, strict=False)
        return replace(loaded, days={key: day_in(loaded.month_of(key), key) or initial(key) for key in keys})

    def month_of(self, key: DayKey) -> EmployeeMonth:
        """The month in which a day lies."""
        return self.employee_months.get(key.month_id) or EmployeeMonth(key.whose, key.month)


LOADED = TypeAdapter(Loaded)


@dataclass(frozen=True, slots=True)
class Revalued:
    """A day before and after it was looked at again, and the rows that this adds to the ledger."""

    before: EmployeeDay
    after: EmployeeDay
    postings: list[Posting]


def fold(known: Known, events: Sequence[ReceivedEvent], now: datetime) -> WriteSet:
    """What a batch makes of what is known: apply, revalue, invalidate."""
    about = _about(events)
    touched = _in_order(about)
    loaded = Loaded.of(known, touched)
    after = applied(loaded, about)
    revalued = revaluations(loaded, after, touched, now)
    recorded = _recorded(known, loaded, [heard.event for heard in events])
    written = _written(loaded, revalued, about, now)
    return WriteSet.of([*written, *recorded, *invalidated(loaded, after, events)])


def settle(known: Known, ids: Iterable[str], now: datetime) -> WriteSet:
    """Bring the worth of days up to date that no event does."""
    keys = [DayKey.of(id_) for id_ in sorted(ids)]
    loaded = Loaded.of(known, keys)
    return WriteSet.of(_written(loaded, revaluations(loaded, loaded, keys, now), (), now))


def applied(loaded: Loaded, about: Sequence[About]) -> Loaded:
    """What is known after some events, each with the days that it is about."""
    of = [heard.event for heard, _ in about]
    days = dict(loaded.days)
    for heard, keys in about:
        for key in keys:
            days[key] = evolve(days[key], heard)
    return replace(
        loaded,
        days=days,
        employees=dict(loaded.employees) | {one.subject: one for one in of if isinstance(one, EmployeeRecorded)},
        absences=dict(loaded.absences) | {one.subject: one for one in of if isinstance(one, AbsenceRecorded)},
        units=dict(loaded.units) | {one.subject: one for one in of if isinstance(one, UnitRecorded)},
        policies=dict(loaded.policies) | {one.subject: one for one in of if isinstance(one, PolicyPublished)},
    )


def revaluations(loaded: Loaded, after: Loaded, keys: Sequence[DayKey], now: datetime) -> list[Revalued]:
    """What days are worth after some events, beside what was loaded of them."""
    days = [after.days[key] for key in keys]
    free = _free(after, days)
    return [_revalued(loaded.days[day.key], day, after, free.get(day.key), now) for day in days]


def _revalued(before: EmployeeDay, day: EmployeeDay, loaded: Loaded, free: Free | None, now: datetime) -> Revalued:
    """Where its worth changed, rows follow."""
    net = net_position(day, loaded.employees.get(day.employee_id), free, loaded.factor_sets, now)
    held, holds = (one.entries if one else () for one in (before.position, net.position))
    postings = posted(day.key, day.employee_id, held, holds, so_far=before.postings, now=now)
    settled = EmployeeDay(
        day.employee_id,
        day.day,
        day.asked,
        net.position,
        net.lacks,
        before.postings + len(postings),
        _counted(day, net),
        net.due_at,
        len(loaded.factor_sets),
        len(loaded.policies),
    )
    return Revalued(before, settled, postings)


def _written(loaded: Loaded, revalued: Sequence[Revalued], about: Iterable[About], now: datetime) -> Iterator[Write]:
    """What days add to the totals of units; who is away; and each month whole."""
    yield from totalled(posting for one in revalued for posting in one.postings)
    for one in revalued:
        yield from recounted(one.before.counted, one.after.counted)
        yield from _away(one)
    heard: dict[str, list[Told]] = {}
    for event, keys in about:
        for key in keys:
            heard.setdefault(key.month_id, []).append(told(key, event))
    for month, days in _by_month(loaded, revalued):
        yield from _month_written(month, days, heard.get(month.id, ()), month.id in loaded.employee_months, now)


def _away(one: Revalued) -> Iterator[Write]:
    """Where somebody is away who was not, or the other way round, the unit's day is to be settled anew."""
    was, is_ = _where(one.before), _where(one.after)
    for unit_id, place in sorted(was ^ is_):
        of = {"unit_id": unit_id, "day": one.after.day}
        away = {f"people.{one.after.employee_id}.{place}": 1 if (unit_id, place) in is_ else -1}
        yield Increment("away", f"{unit_id}:{one.after.day}", of, away, apart=True)
        yield of_unit(unit_id, one.after.day, one.after.day)


def _by_month(loaded: Loaded, revalued: Iterable[Revalued]) -> list[tuple[EmployeeMonth, list[Revalued]]]:
    found: dict[str, tuple[EmployeeMonth, list[Revalued]]] = {}
    for one in revalued:
        key = one.after.key
        if key.month_id not in found:
            found[key.month_id] = loaded.month_of(key), []
        found[key.month_id][1].append(one)
    return list(found.values())


def _month_written(
    month: EmployeeMonth, days: Sequence[Revalued], heard: Sequence[Told], known: bool, now: datetime
) -> Iterator[Write]:
    """A month with its days as they are now, what has moved in the ledger, and whom units' figures are about."""
    realised = month.realised
    for one in days:
        realised = realised_with(realised, one.before.position, one.after.position)
    yield from _people(month, realised)
    postings = [posting for one in days for posting in one.postings]
    movements = month.movements + bool(postings or heard)
    if movements > month.movements:
        yield entered(Movement(f"{month.id}#{movements:05}", month.employee_id, month.month, now, postings, heard))
    settled = month_with(month, [one.after for one in days], realised, movements)
    if known:
        paths = changed(month, settled, [one.after.key for one in days])
        yield Change("employee_months", month.id, paths, month.month)
    else:
        yield Upsert("employee_months", month.id, month_document(settled), known)


def _people(month: EmployeeMonth, realised: Realised) -> Iterator[Increment]:
    """Where somebody has become one of the people of a unit's figures, or is one no more."""
    before = month.realised
    for of, change in one_more_or_less(before.kinds, realised.kinds):
        unit_id, kind = apart(of)
        yield of_unit_month(unit_id, month.month, {of_kind(kind, "people"): change})
    for of, change in one_more_or_less(before.sets, realised.sets):
        unit_id, factor_set_id = apart(of)
        yield of_unit_month(unit_id, month.month, {f"away.{factor_set_id}": change})
    for unit_id, change in one_more_or_less(before.units, realised.units):
        yield of_unit_month(unit_id, month.month, {"realised": change})


def _free(loaded: Loaded, days: Sequence[EmployeeDay]) -> dict[DayKey, Free]:
    """On which of the days nobody works by the policy then in force, and on which their person is absent."""
    absences: dict[str, list[AbsenceRecorded]] = {}
    for absence in loaded.absences.values():
        absences.setdefault(absence.employee_id, []).append(absence)
    off = off_by(list(loaded.policies.values()), {date.fromisoformat(day.day) for day in days})
    found: dict[DayKey, Free] = {}
    for day in days:
        date_ = date.fromisoformat(day.day)
        if date_ in off:
            found[day.key] = Free.DAY_OFF
        elif absent_on(absences.get(day.employee_id, ()), date_):
            found[day.key] = Free.ABSENCE
    return found


def _where(day: EmployeeDay) -> set[tuple[str, str]]:
    return {(day.position.unit_id, day.position.place)} if day.position else set()


def _counted(day: EmployeeDay, net: Net) -> Counted | None:
    """What a day counts for in its unit-month. One for which no work away from the office was agreed counts for
    nothing, and so does one on which nobody expected them to work."""
    agreed = [terms for terms in day.live.values() if terms.place.away]
    if not agreed or not net.expected:
        return None
    numbers = {"days_agreed": 1, **{f"lacks.{name}": 1 for name in net.lacks}}
    if net.position is None:
        return Counted(min(terms.unit_id for terms in agreed), day.key.month, numbers)
    realised = numbers | {"days_realised": 1}
    return Counted(net.position.unit_id, day.key.month, realised, net.position.factor_set_id)


def _recorded(known: Known, loaded: Loaded, of: Sequence[Event]) -> Iterator[Write]:
    """The newest of each entity, beside what was known of it."""
    for kind, name in KEPT.items():
        yield from upserts(name, known[name], {one.subject: document(one) for one in of if type(one) is kind})
    policies = [one for one in of if isinstance(one, PolicyPublished)]
    documents = {one.subject: one.model_dump(mode="json") | {"_id": one.subject} for one in policies}
    yield from upserts("policies", loaded.policies, documents)


def invalidated(loaded: Loaded, after: Loaded, events: Sequence[ReceivedEvent]) -> Iterator[Invalidation]:
    """What is to be settled anew since reference data have changed: people's days, and units' days."""
    for event in {(type(heard.event), heard.event.subject): heard.event for heard in events}.values():
        match event:
            case AbsenceRecorded():
                yield from _of_absence(loaded.absences.get(event.subject), event, after.employees)
            case EmployeeRecorded():
                yield of_person(event.employee_id)
                for unit_id, first in moved(loaded.employees.get(event.employee_id), event):
                    yield of_unit(unit_id, first, FOR_EVER)
            case UnitRecorded():
                yield of_unit(event.unit_id, ALWAYS, FOR_EVER)
                before = loaded.units.get(event.unit_id)
                for left in sorted(buildings_of(before.history if before else ()) - buildings_of(event.history)):
                    yield of_building(left)
            case BuildingRecorded():
                yield of_building(event.building_id)


def _of_absence(
    before: AbsenceRecorded | None, after: AbsenceRecorded, employees: Mapping[str, EmployeeRecorded]
) -> Iterator[Invalidation]:
    """Their own days are to be settled anew; and their units', for whom they are expected or not, on the days of which
    it is now said otherwise."""
    for one in (before, after):
        if one:
            yield of_person(one.employee_id)
    old, new = (_said(one) for one in (before, after))
    if changed := old ^ new:
        first, last = min(begins for begins, _ in changed), max(ends for _, ends in old | new)
        employee = employees.get(after.employee_id)
        for unit_id in sorted({terms.unit_id for terms in employee.history} if employee else ()):
            yield of_unit(unit_id, first.isoformat(), max(first, last).isoformat())


def _said(absence: AbsenceRecorded | None) -> set[tuple[date, date]]:
    return {(terms.effective_from, terms.ends_on) for terms in (absence.history if absence else ())}


def moved(before: EmployeeRecorded | None, after: EmployeeRecorded) -> list[tuple[str, str]]:
    """The units whose people are others than before, and the day from which on; by grade too, which sets allowances."""
    old, new = (_belonging(one) for one in (before, after))
    changed = old ^ new
    first = min((terms[0] for terms in changed), default=FOR_EVER)
    return [(unit_id, first) for unit_id in sorted({terms[1] for terms in old | new})] if changed else []


def _belonging(employee: EmployeeRecorded | None) -> set[tuple[str, str, bool, str | None]]:
    history = employee.history if employee else ()
    return {(terms.effective_from.isoformat(), terms.unit_id, terms.active, terms.grade) for terms in history}
