"""How employees' days are stored in their months. Pure."""

from collections.abc import Iterable

from pydantic import TypeAdapter

from services.savings.employee_day.model import Agreed, Asked, EmployeeDay, Position
from services.savings.employee_month.document import Entries, day_document, worth_document, worth_of
from services.savings.employee_month.model import EmployeeMonth, Looks, Realised, Stored, Worth
from services.savings.ledger.document import counted_document
from services.savings.ledger.model import DayKey, within
from shared.kit.decisions.decider import Document

DAY = TypeAdapter(EmployeeDay)


def day_of(found: Document) -> EmployeeDay:
    """A day as it is read of its month."""
    return DAY.validate_python(found, strict=False)


def day_in(month: EmployeeMonth, key: DayKey) -> EmployeeDay | None:
    """A day, if anything has been heard of it."""
    found = day_document(month, key)
    return day_of(found) if found else None


def month_with(month: EmployeeMonth, days: Iterable[EmployeeDay], realised: Realised, movements: int) -> EmployeeMonth:
    """A month with some of its days as they are now, and without entries that no day is worth any more."""
    entries, worth, stored = Entries(month), dict(month.worth), dict(month.days)
    factors, policies, due = dict(month.looks.factors), dict(month.looks.policies), dict(month.looks.due)
    for day in days:
        number = day.key.number
        stored[number] = _stored(day)
        factors[number], policies[number] = day.factors_seen, day.policies_seen
        due.pop(number, None)
        worth.pop(number, None)
        entries.given_up(worth_of(month, number))
        if day.due_at:
            due[number] = day.due_at
        if day.position:
            worth[number] = worth_document(_worth(day.position, entries))
    looks = Looks(factors, policies, due)
    held = entries.by_name
    return EmployeeMonth(month.employee_id, month.month, stored, worth, held, entries.uses, looks, realised, movements)


def _stored(day: EmployeeDay) -> Stored:
    return {
        "asked": {id_: _asked(one) for id_, one in day.asked.items()},
        "lacks": list(day.lacks),
        "postings": day.postings,
        "counted": counted_document(day.counted),
    }


def _worth(position: Position, entries: Entries) -> Worth:
    names = tuple(entries.used(entry.explained) for entry in position.entries)
    return Worth(position.request_id, position.unit_id, position.factor_set_id, position.place, names)


def realised_with(before: Realised, was: Position | None, is_: Position | None) -> Realised:
    """How many days are realised when one is worth something else."""
    kinds, sets = dict(before.kinds), dict(before.sets)
    for sign, position in ((-1, was), (1, is_)):
        if position:
            _add(sets, within(position.unit_id, position.factor_set_id), sign)
            for entry in position.entries:
                _add(kinds, entry.counted_in, sign)
    return Realised(kinds, sets)


def _add(days: dict[str, int], of: str, sign: int) -> None:
    days[of] = days.get(of, 0) + sign
    if not days[of]:
        del days[of]


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
        "place": agreed.place.model_dump(mode="json", exclude_none=True),
        "outputs": list(agreed.outputs),
        "verified_share_min_percent": agreed.verified_share_min_percent,
        "quantity_counts": agreed.quantity_counts,
    }
