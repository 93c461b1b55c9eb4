"""What days of employees and of units are worth now, brought up to date: documents, rows and totals. Pure."""

from collections.abc import Iterable
from datetime import datetime

from services.savings.factor_set.document import shown_factor_sets
from services.savings.ledger.projection import entries_of, post, recount
from services.savings.presence import Whereabouts
from services.savings.unit_day.value import Worth, unit_position
from shared.kit.decisions.decider import Document
from shared.kit.projections.writeset import Changes, Known, keep


def settle_units(known: Known, targets: Iterable[tuple[str, str]], now: datetime) -> Changes:
    """Bring the worth of units' days up to date, given by unit and day."""
    changes = Changes()
    factor_sets = shown_factor_sets(known["factor_sets"])
    where = Whereabouts(known["units"], known["buildings"], known["employees"], known["days"], known["absences"])
    settled: dict[str, Document] = {}
    for unit_id, day in sorted(targets):
        id_ = f"{unit_id}:{day}"
        held = known["unit_days"].get(id_) or _unit_day(id_)
        found = unit_position(unit_id, day, where, factor_sets)
        if held == _unit_day(id_) and found == Worth():
            continue
        before, after = entries_of(held["position"]), entries_of(found.position)
        counted = _lacking(unit_id, day, found)
        settled[id_] = {
            **held,
            "building_id": found.building_id,
            "position": found.position,
            "lacks": found.lacks,
            "postings": post(changes, {"day_id": id_, "day": day}, before, after, posted=held["postings"], now=now),
            "counted": counted,
            "factors_seen": len(factor_sets),
        }
        recount(changes, held["counted"], counted)
    keep(changes, "unit_days", known["unit_days"], settled)
    return changes


def _unit_day(id_: str) -> Document:
    unit_id, _, day = id_.partition(":")
    nothing: Document = {"building_id": None, "position": None, "lacks": {}, "postings": 0, "counted": None}
    return {"_id": id_, "unit_id": unit_id, "day": day, **nothing, "factors_seen": 0}


def _lacking(unit_id: str, day: str, found: Worth) -> Document | None:
    numbers = {f"lacks.{name}": people for name, people in found.lacks.items()}
    return {"unit_id": unit_id, "month": day[:7], "numbers": numbers} if numbers else None
