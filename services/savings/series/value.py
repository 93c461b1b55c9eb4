"""Which months a series has. Pure."""

from shared.kit.decisions.decider import Refused, Violation

MONTHS_MAX = 36


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
