"""How units' days are stored. Pure."""

from pydantic import TypeAdapter

from services.savings.ledger.document import counted_document
from services.savings.unit_day.model import Position, UnitDay
from shared.kit.decisions.decider import Document

DAY = TypeAdapter(UnitDay)


def day_of(found: Document) -> UnitDay:
    """A day as it is stored."""
    return DAY.validate_python(found)


def day_document(day: UnitDay) -> Document:
    return {
        "_id": str(day.key),
        "unit_id": day.unit_id,
        "day": day.day,
        "building_id": day.building_id,
        "position": _position(day.position) if day.position else None,
        "lacks": dict(day.lacks),
        "postings": day.postings,
        "counted": counted_document(day.counted),
        "factors_seen": day.factors_seen,
    }


def _position(position: Position) -> Document:
    return {
        "unit_id": position.unit_id,
        "factor_set_id": position.factor_set_id,
        "heads": position.heads,
        "away": position.away,
        "entries": [dict(entry.explained) for entry in position.entries],
    }
