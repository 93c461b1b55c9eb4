"""How the unit-months of a month have changed since a moment: added up from the rows before and the rows since, or
between two publications."""

from collections.abc import Sequence
from datetime import datetime

from services.savings.ledger.document import totals_of
from services.savings.ledger.model import BOUNDS, UNITS, plus
from services.savings.ledger.projection import MOVEMENTS
from services.savings.ledger.queries import EACH_ROW, OF_ENTRY, SIGNED
from services.savings.publication.queries import SAVINGS
from services.savings.restatement.model import Restated
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.people import published as publications
from shared.people.context import RequestContext

SIDES = ("before", "difference")
NOTHING = dict.fromkeys(BOUNDS, 0)


async def restated(models: Models, month: str, since: datetime) -> list[Restated]:
    """Unit-months to which rows have been added since a moment: what they were, what came, and what they are."""
    groups = await models[MOVEMENTS].aggregate(
        [
            {"$match": {"month": month}},
            *EACH_ROW,
            {"$group": {"_id": OF_ENTRY, "rows": _if_since(since, 1, 0), **_sums(since)}},
            {"$match": {"rows": {"$gt": 0}}},
            {"$sort": {"_id": 1}},
        ]
    )
    found = []
    async for group in groups:
        held = [unit for unit in UNITS if group[f"has_{unit}"]]
        sides = {
            side: {unit: {bound: group[f"{side}_{unit}_{bound}"] for bound in BOUNDS} for unit in held}
            for side in SIDES
        }
        before, difference = (sides[side] for side in SIDES)
        (of,) = totals_of([group["_id"]])
        found.append(Restated(of, group["rows"], before, difference, plus(before, difference)))
    return found


def _if_since(since: datetime, then: Document | int, otherwise: Document | int) -> Document:
    return {"$sum": {"$cond": [{"$gte": ["$at", since]}, then, otherwise]}}


def _sums(since: datetime) -> Document:
    sums: Document = {f"has_{unit}": {"$max": {"$gt": [f"$entry.amounts.{unit}", None]}} for unit in UNITS}
    for (unit, bound), amount in SIGNED.items():
        sums[f"before_{unit}_{bound}"] = _if_since(since, 0, amount)
        sums[f"difference_{unit}_{bound}"] = _if_since(since, amount, 0)
    return sums


def between(then: Sequence[Document], now: Sequence[Document]) -> list[Restated]:
    """The same between two publications, of figures that may be read in both; nothing of a figure that was withheld in
    one. How many rows it took is not published. Pure."""
    were, are = ({one["place"]: one for one in figures} for figures in (then, now))
    found = []
    for place in sorted(were.keys() | are.keys()):
        was, is_ = were.get(place), are.get(place)
        if (was and "amounts" not in was) or (is_ and "amounts" not in is_):
            continue
        before, after = (one["amounts"] if one else {} for one in (was, is_))
        if before == after:
            continue
        old, new = plus(before, dict.fromkeys(after, NOTHING)), plus(after, dict.fromkeys(before, NOTHING))
        minus = {unit: {bound: -n for bound, n in of.items()} for unit, of in old.items()}
        (of,) = totals_of([is_ or was or {}])
        found.append(Restated(of, None, old, plus(new, minus), new))
    return found


async def published(context: RequestContext, month: str, since: datetime) -> list[Restated]:
    """Between what was published at a moment, or first, and what is published now."""
    now = await publications.read(context.db, month, context.actor.reader)
    then = await publications.read(context.db, month, context.actor.reader, since)
    if now is None or then is None or now.id == then.id:
        return []
    sides: list[list[Document]] = []
    for reading in (then, now):
        rows, _ = await publications.rows(context.db, reading, SAVINGS)
        sides.append([row if reading.sees(row) else _withheld(row) for row in rows])
    return between(*sides)


def _withheld(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "amounts"}
