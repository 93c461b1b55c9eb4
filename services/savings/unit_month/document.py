"""How units' months are stored, and the documents that are read of them. Pure."""

from collections.abc import Iterable

from pydantic import TypeAdapter

from services.savings.ledger.document import cell_id, total_document
from services.savings.unit_month.model import Days, UnitMonth, together
from shared.kit.decisions.decider import Document

PARTS = TypeAdapter(list[UnitMonth])


def months_of(found: Iterable[Document]) -> list[UnitMonth]:
    """Units' months, by unit and month, of the parts in which they are stored."""
    return together(PARTS.validate_python(list(found)))


def total_documents(one: UnitMonth) -> list[Document]:
    """Its totals, each as a document, by id."""
    return [
        {**total_document(cell_id(one.unit_id, one.month, kind), sum_), "month": one.month}
        for kind, sum_ in sorted(one.kinds.items())
    ]


def completeness_document(one: UnitMonth, counted: Days) -> Document:
    """Its days of people."""
    of = {"_id": f"{one.unit_id}|{one.month}", "unit_id": one.unit_id, "month": one.month}
    return of | {"days_agreed": counted.days_agreed, "days_realised": counted.days_realised, "lacks": counted.lacks}
