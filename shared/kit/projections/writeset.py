"""What a fold over events comes to: documents as found go in, and one write set comes out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.event import Event
from shared.kit.decisions.decider import Document

ANY_MONTH = "*"
VERSIONS = "versions"
"""The collection of a generation that counts, month by month, the transactions that have changed it."""
LoadPlan = Mapping[str, Document]
"""Collection to the filter of the documents that a batch touches."""
Known = Mapping[str, Mapping[str, Document]]
"""Collection to id to document, as found."""


def counts_of(*months: str) -> Document:
    """Which of the counts in `VERSIONS` are of some months, whoever changed these."""
    return {"$or": [{"_id": {"$gte": f"{month}|", "$lt": f"{month}}}"}} for month in months]}


@dataclass(frozen=True, slots=True)
class Upsert:
    """A document to write: one that was not known is inserted, another replaced."""

    collection: str
    id: str
    document: Document
    known: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What of a document that is known changes, by the paths of what is other than before; and its month."""

    collection: str
    id: str
    paths: Mapping[str, Any]
    month: str


@dataclass(frozen=True, slots=True)
class Increment:
    """Amounts to add to a running total, and what identifies it, by the paths of both. One that is `apart` is kept in
    parts, one for each who adds to it at once, which are added up when they are read."""

    collection: str
    id: str
    of: Mapping[str, Any]
    amounts: Mapping[str, int]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Invalidation:
    """Something that a job is to work out anew: written with what it follows from, so that a change that concerns much
    is still a small transaction."""

    id: str
    of: Mapping[str, Any]


Write = Upsert | Change | Increment | Invalidation


@dataclass(frozen=True)
class WriteSet:
    """All that one transaction writes on read models, by collection."""

    insert: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    replace: Mapping[str, Sequence[Document]] = field(default_factory=dict)
    change: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    add: Mapping[str, Mapping[str, tuple[Document, Document]]] = field(default_factory=dict)
    """Collection to id to (what identifies the total, amounts to add)."""
    apart: frozenset[str] = frozenset()
    """The collections whose totals are kept in parts."""
    marks: Mapping[str, Document] = field(default_factory=dict)
    """Id to what is to be worked out anew."""

    @property
    def months(self) -> set[str]:
        """The months that it changes, as `YYYY-MM`; `ANY_MONTH` where it changes what is of none."""
        totals = [of for of_collection in self.add.values() for of, _ in of_collection.values()]
        whole = [document for kept in (self.insert, self.replace) for found in kept.values() for document in found]
        changed = {one.month for found in self.change.values() for one in found}
        return changed | {str(one.get("month") or one.get("day", ANY_MONTH))[:7] for one in (*totals, *whole)}

    @classmethod
    def of(cls, writes: Iterable[Write]) -> "WriteSet":
        """Writes, put together; what is added to one total is added up."""
        insert: dict[str, list[Document]] = {}
        replace: dict[str, list[Document]] = {}
        change: dict[str, list[Change]] = {}
        add: dict[str, dict[str, tuple[Document, Document]]] = {}
        apart: set[str] = set()
        marks: dict[str, Document] = {}
        for write in writes:
            match write:
                case Upsert():
                    (replace if write.known else insert).setdefault(write.collection, []).append(write.document)
                case Change():
                    change.setdefault(write.collection, []).append(write)
                case Increment():
                    _added(add.setdefault(write.collection, {}), write)
                    apart |= {write.collection} if write.apart else set()
                case Invalidation():
                    marks[write.id] = dict(write.of)
        return cls(insert, replace, change, add, frozenset(apart), marks)


def _added(totals: dict[str, tuple[Document, Document]], more: Increment) -> None:
    if more.id not in totals:
        totals[more.id] = dict(more.of), dict(more.amounts)
        return
    of, total = totals[more.id]
    of.update(more.of)
    for name, n in more.amounts.items():
        total[name] = total.get(name, 0) + n


def upserts(collection: str, known: Iterable[str], documents: Mapping[str, Document]) -> list[Upsert]:
    """Documents to write, by id; `known` are the ids that were found."""
    there = set(known)
    return [Upsert(collection, id_, document_, id_ in there) for id_, document_ in documents.items()]


def document(event: Event, forget: frozenset[str] = frozenset()) -> Document:
    """The document kept of an entity: its newest event, without the terms that this service has no use for."""
    kept = event.model_dump(mode="json")
    kept["history"] = [{k: v for k, v in terms.items() if k not in forget} for terms in kept["history"]]
    return kept | {"_id": event.subject}


def of_person(employee_id: str) -> Invalidation:
    """All that is an employee's: there may be years of it."""
    return Invalidation(employee_id, {"employee_id": employee_id})
