"""How employees' days are stored: a month of one employee is one document. Pure.

It holds its days, by the number of each in the month, and beside them the entries that they are worth: days that are
worth the same name the same one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter

from services.savings.employee_day.model import Agreed, Asked, EmployeeDay, Realised
from services.savings.ledger.document import added_up, counted_document, entry_document
from services.savings.ledger.model import DayKey, Entry
from shared.kit.decisions.decider import Document

DAY = TypeAdapter(EmployeeDay)
ENTRY = TypeAdapter(Entry)
NEVER = -1
"""How many factor sets a day has been looked at with that is to be looked at again in any case."""


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """A month of somebody as it is stored. `movements` is how many movements of the ledger it has had."""

    employee_id: str
    month: str
    days: Mapping[str, Document] = field(default_factory=dict)
    entries: Mapping[str, Document] = field(default_factory=dict)
    realised: Realised = field(default_factory=Realised)
    movements: int = 0

    @property
    def id(self) -> str:
        return f"{self.employee_id}:{self.month}"


def month_of(found: Document) -> StoredMonth:
    """A month, whose days are not read yet."""
    realised = Realised(_by_unit(found["kinds"]), _by_unit(found["sets"]))
    employee_id, month = found["employee_id"], found["month"]
    return StoredMonth(employee_id, month, found["days"], found["entries"], realised, found["movements"])


def _by_unit(days: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Read from names such as `unit-0001|fuel|…`."""
    found = {}
    for name, n in days.items():
        unit_id, _, of = name.partition("|")
        found[unit_id, of] = n
    return found


def keys_in(month: StoredMonth) -> list[DayKey]:
    """The days of which it knows something, in order."""
    return [DayKey(month.employee_id, f"{month.month}-{number}") for number in sorted(month.days)]


def whole_day(month: StoredMonth, key: DayKey) -> Document | None:
    """A day with all that is known of it, if anything has been heard of it."""
    stored = month.days.get(_number(key.day))
    if stored is None:
        return None
    position = stored["position"]
    worth = position and position | {"entries": [month.entries[name] for name in position["entries"]]}
    return {**stored, "_id": str(key), "employee_id": key.whose, "day": key.day, "position": worth}


def _number(day: str) -> str:
    """Of `2026-09-07`, `07`."""
    return day[8:]


def whole_days(month: StoredMonth) -> list[Document]:
    """All of its days, in order."""
    return [day for key in keys_in(month) if (day := whole_day(month, key))]


def day_of(found: Document) -> EmployeeDay:
    """A whole day."""
    return DAY.validate_python(found, strict=False)


def total_documents(month: StoredMonth) -> list[Document]:
    """What its days come to, by unit and kind of figure."""
    days: dict[str, int] = {}
    for _, stored in sorted(month.days.items()):
        for name in stored["position"]["entries"] if stored["position"] else ():
            days[name] = days.get(name, 0) + 1
    totals: dict[str, Document] = {}
    for name, n in sorted(days.items()):
        entry = ENTRY.validate_python(month.entries[name])
        id_ = "|".join((month.employee_id, entry.unit_id, month.month, str(entry.kind)))
        numbers = {"days": n, "amounts": {unit: _times(of, n) for unit, of in entry.numbers.items()}}
        numbers |= {"warnings": dict.fromkeys(entry.warnings, n)} if entry.warnings else {}
        named = {"_id": id_, **entry.tags, "month": month.month, "employee_id": month.employee_id}
        totals[id_] = {**named, **added_up(totals.get(id_, {}), numbers)}
    return [totals[id_] for id_ in sorted(totals)]


def _times(amounts: Mapping[str, int], days: int) -> Mapping[str, int]:
    return {bound: days * n for bound, n in amounts.items()}


def month_document(month: StoredMonth, days: Iterable[EmployeeDay], realised: Realised, movements: int) -> Document:
    """A month with some of its days as they are now. What no day is worth any more is left out of its entries."""
    entries = dict(month.entries)
    stored = {**month.days, **{_number(day.day): _day_document(day, entries) for day in days}}
    used = {name for one in stored.values() if one["position"] for name in one["position"]["entries"]}
    due = [one["due_at"] for one in stored.values() if one["due_at"]]
    return {
        "_id": month.id,
        "employee_id": month.employee_id,
        "month": month.month,
        "days": stored,
        "entries": {name: entry for name, entry in entries.items() if name in used},
        "kinds": _named(realised.kinds),
        "sets": _named(realised.sets),
        "units": sorted({unit_id for unit_id, _ in realised.sets}),
        "movements": movements,
        "due_at": min(due, default=None),
        "factors_seen": min(one["factors_seen"] for one in stored.values()),
        "policies_seen": min(one["policies_seen"] for one in stored.values()),
    }


def _named(days: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{unit_id}|{of}": n for (unit_id, of), n in days.items() if n}


def _day_document(day: EmployeeDay, entries: dict[str, Document]) -> Document:
    """Adds to the entries those that are not among them yet."""
    position = day.position
    return {
        "asked": {id_: _asked(one) for id_, one in day.asked.items()},
        "position": position
        and {
            "request_id": position.request_id,
            "unit_id": position.unit_id,
            "factor_set_id": position.factor_set_id,
            "place": position.place,
            "entries": [_named_in(entries, entry_document(entry)) for entry in position.entries],
        },
        "lacks": list(day.lacks),
        "postings": day.postings,
        "counted": counted_document(day.counted),
        "due_at": day.due_at,
        "factors_seen": day.factors_seen,
        "policies_seen": day.policies_seen,
    }


def _named_in(entries: dict[str, Document], entry: Document) -> str:
    for name, known in entries.items():
        if known == entry:
            return name
    name = str(1 + max(map(int, entries), default=0))
    entries[name] = entry
    return name


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


def due_days(found: Iterable[Document], now: datetime, factor_sets: int, policies: int) -> list[str]:
    """The ids of days that time has reached, or that were looked at with fewer factor sets or policies than there are
    now."""
    return [
        str(DayKey(month["employee_id"], f"{month['month']}-{number}"))
        for month in found
        for number, day in sorted(month["days"].items())
        if (day["due_at"] is not None and day["due_at"] <= now)
        or day["factors_seen"] < factor_sets
        or day["policies_seen"] < policies
    ]
