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

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.performance.plan.model import Progress

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """One agreed output as far as its events tell: what was agreed, its latest report, and where it stands."""

    day: date
    target_quantity: Decimal
    quantity: Decimal | None = None
    days_late: int | None = None
    progress: Progress = Progress.AGREED


class Standing(StrEnum):
    """Whether the outputs of a day count: those that do not are counted apart, so that they do not vanish."""

    COUNTS = "counts"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Sums:
    """What outputs come to: how many were `agreed` in all, and how many of them count (`outputs`), are excused or
    cancelled; of those that count how many were reported at all, reported on their day, are sent back now, are verified
    now; and their attainments added up."""

    agreed: int = 0
    outputs: int = 0
    excused: int = 0
    cancelled: int = 0
    logged: int = 0
    on_time: int = 0
    returned: int = 0
    verified: int = 0
    attained_ppm: int = 0

    def amounts(self, sign: int = 1) -> dict[str, int]:
        """By name, or with `sign` -1 what takes them back."""
        return {name: sign * getattr(self, name) for name in SUMS}

    @property
    def attainment_ppm(self) -> int | None:
        """The mean attainment; none where no output counts."""
        return round(Fraction(self.attained_ppm, self.outputs)) if self.outputs else None

    @property
    def timeliness_ppm(self) -> int | None:
        """The share of outputs on time; none where no output counts."""
        return round(Fraction(self.on_time * MILLION, self.outputs)) if self.outputs else None


SUMS = tuple(field.name for field in fields(Sums))


def sums(outputs: Iterable[Output], standing: Standing = Standing.COUNTS) -> Sums:
    """What some outputs come to that stand alike."""
    agreed = list(outputs)
    if standing is Standing.EXCUSED:
        return Sums(len(agreed), excused=len(agreed))
    if standing is Standing.CANCELLED:
        return Sums(len(agreed), cancelled=len(agreed))
    return Sums(
        agreed=len(agreed),
        outputs=len(agreed),
        logged=sum(output.days_late is not None for output in agreed),
        on_time=sum(output.days_late == 0 for output in agreed),
        returned=sum(output.progress is Progress.RETURNED for output in agreed),
        verified=sum(output.progress is Progress.VERIFIED for output in agreed),
        attained_ppm=sum(attained_ppm(output) for output in agreed),
    )


def attained_ppm(output: Output) -> int:
    """One output's attainment."""
    if output.progress is not Progress.VERIFIED or output.quantity is None:
        return 0
    return share_ppm(Fraction(output.quantity), Fraction(output.target_quantity))


def share_ppm(quantity: Fraction, target: Fraction) -> int:
    """min(quantity / target, 1)."""
    return MILLION if quantity >= target else round(quantity / target * MILLION)
