"""Spans of months that are asked for together."""

from typing import Annotated

from fastapi import Query

from shared.kit.decisions.decider import Refused, Violation
from shared.kit.web.fields import Month

MONTHS_MAX = 36
First = Annotated[Month, Query(alias="from", description="First month, as `YYYY-MM`.")]
Last = Annotated[Month, Query(alias="to", description=f"Last month, as `YYYY-MM`: at most {MONTHS_MAX} months in all.")]


def months_between(first: str, last: str) -> list[str]:
    """Months such as `2026-09`, from one to another, both included. Raises `Refused` for none and for too many."""
    begins, ends = _number(first), _number(last)
    if ends < begins:
        raise Refused(Violation("month-order", "query:to", facts={"first": first, "last": last}))
    if ends - begins >= MONTHS_MAX:
        raise Refused(Violation("series-too-long", "query:to", MONTHS_MAX))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(begins, ends + 1)]


def _number(month: str) -> int:
    year, _, of_year = month.partition("-")
    return int(year) * 12 + int(of_year) - 1
