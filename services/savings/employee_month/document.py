"""How employees' months are stored, and the documents that are read of them. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import TypeAdapter

from services.savings.employee_month.model import EmployeeMonth, Stored, Worth
from services.savings.ledger.document import persons_cell_id, total_document
from services.savings.ledger.model import DayKey, Entry, KindSum, times
from shared.kit.decisions.decider import Document

ENTRY = TypeAdapter(Entry)
MONTH = TypeAdapter(EmployeeMonth)
WORTH = TypeAdapter(Worth)


def month_of(found: Document) -> EmployeeMonth:
    """A month as it is stored; its days and what they are worth are not read yet."""
    return MONTH.validate_python(found)


def month_document(month: EmployeeMonth) -> Document:
    """A month as it is stored first."""
    of = {"_id": month.id, "employee_id": month.employee_id, "month": month.month}
    return {**of, "days": month.days, "worth": month.worth, **_about_all(month)}


def changed(before: EmployeeMonth, month: EmployeeMonth, days: Iterable[DayKey]) -> Document:
    """What of a month is other than before, by path, when some of its days were looked at: it has many, and what is
    written costs by its length."""
    was = _about_all(before)
    paths: Document = {f"days.{key.number}": month.days[key.number] for key in days}
    paths |= {f"worth.{key.number}": month.worth.get(key.number) for key in days}
    return paths | {name: value for name, value in _about_all(month).items() if value != was[name]}


def needed(days: Iterable[DayKey]) -> list[str]:
    """The fields of months that are needed when some days are looked at."""
    numbers = sorted({key.number for key in days})
    fields = ["employee_id", "month", "entries", "uses", "looks", "realised", "movements"]
    return fields + [f"{of}.{number}" for of in ("days", "worth") for number in numbers]


def _about_all(month: EmployeeMonth) -> Document:
    """What a month holds of all its days together, and what it is found by."""
    looks = month.looks
    return {
        "entries": month.entries,
        "uses": month.uses,
        "looks": {"factors": looks.factors, "policies": looks.policies, "due": looks.due},
        "realised": {"kinds": month.realised.kinds, "sets": month.realised.sets},
        "movements": month.movements,
        "units": sorted(month.realised.units),
        "factors_seen": min(looks.factors.values(), default=0),
        "policies_seen": min(looks.policies.values(), default=0),
        "due_at": min(looks.due.values(), default=None),
    }


def worth_document(worth: Worth) -> Document:
    return {**_position(worth), "entries": list(worth.entries)}


def worth_of(month: EmployeeMonth, number: str) -> Worth | None:
    """What a day is worth, by the names of its entries."""
    stored = month.worth.get(number)
    return WORTH.validate_python(stored) if stored else None


def _position(worth: Worth) -> Document:
    return {
        "request_id": worth.request_id,
        "unit_id": worth.unit_id,
        "factor_set_id": worth.factor_set_id,
        "place": worth.place.value,
    }


def position_document(month: EmployeeMonth, key: DayKey) -> Document | None:
    """What a day is worth, with its entries; nothing where it is not realised."""
    worth = worth_of(month, key.number)
    return {**_position(worth), "entries": [month.entries[name] for name in worth.entries]} if worth else None


def positions(month: EmployeeMonth) -> Iterator[tuple[str, Document]]:
    """What its days are worth, by id, in order."""
    for key in month.keys:
        if position := position_document(month, key):
            yield str(key), position


def day_document(month: EmployeeMonth, key: DayKey) -> Document | None:
    """All that is known of a day, if anything has been heard of it."""
    if key.number not in month.days:
        return None
    looks = month.looks
    return {
        **month.days[key.number],
        "_id": str(key),
        "employee_id": key.whose,
        "day": key.day,
        "position": position_document(month, key),
        "due_at": looks.due.get(key.number),
        "factors_seen": looks.factors[key.number],
        "policies_seen": looks.policies[key.number],
    }


def day_documents(month: EmployeeMonth) -> list[Document]:
    """All of its days, in order."""
    return [day for key in month.keys if (day := day_document(month, key))]


def total_documents(month: EmployeeMonth) -> list[Document]:
    """What its days come to, by unit and kind of figure."""
    sums: dict[str, KindSum] = {}
    for name, n in sorted(month.uses.items()):
        entry = ENTRY.validate_python(month.entries[name])
        id_ = persons_cell_id(month.employee_id, entry.unit_id, month.month, entry.kind)
        of = {**entry.tags, "month": month.month, "employee_id": month.employee_id}
        more = KindSum(of, n, 0, times(entry.numbers, n), dict.fromkeys(entry.warnings, n))
        sums[id_] = sums[id_].plus(more) if id_ in sums else more
    return [total_document(id_, sums[id_]) for id_ in sorted(sums)]


class Entries:
    """The entries of a month by name, and how often each is used: those that are the same have one name."""

    def __init__(self, month: EmployeeMonth) -> None:
        self._known = dict(month.entries)
        self._uses = Counter(month.uses)

    def used(self, entry: Stored) -> str:
        """Under which name an entry is found that a day is worth, which may be new."""
        name = next((name for name, known in self._known.items() if known is entry or known == entry), None)
        if name is None:
            name = str(1 + max(map(int, self._known), default=0))
            self._known[name] = entry
        self._uses[name] += 1
        return name

    def given_up(self, worth: Worth | None) -> None:
        """A day is worth this no more."""
        self._uses.subtract(worth.entries if worth else ())

    @property
    def uses(self) -> dict[str, int]:
        """How often each is used that is."""
        return {name: n for name, n in self._uses.items() if n}

    @property
    def by_name(self) -> dict[str, Stored]:
        """Those that are used."""
        return {name: entry for name, entry in self._known.items() if self._uses[name]}
