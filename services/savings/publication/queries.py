"""What those who are not the personnel agency read of savings: months as they were published."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.employee_month.document import day_documents, month_of, total_documents
from services.savings.publication.projection import COUNTED, LACKS, Where, added, units
from services.savings.unit_month.queries import shown_totals, unit_months
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import place_of
from shared.people import published
from shared.people.context import RequestContext
from shared.people.published import Publishing, Reading
from shared.people.publishing import Units

SAVINGS = {"about": "savings"}


@dataclass(frozen=True)
class Found:
    """Figures of a publication, whether this reader may see what they say or not; none where there is none."""

    rows: list[Document]
    next_cursor: str | None = None
    reading: Reading | None = None

    @property
    def as_of(self) -> datetime | None:
        return self.reading.as_of if self.reading else None

    def sees(self, row: Document) -> bool:
        return self.reading is not None and self.reading.sees(row)


async def figures(
    context: RequestContext, month: str, where: Document, cursor: str | None = None, limit: int = 0
) -> Found:
    """The savings of units."""
    return await _found(context, month, {**where, **SAVINGS}, cursor, limit)


async def reading_of(context: RequestContext, month: str) -> Reading | None:
    """What of a month's publications this reader reads: as it was found with the call, or asked for now."""
    if month not in context.readings:
        context.readings[month] = await published.read(context.db, month, context.actor.reader)
    found: Reading | None = context.readings[month]
    return found


async def _found(context: RequestContext, month: str, where: Document, cursor: str | None, limit: int) -> Found:
    place = place_of(cursor)
    reading = await reading_of(context, month)
    if reading is None:
        return Found([])
    rows, following = await published.rows(context.db, reading, where, place[0] if place else "", limit)
    return Found(rows, following, reading)


async def completeness(
    context: RequestContext, month: str, where: Document, cursor: str | None, limit: int
) -> tuple[list[Document], str | None, datetime | None]:
    """Counts of days of units, where they may be shown."""
    found = await _found(context, month, {**where, "about": COUNTED}, cursor, limit)
    seen: dict[str, Document] = {one["unit_id"]: {**one, "lacks": {}} for one in found.rows if found.sees(one)}
    if found.reading and seen:
        lacks, _ = await published.rows(
            context.db, found.reading, {"about": LACKS, "unit_id": {"$in": sorted(seen)}}, limit=0
        )
        for one in filter(found.sees, lacks):
            seen[one["unit_id"]]["lacks"][one["lacking"]] = one["days"]
    return list(seen.values()), found.next_cursor, found.as_of


async def live(session: AsyncClientSession, models: Models, month: str) -> Units:
    """The units' months as they are now."""

    async def all_of(name: str, where: Document, fields: Document | None = None) -> list[Document]:
        return await models[name].find(where, fields, session=session).to_list()

    months = [month_of(one) for one in await all_of("employee_months", {"month": month})]
    days = [day for one in months for day in day_documents(one) if day["counted"]]
    where = Where(
        month,
        await all_of("units", {}),
        await all_of("buildings", {}),
        await all_of("employees", {}, {"history.effective_from": 1, "history.unit_id": 1, "history.active": 1}),
        await all_of("absences", {}, {"employee_id": 1, "history": 1}),
        days,
    )
    of_units = await unit_months(models, {"month": month}, session)
    totals = [total for one in of_units for total in shown_totals(one)]
    of_people = [total for one in months for total in total_documents(one)]
    of_people += await all_of("employee_totals", {"month": month, "days": {"$gt": 0}})
    return units(totals, of_people, days, where)


PUBLISHING = Publishing("savings.publishing", live, added)
