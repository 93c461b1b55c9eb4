"""How figures are read."""

from decimal import Decimal

import pytest

from services.savings.figures import two_digits


@pytest.mark.parametrize(
    ("exact", "read"),
    [("184620", "180000"), ("0.425", "0.42"), ("0.435", "0.44"), ("-12.7", "-13"), ("0", "0"), ("99.6", "100")],
)
def test_a_deemed_figure_is_read_at_two_significant_digits(exact: str, read: str) -> None:
    assert two_digits(Decimal(exact)) == read
