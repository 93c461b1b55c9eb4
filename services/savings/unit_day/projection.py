"""What days of units are worth now, brought up to date: documents, rows and totals. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from pydantic import PlainValidator, TypeAdapter

from services.savings.factor_set.document import factor_sets_of
from services.savings.factor_set.model import FactorSets
from services.savings.ledger.model import Counted, DayKey
from services.savings.ledger.projection import posted, recounted, writes
from services.savings.presence import Whereabouts
from services.savings.unit_day.document import day_document
from services.savings.unit_day.model import UnitDay, initial
from services.savings.unit_day.value import Net, net_position
from shared.kit.projections.writeset import Known, Upsert, Write, WriteSet


@dataclass(frozen=True, slots=True)
class Loaded:
    """What units' days were worth when they were last settled, by id, and the factor sets."""

    unit_days: Mapping[str, UnitDay]
    factor_sets: Annotated[FactorSets, PlainValidator(factor_sets_of)]


LOADED = TypeAdapter(Loaded)


def settle_units(known: Known, targets: Iterable[DayKey], now: datetime) -> WriteSet:
    """Bring the worth of units' days up to date."""
    loaded, where = LOADED.validate_python(known, strict=False), Whereabouts.of(known)
    held, factor_sets = loaded.unit_days, loaded.factor_sets
    found: list[Write] = []
    for key in sorted(targets, key=str):
        net = net_position(key.whose, date.fromisoformat(key.day), where, factor_sets)
        found += _written(held.get(str(key)), key, net, len(factor_sets), now)
    return WriteSet.of(found)


def _written(held: UnitDay | None, key: DayKey, net: Net, factors_seen: int, now: datetime) -> Iterator[Write]:
    """A day that was worth nothing and is worth nothing is not written."""
    if held is None and net == Net():
        return
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
        factors_seen=factors_seen,
    )
    yield from writes(postings)
    yield from recounted(was.counted, settled.counted)
    yield Upsert("unit_days", str(key), day_document(settled), held is not None)


def _counted(key: DayKey, net: Net) -> Counted | None:
    numbers = {f"lacks.{name}": people for name, people in net.lacks.items()}
    return Counted(key.whose, key.month, numbers) if numbers else None
