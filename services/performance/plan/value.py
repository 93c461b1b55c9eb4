"""How far agreed outputs were attained, and how many of them on time. Pure, and exact in whole numbers.

A result has indicators of quantity, quality, time and cost (PermenPANRB 6/2022); two of them are counted here, over the
agreed outputs whose day has passed where the unit is and was not taken back, nor turned out not to be worked:

- *Quantity*: an output's attainment is min(quantity / target, 1) if it is verified now, else 0, in parts per million,
  rounded once, half to even. The quantity is that of the latest report; a target of 0 is attained by being verified.
  The attainment of a day or month is the sum of its outputs' attainments divided by their number.
- *Time*: an output is on time if its latest report was made on the agreed day (`days_late` 0), whatever the superior
  has made of it; one that was never reported is not. Timeliness is the number on time divided by the number agreed.

Every output weighs the same. Days and months keep sums, never means, so that they add up; a mean is rounded once, half
to even, when it is shown.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import TypedDict

from services.performance.plan.model import Progress

MILLION = 1_000_000


class Output(TypedDict):
    """One agreed output as far as its events tell: what was agreed, its latest report, and where it stands."""

    day: str
    target_quantity: str
    quantity: str | None
    days_late: int | None
    progress: str


class Standing(StrEnum):
    """Whether the outputs of a day count: those that do not are counted apart, so that they do not vanish."""

    COUNTS = "outputs"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


def sums(outputs: Iterable[Output], standing: Standing = Standing.COUNTS) -> dict[str, int]:
    """What some outputs come to that stand alike: how many were `agreed` in all, and how many of them count, are
    excused or cancelled; of those that count how many were reported at all, reported on their day, are sent back now,
    are verified now; and their attainments added up."""
    agreed = list(outputs)
    counted = agreed if standing is Standing.COUNTS else []
    return {
        "agreed": len(agreed),
        **{one.value: len(agreed) if one is standing else 0 for one in Standing},
        "logged": sum(output["days_late"] is not None for output in counted),
        "on_time": sum(output["days_late"] == 0 for output in counted),
        "returned": sum(output["progress"] == Progress.RETURNED for output in counted),
        "verified": sum(output["progress"] == Progress.VERIFIED for output in counted),
        "attained_ppm": sum(attained_ppm(output) for output in counted),
    }


def attained_ppm(output: Output) -> int:
    """One output's attainment."""
    if output["progress"] != Progress.VERIFIED or output["quantity"] is None:
        return 0
    return share_ppm(Fraction(output["quantity"]), Fraction(output["target_quantity"]))


def share_ppm(quantity: Fraction, target: Fraction) -> int:
    """min(quantity / target, 1)."""
    return MILLION if quantity >= target else round(quantity / target * MILLION)


def attainment_ppm(found: Mapping[str, int]) -> int | None:
    """The mean attainment that sums come to; none where no output counts."""
    return round(Fraction(found["attained_ppm"], found["outputs"])) if found["outputs"] else None


def timeliness_ppm(found: Mapping[str, int]) -> int | None:
    """The share of outputs on time that sums come to; none where no output counts."""
    return round(Fraction(found["on_time"] * MILLION, found["outputs"])) if found["outputs"] else None
