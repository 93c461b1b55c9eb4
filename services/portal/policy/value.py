"""A policy, fact by fact. Pure."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from services.portal.fact.model import Fact
from services.portal.policy.model import Calendar, Demand, Hours, Limit, Policy

MONDAY = date(2024, 1, 1)
"""A Monday, after which weekdays are counted."""


def facts(policy: Policy) -> list[Fact]:
    """All that a policy says, in the order in which it is read."""
    found = [
        _limit("policy-quota", "days", policy.away_days_per_week_max),
        _limit("policy-notice", "days", policy.notice_days_min),
        _limit("policy-horizon", "days", policy.horizon_days_max),
        _demand("policy-measurable", policy.measurable_position),
        _demand("policy-no-contact", policy.no_public_contact),
        _limit("policy-share", "percent", policy.verified_share_min_percent),
    ]
    for word, demand in (("policy-quantity", policy.quantity_counts), ("policy-shifts", policy.shifts)):
        found.append(_demand(word, demand) if demand else Fact(word, "yes-no", says="no"))
    found += _calendar(policy.calendar)
    if policy.hours:
        found += _hours(policy.hours.usual, "")
        for season in policy.hours.seasons:
            about = (("named", season.name),)
            days = (season.first_day, season.last_day)
            awaits = "policy-awaits-decree" if season.awaits_decree else ""
            found.append(Fact("policy-season", "from-to", days=days, says=awaits, about=about, source=season.source))
            found += _hours(season, season.name)
    return found


def _limit(word: str, unit: str, limit: Limit) -> Fact:
    return Fact(word, unit, (Decimal(limit.value),), source=limit.source)


def _demand(word: str, demand: Demand) -> Fact:
    return Fact(word, "yes-no", says="yes" if demand.value else "no", source=demand.source)


def _calendar(calendar: Calendar) -> Iterator[Fact]:
    days = tuple(date.fromordinal(MONDAY.toordinal() + day - 1) for day in sorted(calendar.weekdays))
    yield Fact("policy-weekdays", "weekdays", days=days, source=calendar.source)
    yield Fact("policy-holidays", "text", says=calendar.country, source=calendar.source)
    for one in calendar.extra_days_off:
        yield Fact("policy-day-off", "days", days=(one.day,), about=(("named", one.name),), source=calendar.source)
    if calendar.worked_anyway:
        yield Fact("policy-worked-anyway", "days", days=tuple(calendar.worked_anyway), source=calendar.source)


def _hours(hours: Hours, season: str) -> Iterator[Fact]:
    about = (("named", season),) if season else ()
    for word, minutes in (
        ("policy-hours", hours.minutes),
        ("policy-break", hours.break_minutes),
        ("policy-friday-break", hours.friday_break_minutes),
    ):
        yield Fact(word, "minutes", (Decimal(minutes),), about=about, source=hours.source)
