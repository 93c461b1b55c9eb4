"""What a fold over events works on: documents as found, and the changes that it leaves to write. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.event import Event
from shared.kit.decisions.decider import Document

Wanted = Mapping[str, Document]
"""Collection to the filter of the documents that a batch touches."""
Known = Mapping[str, Mapping[str, Document]]
"""Collection to id to document, as found."""


@dataclass
class Changes:
    """What a fold leaves to write: new and changed documents, amounts to add to running totals, and marks."""

    insert: dict[str, list[Document]] = field(default_factory=dict)
    replace: dict[str, list[Document]] = field(default_factory=dict)
    add: dict[str, dict[str, tuple[Document, Document]]] = field(default_factory=dict)
    """Collection to id to (what identifies the total, amounts to add)."""
    marks: dict[str, Document] = field(default_factory=dict)
    """Id to what is to be worked out anew by a chore: written with what it follows from, so that a change that concerns
    much is still a small transaction."""


def keep(changes: Changes, collection: str, known: Mapping[str, Document], documents: Mapping[str, Document]) -> None:
    """Write documents: those that were not known are new."""
    for id_, document_ in documents.items():
        kind = changes.replace if id_ in known else changes.insert
        kind.setdefault(collection, []).append(document_)


def add(changes: Changes, collection: str, id_: str, of: Document, amounts: Mapping[str, Any]) -> None:
    """Add amounts to a running total."""
    totals = changes.add.setdefault(collection, {})
    _, before = totals.get(id_, (of, {}))
    totals[id_] = (of, {**before, **{name: before.get(name, 0) + amount for name, amount in amounts.items()}})


def document(event: Event, forget: frozenset[str] = frozenset()) -> Document:
    """The document kept of an entity: its newest event, without the terms that this service has no use for."""
    kept = event.model_dump(mode="json")
    kept["history"] = [{k: v for k, v in terms.items() if k not in forget} for terms in kept["history"]]
    return kept | {"_id": event.subject}


def mark_person(changes: Changes, employee_id: str) -> None:
    """Mark all that is an employee's: there may be years of it."""
    changes.marks[employee_id] = {"employee_id": employee_id}
