"""How far agreed outputs were attained, and how many of them on time. Pure, and exact in whole numbers.

A result has indicators of quantity, quality, time and cost (PermenPANRB 6/2022); two of them are counted here, over the
agreed outputs whose day has passed where the unit is, of plans that are not closed:

- *Quantity*: an output's attainment is min(quantity / target, 1) if it is verified now, else 0, in parts per million,
  rounded once, half to even. The quantity is that of the latest report; a target of 0 is attained by being verified.
  The attainment of a day or month is the sum of its outputs' attainments divided by their number.
- *Time*: an output is on time if its latest report was made on the agreed day (`days_late` 0), whatever the superior
  has made of it; one that was never reported is not. Timeliness is the number on time divided by the number agreed.

Every output weighs the same. Days and months keep sums, never means, so that they add up; a mean is rounded once, half
to even, when it is shown.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypedDict

from services.performance.state import Progress

MILLION = 1_000_000


class Output(TypedDict):
    """One agreed output as far as its events tell: what was agreed, its latest report, and where it stands."""

    day: str
    target_quantity: str
    quantity: str | None
    days_late: int | None
    progress: str


def sums(outputs: Iterable[Output]) -> dict[str, int]:
    """What some outputs come to: how many were agreed, reported at all, reported on their day, are sent back now, are
    verified now; and their attainments added up."""
    counted = list(outputs)
    return {
        "outputs": len(counted),
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
    quantity, target = Fraction(output["quantity"]), Fraction(output["target_quantity"])
    return MILLION if quantity >= target else round(quantity / target * MILLION)


def attainment_ppm(found: Mapping[str, int]) -> int:
    """The mean attainment that sums come to. There is at least one output."""
    return round(Fraction(found["attained_ppm"], found["outputs"]))


def timeliness_ppm(found: Mapping[str, int]) -> int:
    """The share of outputs on time that sums come to. There is at least one output."""
    return round(Fraction(found["on_time"] * MILLION, found["outputs"]))
