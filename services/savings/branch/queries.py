"""What is known of units' figures, and how units hang together."""

from dataclasses import dataclass
from datetime import datetime

from services.savings.access import is_agency
from services.savings.branch.model import UNITS, Told, Unit
from services.savings.ledger.document import totals_of
from services.savings.publication import queries as published
from services.savings.unit_month.queries import shown_totals, unit_months
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.people.accounts import units_of
from shared.people.context import RequestContext


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of all units in a month, as somebody may read them."""

    told: list[Told]
    as_of: datetime | None = None


async def units(models: Models) -> dict[str, Unit]:
    """All units, with their histories."""
    found = {one["_id"]: one async for one in models["units"].find({}, {"history": 1})}
    return dict(UNITS.validate_python(found))


async def month_of(context: RequestContext, models: Models, month: str, of_kind: Document) -> Month:
    """As they are now for the personnel agency, as they were last published for others."""
    if is_agency(context):
        stored = [total for one in await unit_months(models, {"month": month}) for total in shown_totals(one)]
        return Month([Told(one) for one in totals_of(one for one in stored if of_kind.items() <= one.items())])
    found = await published.figures(context, month, of_kind | units_of(context.actor))
    totals = zip(found.rows, totals_of(found.rows), strict=True)
    return Month([Told(total, withheld=not found.sees(row)) for row, total in totals], found.as_of)
