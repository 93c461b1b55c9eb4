"""How units' months are read: of the parts in which they are stored."""

from collections.abc import Mapping

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.category.value import DEFINITIONS
from services.savings.ledger.document import totals_of
from services.savings.ledger.model import Total
from services.savings.ledger.projection import UNIT_MONTHS
from services.savings.unit_month.document import completeness_document, months_of, total_documents
from services.savings.unit_month.model import UnitMonth
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import Found, find_within


async def unit_months(models: Models, where: Document, session: AsyncClientSession | None = None) -> list[UnitMonth]:
    """Units' months, by unit and month."""
    return months_of(await models[UNIT_MONTHS].find(where, session=session).to_list())


def shown_totals(one: UnitMonth) -> list[Document]:
    """The totals of which there are days."""
    return [total for total in total_documents(one) if total["days"] > 0]


def people_of(one: UnitMonth, total: Total) -> int:
    """How many people a total of it is about, for the personnel agency: those who have figures of its kind; where
    nobody has any of their own, everybody who was away, if it is about them all."""
    kind = one.kinds.get(str(total.kind))
    if kind and kind.people:
        return kind.people
    return one.away.get(total.factor_set_id, 0) if DEFINITIONS[total.category].about_all_away else 0


async def totals_page(
    models: Models, where: Document, chosen: Mapping[str, str], cursor: str | None, limit: int
) -> Found:
    """Totals of units, by unit and month and by what they are, each with how many people it is `about`."""

    def items(parts: list[Document]) -> list[Document]:
        found = []
        for one in months_of(parts):
            shown = [total for total in shown_totals(one) if chosen.items() <= total.items()]
            typed = totals_of(shown)
            found += [doc | {"about": people_of(one, total)} for doc, total in zip(shown, typed, strict=True)]
        return found

    return await find_within(models[UNIT_MONTHS], where, "unit_id", items, cursor, limit)


async def completeness_page(models: Models, where: Document, cursor: str | None, limit: int) -> Found:
    """Days of people, by unit and month."""

    def items(parts: list[Document]) -> list[Document]:
        return [completeness_document(one, one.counted) for one in months_of(parts) if one.counted]

    return await find_within(models[UNIT_MONTHS], where, "unit_id", items, cursor, limit)
