"""How MKD and office compare: a difference with its interval, and `inconclusive` where that leaves it open."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.performance.series.value import WHOLE_PPM, Conclusion, Mean, difference


def mean(share: float, n: int) -> Mean:
    return Mean(round(share * n) * WHOLE_PPM, n)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (mean(0.872, 427), mean(0.901, 50), Conclusion.INCONCLUSIVE),
        (mean(0.9, 4000), mean(0.8, 4000), Conclusion.HIGHER),
        (mean(0.8, 4000), mean(0.9, 4000), Conclusion.LOWER),
        (mean(1, 3), mean(0.7, 3), Conclusion.INCONCLUSIVE),
        (mean(1, 50), mean(1, 50), Conclusion.INCONCLUSIVE),
    ],
)
def test_what_few_outputs_say_is_inconclusive(one: Mean, other: Mean, verdict: Conclusion) -> None:
    found = difference(one, other)
    assert found
    assert found.verdict == verdict
    assert -WHOLE_PPM <= found.low_ppm <= found.high_ppm <= WHOLE_PPM


def test_the_interval_is_the_one_that_was_published() -> None:
    """Agresti and Caffo: p = (x + 1) / (n + 2), then 1.96 standard errors; worked out in floats for 30 of 40 and 20 of
    40: 31/42 - 21/42 is 0.238, of which the standard error is 0.1026."""
    found = difference(mean(0.75, 40), mean(0.5, 40))
    assert found
    assert (found.ppm, round(found.low_ppm, -3), round(found.high_ppm, -3)) == (250_000, 37_000, 439_000)


def test_of_nothing_nothing_follows() -> None:
    assert difference(Mean(0, 0), mean(0.5, 10)) is None
    assert difference(mean(0.5, 10), Mean(0, 0)) is None


shares = st.tuples(st.integers(1, 500), st.floats(0, 1)).map(lambda of: Mean(round(of[1] * of[0] * WHOLE_PPM), of[0]))


@given(shares, shares)
def test_the_other_way_round_is_the_same_the_other_way_round(one: Mean, other: Mean) -> None:
    there, back = difference(one, other), difference(other, one)
    assert there
    assert back
    assert (there.ppm, there.low_ppm, there.high_ppm) == (-back.ppm, -back.high_ppm, -back.low_ppm)


def test_it_holds_the_truth_nearly_always() -> None:
    """Of a thousand draws of two shares that are known, for few and for many."""
    chance = random.Random(7)
    for n, m, p, q in ((20, 15, 0.95, 0.9), (200, 60, 0.7, 0.75)):
        held = 0
        for _ in range(1000):
            one, other = (
                Mean(sum(chance.random() < of for _ in range(k)) * WHOLE_PPM, k) for k, of in ((n, p), (m, q))
            )
            found = difference(one, other)
            assert found
            held += found.low_ppm <= (p - q) * WHOLE_PPM <= found.high_ppm
        assert held > 930
