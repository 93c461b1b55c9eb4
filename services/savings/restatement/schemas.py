"""The shape in which restatements are answered. Pure."""

from collections.abc import Mapping

from services.savings.month.document import Amounts, Bounds, Tags, amounts, by_bound, flat, moved, tags
from services.savings.restatement.model import Restated
from shared.kit.decisions.decider import Document
from shared.people.reads import fields, table

SIDES = ("before", "difference", "after")


class Restatement(Tags):
    """Change of a unit-month since a moment, in one category for one beneficiary."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in that month."""

    month: str
    """The month, as `YYYY-MM`."""

    rows: int | None
    """Number of rows in the ledger that make the change; for the personnel agency, null for others."""

    before: Amounts
    """Amounts saved as known at that moment."""

    difference: Amounts
    """From the least to the most by which a bound moved."""

    by_bound: Bounds
    """By how much each bound moved, exactly: `before` and this make `after`, bound by bound."""

    after: Amounts
    """Amounts saved as known now, or as published now."""


@table(*fields(Restatement, *SIDES, "by_bound"), *(f"{side}_{name}" for side in SIDES for name in flat(None)))
def restatement_row(item: Restatement) -> Document:
    sides = {f"{side}_{name}": cell for side in SIDES for name, cell in flat(getattr(item, side)).items()}
    return item.model_dump(exclude={*SIDES, "by_bound"}, mode="json") | sides


def restatement(found: Restated, names: Mapping[str, str], month: str) -> Restatement:
    unit_id = found.of.unit_id
    return Restatement.model_validate(
        {
            **tags(found.of),
            "unit_id": unit_id,
            "unit_name": names.get(unit_id, unit_id),
            "month": month,
            "rows": found.rows,
            "before": amounts(found.before),
            "difference": moved(found.difference),
            "by_bound": by_bound(found.difference),
            "after": amounts(found.after),
        }
    )
