"""What an entry of the savings ledger is: one category of one day, for one beneficiary, by one factor set. Pure."""

import hashlib
import json
from collections.abc import Iterable

from services.savings.ledger.model import Entry, Exact
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished

TIER = 1


def entry(
    category: Category,
    beneficiary: Beneficiary,
    factors: FactorSetPublished,
    unit_id: str,
    amounts: dict[str, Exact],
    inputs: dict[str, object],
    *,
    scope: int | None = None,
    warnings: Iterable[str] = (),
    employee_id: str | None = None,
) -> Entry:
    """`amounts` by unit (see `UNITS`), exact; each is rounded here, once. `inputs` is what explains them.

    A deemed saving is no money that is not paid out, but for one: an allowance that is not paid, where the set names
    the budget line in which it is left.
    """
    budget = beneficiary is Beneficiary.REGIONAL_BUDGET
    line = next((known.budget_line for known in factors.budget_lines if known.category is category), None)
    return Entry(
        unit_id=unit_id,
        factor_set_id=factors.factor_set_id,
        category=category,
        beneficiary=beneficiary,
        tier=TIER,
        budget_line=line if budget else None,
        cashable=budget and category is Category.MEALS and line is not None,
        scope=scope,
        range=range_of(category, factors),
        amounts={unit: exact.rounded() for unit, exact in amounts.items()},
        inputs=inputs,
        warnings=tuple(warnings),
        employee_id=employee_id,
    )


def range_of(category: Category, factors: FactorSetPublished) -> str:
    """How the range of a category's figures is made: percentiles of what was drawn for the set, bounds combined worst
    with worst, or none, where there are only prices."""
    match category:
        case Category.FUEL:
            return f"p{factors.simulation.low_percentile}-p{factors.simulation.high_percentile}"
        case Category.MEALS:
            return "none"
    return "worst-with-worst"


def digest(positions: Iterable[tuple[str, object]]) -> str:
    """One hash over net positions, by day: the same from the live read model, a rebuild, and a fold over the log."""
    content = hashlib.sha256()
    for day_id, position in sorted(positions):
        content.update(json.dumps([day_id, position], sort_keys=True, separators=(",", ":")).encode())
    return content.hexdigest()
