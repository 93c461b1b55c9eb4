"""What a fold over events works on: documents as found, and the changes that it leaves to write. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.contracts.event import Event
from shared.kit.decider import Document

Wanted = Mapping[str, Document]
"""Collection to the filter of the documents that a batch touches."""
Known = Mapping[str, Mapping[str, Document]]
"""Collection to id to document, as found."""


@dataclass
class Changes:
    """What a fold leaves to write: new and changed documents, and amounts to add to running totals."""

    insert: dict[str, list[Document]] = field(default_factory=dict)
    replace: dict[str, list[Document]] = field(default_factory=dict)
    add: dict[str, dict[str, tuple[Document, Document]]] = field(default_factory=dict)
    """Collection to id to (what identifies the total, amounts to add)."""


def document(event: Event, forget: frozenset[str] = frozenset()) -> Document:
    """The document kept of an entity: its newest event, without the terms that this service has no use for."""
    kept = event.model_dump(mode="json")
    kept["history"] = [{k: v for k, v in terms.items() if k not in forget} for terms in kept["history"]]
    return kept | {"_id": event.subject}
