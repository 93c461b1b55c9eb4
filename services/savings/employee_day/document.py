"""How employees' days are stored. Pure."""

from pydantic import TypeAdapter

from services.savings.employee_day.model import Agreed, Asked, EmployeeDay, Position, Told
from services.savings.ledger.document import counted_document, entry_document
from shared.kit.decisions.decider import Document

DAY = TypeAdapter(EmployeeDay)


def day_of(found: Document) -> EmployeeDay:
    """A day as it is stored."""
    return DAY.validate_python(found, strict=False)


def day_document(day: EmployeeDay) -> Document:
    return {
        "_id": str(day.key),
        "employee_id": day.employee_id,
        "day": day.day,
        "asked": {id_: _asked(one) for id_, one in day.asked.items()},
        "events": [_told(told) for told in day.events],
        "position": _position(day.position) if day.position else None,
        "lacks": list(day.lacks),
        "postings": day.postings,
        "counted": counted_document(day.counted),
        "due_at": day.due_at,
        "factors_seen": day.factors_seen,
        "policies_seen": day.policies_seen,
    }


def _told(told: Told) -> Document:
    return {"type": told.type, "subject": told.subject, "n": told.n, "id": told.id, "at": told.at}


def _asked(asked: Asked) -> Document:
    return {
        "agreed": _agreed(asked.agreed) if asked.agreed else None,
        "withdrawn": asked.withdrawn,
        "revoked": asked.revoked,
        "verified": dict(asked.verified),
    }


def _agreed(agreed: Agreed) -> Document:
    return {
        "unit_id": agreed.unit_id,
        "time_zone": agreed.time_zone,
        "place": agreed.place.model_dump(mode="json"),
        "outputs": list(agreed.outputs),
        "verified_share_min_percent": agreed.verified_share_min_percent,
        "quantity_counts": agreed.quantity_counts,
    }


def _position(position: Position) -> Document:
    return {
        "request_id": position.request_id,
        "unit_id": position.unit_id,
        "factor_set_id": position.factor_set_id,
        "place": position.place,
        "entries": [entry_document(entry) for entry in position.entries],
    }
