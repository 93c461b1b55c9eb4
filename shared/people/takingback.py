"""Which of something's days are taken back: those that are named, or those that may be without being named. Pure."""

from collections.abc import Collection, Sequence
from datetime import date

from shared.kit.decisions.decider import Refused, Violation, wrong_state


def days_taken(
    named: Sequence[date] | None, held: Collection[date], free: Collection[date], too_late: str
) -> tuple[date, ...]:
    """The days to take back, in order. Where none are named, they are those that are `free`: raises `Refused` by the
    rule `too_late` where there are none. Raises it also for a named day that is not among those `held`."""
    for day in sorted(set(named or ()) - set(held)):
        raise Refused(Violation("not-its-day", "/days", facts={"day": day}))
    days = sorted(set(free if named is None else named))
    if not days:
        raise wrong_state(too_late, day=min(held))
    return tuple(days)


def check_free(days: Collection[date], free: Collection[date], too_late: str) -> None:
    """Raises `Refused` by the rule `too_late` for a day that can no longer be taken back."""
    for day in sorted(set(days) - set(free)):
        raise wrong_state(too_late, day=day)
