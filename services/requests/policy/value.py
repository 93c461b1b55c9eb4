"""The minutes that a working day owes, and those that a window of hours yields. Pure."""

from collections.abc import Iterator
from datetime import date, time
from itertools import combinations

from shared.contracts.requests import DailyHours, PolicyPublished, WorkHours
from shared.contracts.values import TimeWindow
from shared.kit.decisions.decider import Violation

FRIDAY = 5
UNBROKEN_MINUTES = 240
"""A break comes after four hours of work without one at the latest (UU 13/2003 Ps. 79(2)a)."""
DAY_MINUTES = 1440


def hours_of(policy: PolicyPublished, day: date) -> DailyHours | None:
    """The hours of a working day: those of its season, or the usual ones. A policy may say nothing of hours."""
    if policy.hours is None:
        return None
    seasons = (season for season in policy.hours.seasons if season.first_day <= day <= season.last_day)
    return next(seasons, policy.hours.usual)


def break_minutes(hours: DailyHours, day: date) -> int:
    """The break of a day: it is longer on Fridays, for prayer."""
    return hours.friday_break_minutes if day.isoweekday() == FRIDAY else hours.break_minutes


def window_minutes(window: TimeWindow, hours: DailyHours, day: date) -> int:
    """What is worked within a window of a day: its length less as much of the break as lies within it. The break begins
    after four hours; a window that ends before it starts ends on the next day."""
    minutes = (_minute(window.ends) - _minute(window.starts)) % DAY_MINUTES
    return min(minutes, UNBROKEN_MINUTES) + max(0, minutes - UNBROKEN_MINUTES - break_minutes(hours, day))


def faults(hours: WorkHours) -> Iterator[Violation]:
    """What cannot be of the seasons of a policy: they end after they begin, and no day is in two."""
    for number, season in enumerate(hours.seasons):
        if season.last_day < season.first_day:
            yield Violation("season-order", f"/hours/seasons/{number}/last_day", season.first_day, season.source)
    for (_, one), (number, other) in combinations(enumerate(hours.seasons), 2):
        if one.first_day <= other.last_day and other.first_day <= one.last_day:
            yield Violation("seasons-overlap", f"/hours/seasons/{number}", one.name, one.source, {"name": other.name})


def _minute(of: time) -> int:
    return of.hour * 60 + of.minute
