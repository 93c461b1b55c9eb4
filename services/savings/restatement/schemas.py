"""The shape in which restatements are answered. Pure."""

from collections.abc import Mapping

from services.savings.month.document import Amounts, Bounds, Tags, amounts, by_bound, flat, moved, tags
from services.savings.restatement.model import Restated
from shared.kit.decisions.decider import Document
from shared.people.reads import fields, table

SIDES = ("before", "difference", "after")


class Restatement(Tags):
    """How a unit-month changed since a moment. `difference` goes from the least to the most by which a bound moved;
    `by_bound` is exact: before + by_bound = after, bound by bound. In how many rows is for the personnel agency; others
    read the difference between what was published then and what is now."""

    unit_id: str
    unit_name: str
    month: str
    rows: int | None
    before: Amounts
    difference: Amounts
    by_bound: Bounds
    after: Amounts


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
