"""How figures are read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.savings.ledger.model import BOUNDS, plus
from services.savings.month.document import by_bound, moved, two_digits

WHOLE = st.integers(-(10**15), 10**15)
RANGES = st.lists(WHOLE, min_size=3, max_size=3).map(lambda three: dict(zip(BOUNDS, sorted(three), strict=True)))


@pytest.mark.parametrize(
    ("exact", "read"),
    [("184620", "180000"), ("0.425", "0.42"), ("0.435", "0.44"), ("-12.7", "-13"), ("0", "0"), ("99.6", "100")],
)
def test_a_deemed_figure_is_read_at_two_significant_digits(exact: str, read: str) -> None:
    assert two_digits(Decimal(exact)) == read


@given(before=RANGES, after=RANGES)
def test_a_difference_is_shown_in_order_and_reconciles_bound_by_bound(
    before: dict[str, int], after: dict[str, int]
) -> None:
    """A range that narrows moves its low up and its high down: what is shown is from the least move to the most."""
    difference = {"sen": {bound: after[bound] - before[bound] for bound in BOUNDS}}
    shown = moved(difference).sen
    assert shown.low <= shown.central <= shown.high
    assert {shown.low, shown.high} <= set(difference["sen"].values())
    assert plus({"sen": before}, by_bound(difference)) == {"sen": after}


@given(RANGES)
def test_a_reversal_is_shown_in_order(posted: dict[str, int]) -> None:
    shown = moved({"sen": {bound: -amount for bound, amount in posted.items()}}).sen
    assert (shown.low, shown.central, shown.high) == (-posted["high"], -posted["central"], -posted["low"])
