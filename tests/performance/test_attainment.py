"""How far outputs were attained and how many on time: exact figures."""

from typing import Any, cast

import pytest

from services.performance.plan.value import Output, attained_ppm, attainment_ppm, sums, timeliness_ppm


def done(**changed: Any) -> Output:
    fields: dict[str, Any] = {"day": "2026-09-07", "target_quantity": "1", "quantity": "1", "days_late": 0}
    return cast("Output", fields | {"progress": "verified"} | changed)


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
    assert attained_ppm(done(quantity=quantity, target_quantity=target)) == ppm


@pytest.mark.parametrize("progress", ["agreed", "logged", "returned"])
def test_what_is_not_verified_is_not_attained_not_even_a_target_of_nothing(progress: str) -> None:
    assert attained_ppm(done(progress=progress)) == 0
    assert attained_ppm(done(progress=progress, target_quantity="0")) == 0


def test_sums_count_each_output_once_for_what_is_true_of_it_now() -> None:
    outputs = [
        done(),
        done(quantity="1", target_quantity="4", days_late=2),
        done(progress="returned"),
        done(progress="logged", days_late=1),
        done(progress="agreed", quantity=None, days_late=None),
    ]
    found = sums(outputs)
    assert found == {
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
    assert (attainment_ppm(found), timeliness_ppm(found)) == (250_000, 400_000)


def test_sums_add_up_and_means_are_of_sums() -> None:
    one, other = sums([done()]), sums([done(quantity="1", target_quantity="3"), done(progress="logged")])
    both = {name: one[name] + other[name] for name in one}
    assert both == sums([done(), done(quantity="1", target_quantity="3"), done(progress="logged")])
    assert attainment_ppm(both) == 444_444
    assert timeliness_ppm({"outputs": 3, "on_time": 2}) == 666_667
