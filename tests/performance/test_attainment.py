"""How far outputs were attained and how many on time: exact figures."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.performance.plan.model import Progress
from services.performance.plan.value import SUMS, Output, Sums, attained_ppm, sums


def done(**changed: Any) -> Output:
    fields: dict[str, Any] = {"target_quantity": Decimal(1), "quantity": Decimal(1), "days_late": 0}
    return Output(date(2026, 9, 7), **fields | {"progress": Progress.VERIFIED} | changed)


@pytest.mark.parametrize(
    ("quantity", "target", "ppm"),
    [
        ("1", "1", 1_000_000),
        ("2", "1", 1_000_000),
        ("1", "2", 500_000),
        ("1", "3", 333_333),
        ("2", "3", 666_667),
        ("0", "5", 0),
        ("0.001", "2000", 0),
        ("0.003", "2000", 2),
        ("0.005", "2000", 2),
        ("0", "0", 1_000_000),
        ("4", "0", 1_000_000),
        ("100.0", "100", 1_000_000),
        ("1E+2", "400", 250_000),
    ],
)
def test_attainment_is_the_share_of_the_target_and_at_most_the_whole(quantity: str, target: str, ppm: int) -> None:
    """Rounded half to even: 0.5 and 2.5 parts per million are 0 and 2."""
    assert attained_ppm(done(quantity=Decimal(quantity), target_quantity=Decimal(target))) == ppm


@pytest.mark.parametrize("progress", [Progress.AGREED, Progress.LOGGED, Progress.RETURNED])
def test_what_is_not_verified_is_not_attained_not_even_a_target_of_nothing(progress: Progress) -> None:
    assert attained_ppm(done(progress=progress)) == 0
    assert attained_ppm(done(progress=progress, target_quantity=Decimal(0))) == 0


def test_sums_count_each_output_once_for_what_is_true_of_it_now() -> None:
    outputs = [
        done(),
        done(quantity=Decimal(1), target_quantity=Decimal(4), days_late=2),
        done(progress=Progress.RETURNED),
        done(progress=Progress.LOGGED, days_late=1),
        done(progress=Progress.AGREED, quantity=None, days_late=None),
    ]
    found = sums(outputs)
    assert asdict(found) == {
        "agreed": 5,
        "outputs": 5,
        "excused": 0,
        "cancelled": 0,
        "logged": 4,
        "on_time": 2,
        "returned": 1,
        "verified": 2,
        "attained_ppm": 1_250_000,
    }
    assert (found.attainment_ppm, found.timeliness_ppm) == (250_000, 400_000)


def test_sums_add_up_and_means_are_of_sums() -> None:
    a_third, reported = done(target_quantity=Decimal(3)), done(progress=Progress.LOGGED)
    one, other = sums([done()]), sums([a_third, reported])
    both = Sums(*(getattr(one, name) + getattr(other, name) for name in SUMS))
    assert both == sums([done(), a_third, reported])
    assert both.attainment_ppm == 444_444
    assert Sums(outputs=3, on_time=2).timeliness_ppm == 666_667
