"""What day it is where, and which days are off: a list of the play's own."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOLIDAYS = frozenset(
    date(2026, month, day)
    for month, days in {
        1: (1, 16),
        2: (16, 17),
        3: (18, 19, 20, 21, 22, 23, 24),
        4: (3, 5),
        5: (1, 14, 15, 27, 28, 31),
        6: (1, 16),
        8: (17, 25),
        12: (24, 25),
    }.items()
    for day in days
)
"""National holidays and collective leave of 2026, by the joint decree of three ministers: 16 February, 18, 20, 23 and
24 March, 15 and 28 May and 24 December are collective leave."""

RAMADAN = (date(2026, 2, 19), date(2026, 3, 20))
"""Shorter hours: 32 and a half a week."""


def is_off(day: date) -> bool:
    """Whether nobody works, whatever an instance decrees besides."""
    return day.isoweekday() > 5 or day in HOLIDAYS


def minutes_owed(day: date) -> int:
    """What a working day owes."""
    return 390 if RAMADAN[0] <= day <= RAMADAN[1] else 450


def break_minutes(day: date) -> int:
    """The break of a working day: it is longer on Fridays."""
    usual = 30 if RAMADAN[0] <= day <= RAMADAN[1] else 60
    return usual + 30 * (day.isoweekday() == 5)


def date_in(zone: str, moment: datetime) -> date:
    """The date of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def is_over(day: date, zone: str, moment: datetime) -> bool:
    """Whether a day has passed in a time zone."""
    return moment >= datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def week_of(day: date) -> str:
    """Its ISO week, such as `2026-W19`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def working_days(first: date, count: int) -> list[date]:
    """The first working days from a day on."""
    found: list[date] = []
    day = first
    while len(found) < count:
        if not is_off(day):
            found.append(day)
        day += timedelta(days=1)
    return found
