"""Which days are worked: the country's holidays from a kept library, and what the instance's policy changes. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays
from pydantic import TypeAdapter

from shared.contracts.requests import PolicyPublished, WorkCalendar
from shared.kit.base.catalogue import KIT
from shared.kit.base.versions import in_force
from shared.kit.projections.remembered import Remembered

POLICIES = TypeAdapter(dict[str, PolicyPublished])
policies_of = Remembered(lambda by_id: POLICIES.validate_python(by_id, strict=False), most=8)
"""The policies that documents show, by id."""
CATEGORIES = ("public", "government")
"""National holidays, and collective leave days (cuti bersama), which civil servants have too."""


def knows(country: str) -> bool:
    """Whether the library has a country's holidays: for any other, none would be a day off."""
    return country in holidays.list_supported_countries()


def days_off(calendar: WorkCalendar, days: Iterable[date], language: str) -> Mapping[date, str]:
    """Those of the days that are not worked, with what they are called."""
    asked = set(days)
    names = _holidays(calendar, asked, language)
    off = {
        day: KIT.text(language, f"weekday-{day.isoweekday()}")
        for day in asked
        if day.isoweekday() not in calendar.weekdays
    }
    off |= {day: str(names[day]) for day in asked if day in names}
    off |= {extra.day: extra.name for extra in calendar.extra_days_off if extra.day in asked}
    return {day: name for day, name in off.items() if day not in calendar.worked_anyway}


def off_by(policies: Sequence[PolicyPublished], days: Iterable[date]) -> frozenset[date]:
    """Those of the days that are not worked by the policy in force on each; none is off where there is no policy."""
    calendars: dict[WorkCalendar, list[date]] = {}
    for day in set(days):
        if policy := in_force(policies, day):
            calendars.setdefault(policy.calendar, []).append(day)
    return frozenset(day for calendar, its in calendars.items() for day in days_off(calendar, its, "id"))


def estimated(calendar: WorkCalendar, days: Iterable[date]) -> frozenset[date]:
    """Those of the days that are off by the library's own reckoning alone: nobody has decreed them yet."""
    certain = {extra.day for extra in calendar.extra_days_off}
    asked = {day for day in days if day not in certain and day.isoweekday() in calendar.weekdays}
    names = _holidays(calendar, asked, "en")
    if not hasattr(names, "estimated_label"):
        return frozenset()
    label = str(names.tr(names.estimated_label)).replace("%s", "").strip()
    return frozenset(day for day in asked if day in names and all(label in name for name in names.get_list(day)))


def _holidays(calendar: WorkCalendar, days: Collection[date], language: str) -> holidays.HolidayBase:
    return _of_years(calendar.country, frozenset(day.year for day in days), language)


@lru_cache(maxsize=64)
def _of_years(country: str, years: frozenset[int], language: str) -> holidays.HolidayBase:
    """The library works a year out each time that it is asked."""
    kept = holidays.country_holidays(country).supported_categories
    return holidays.country_holidays(
        country,
        years=set(years),
        categories=[category for category in CATEGORIES if category in kept],
        language={"id": "id", "en": "en_US"}[language],
    )
