"""How rows of the ledger are read: they lie in movements, together with what they are worth."""

from collections.abc import Mapping, Sequence

from services.savings.ledger.document import moved_of, row_documents
from services.savings.ledger.model import BOUNDS, TAGS, UNITS, DayKey, Told
from services.savings.ledger.projection import MOVEMENTS
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import Found, find_within, first_of

EACH_ROW: Sequence[Document] = (
    {"$unwind": "$rows"},
    {"$set": {"entry": {"$arrayElemAt": ["$entries", "$rows.entry"]}}},
)
"""The stages that make a document of each row, with its entry."""
OF_ENTRY: Mapping[str, str] = {name: f"$entry.{name}" for name in TAGS}
SIGNED: Mapping[tuple[str, str], Document] = {
    (unit, bound): {"$multiply": ["$rows.sign", {"$ifNull": [f"$entry.amounts.{unit}.{bound}", 0]}]}
    for unit in UNITS
    for bound in BOUNDS
}
"""What a row adds, by unit and bound."""


async def rows_page(models: Models, where: Document, employee_id: str | None, cursor: str | None, limit: int) -> Found:
    """Rows of a month, by whose day they are of; of one employee's own days, and of what is about them in days of
    units; or of everybody's."""
    if employee_id is None:
        return await find_within(models[MOVEMENTS], where, "whose", _rows, cursor, limit)

    def about(movements: list[Document]) -> list[Document]:
        return [row for row in _rows(movements) if row["employee_id"] == employee_id]

    own = await find_within(models[MOVEMENTS], {**where, "whose": employee_id}, "whose", _rows, cursor, limit)
    of_units = await find_within(models[MOVEMENTS], {**where, "about": employee_id}, "whose", about, cursor, limit)
    return first_of(limit, "whose", own.documents, of_units.documents)


def _rows(movements: list[Document]) -> list[Document]:
    return [row for movement in moved_of(movements) for row in row_documents(movement)]


async def of_day(models: Models, key: DayKey) -> tuple[list[Told], list[Document]]:
    """What is kept of an employee's day: the events that it was folded from, in the order in which they were heard, and
    its rows, those of the unit's day that are about them among these."""
    own = await models[MOVEMENTS].find({"_id": {"$gte": f"{key.month_id}#", "$lt": f"{key.month_id}$"}}).to_list()
    of_units = await models[MOVEMENTS].find({"about": key.whose, "month": key.month}).to_list()
    events = [told for movement in moved_of(own) for told in movement.events if told.day == key.day]
    rows = [row for row in _rows(own + of_units) if (row["employee_id"], row["day"]) == (key.whose, key.day)]
    return events, sorted(rows, key=lambda row: row["_id"])
