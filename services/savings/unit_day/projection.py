"""What days of units are worth now, brought up to date: documents, rows and totals. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from pydantic import PlainValidator, TypeAdapter

from services.savings.factor_set.document import factor_sets_of
from services.savings.factor_set.model import FactorSets
from services.savings.ledger.model import Counted, DayKey, Movement, Posting, Total, apart, of_kind, within
from services.savings.ledger.projection import (
    entered,
    of_unit_month,
    one_more_or_less,
    posted,
    recounted,
    totalled,
    totalled_by_person,
)
from services.savings.presence import Whereabouts
from services.savings.unit_day.document import day_document
from services.savings.unit_day.model import UnitDay, initial
from services.savings.unit_day.value import Net, net_position
from shared.kit.projections.writeset import Increment, Known, Upsert, Write, WriteSet


@dataclass(frozen=True, slots=True)
class Loaded:
    """What units' days were worth when they were last settled, by id, the factor sets, and what their people's months
    came to."""

    unit_days: Mapping[str, UnitDay]
    factor_sets: Annotated[FactorSets, PlainValidator(factor_sets_of)]
    employee_totals: Mapping[str, Total]


LOADED = TypeAdapter(Loaded)


@dataclass(frozen=True, slots=True)
class Settled:
    """A unit's day before and after it was looked at again, and the rows that this adds to the ledger. One that is
    new was not `known`."""

    before: UnitDay
    after: UnitDay
    postings: list[Posting]
    known: bool


def settle_units(known: Known, targets: Iterable[DayKey], now: datetime) -> WriteSet:
    """Bring the worth of units' days up to date."""
    loaded, where = LOADED.validate_python(known, strict=False), Whereabouts.of(known)
    settled = [one for key in sorted(targets, key=str) if (one := _settled(loaded, where, key, now))]
    postings = [posting for one in settled for posting in one.postings]
    return WriteSet.of([*_written(settled, now), *_people(loaded.employee_totals.values(), postings)])


def _settled(loaded: Loaded, where: Whereabouts, key: DayKey, now: datetime) -> Settled | None:
    """A day that was worth nothing and is worth nothing is nothing to write."""
    held = loaded.unit_days.get(str(key))
    net = net_position(key.whose, date.fromisoformat(key.day), where, loaded.factor_sets)
    if held is None and net == Net():
        return None
    was = held or initial(key)
    before, after = (one.entries if one else () for one in (was.position, net.position))
    postings = posted(key, None, before, after, so_far=was.postings, now=now)
    settled = replace(
        was,
        building_id=net.building_id,
        position=net.position,
        lacks=net.lacks,
        postings=was.postings + len(postings),
        counted=_counted(key, net),
        factors_seen=len(loaded.factor_sets),
    )
    return Settled(was, settled, postings, held is not None)


def _written(settled: Iterable[Settled], now: datetime) -> Iterator[Write]:
    """Days, their rows, and totals."""
    yield from totalled(posting for one in settled for posting in one.postings)
    for one in settled:
        key = one.after.key
        yield from totalled_by_person(one.postings)
        yield from recounted(one.before.counted, one.after.counted)
        if one.postings:
            id_ = f"{key}#{one.postings[0].number:05}"
            yield entered(Movement(id_, key.whose, key.month, now, one.postings))
        yield Upsert("unit_days", str(key), day_document(one.after), one.known)


def _people(totals: Iterable[Total], postings: Iterable[Posting]) -> Iterator[Increment]:
    """Where somebody has become one of the people of a unit's figures, or is one no more."""
    before = {(within(one.unit_id, one.kind), one.month, one.employee_id): one.days for one in totals}
    after = dict(before)
    for posting in postings:
        if posting.employee_id:
            of = posting.entry.counted_in, posting.of.month, posting.employee_id
            after[of] = after.get(of, 0) + posting.sign
    for (counted_in, month, _), change in one_more_or_less(before, after):
        unit_id, kind = apart(counted_in)
        yield of_unit_month(unit_id, month, {of_kind(kind, "people"): change})


def _counted(key: DayKey, net: Net) -> Counted | None:
    numbers = {f"lacks.{name}": people for name, people in net.lacks.items()}
    return Counted(key.whose, key.month, numbers) if numbers else None
