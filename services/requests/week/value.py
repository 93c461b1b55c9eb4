"""What the days of a week owe, and what has been asked for on them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.requests.policy.value import break_minutes, hours_of, window_minutes
from services.requests.request.model import Request, Status
from shared.contracts.requests import DailyHours, PolicyPublished, SeasonHours
from shared.contracts.values import Place, TimeWindow
from shared.kit.base.versions import in_force
from shared.kit.decisions.decider import Refused, Violation
from shared.kit.web.schemas import Schema
from shared.people.calendar import days_off, estimated


class Hours(Schema):
    """The hours that a working day owes."""

    minutes: int
    """Minutes of work, the break not counted."""

    break_minutes: int
    """Length of the day's break in minutes."""

    season: str | None
    """Season whose hours these are, such as Ramadan; null for the usual hours."""

    awaits_decree: bool
    """True if the dates of the season are expected and not yet decreed."""

    source: str
    """Source of the hours."""


class Asked(Schema):
    """A request that has the day."""

    request_id: str
    """Id of the request."""

    status: Status
    """Status of that day of the request."""

    place: Place
    """Place of work."""

    window: TimeWindow | None
    """Hours of work; null for the usual hours."""

    window_minutes: int | None
    """Minutes of work that `window` yields, the break taken off; null if it is null or the policy sets no hours."""


class WeekDay(Schema):
    """A day of an employee's work."""

    day: date
    """The day."""

    day_off: str | None
    """Name of the day off, in the language of the answer; null for a working day."""

    estimated: bool
    """True if it is off by calculation and not yet decreed."""

    policy_id: str | None
    """Policy in force on the day; null for none."""

    hours: Hours | None
    """Hours that the day owes; null for a day off, and if the policy sets none."""

    minutes_owed: int | None
    """Minutes owed, 0 for a day off; null if the policy sets none."""

    asked: list[Asked]
    """Requests that have the day, withdrawn ones included."""


class Quota(Schema):
    """Days away from the office in a week."""

    week: str
    """The week, as `YYYY-Www` of ISO 8601."""

    taken: int
    """Days that requests hold: submitted, returned and approved ones."""

    limit: int
    """Most days of the week."""

    source: str
    """Source of the limit."""


class Week(Schema):
    """A week of an employee's work."""

    iso_week: str
    """The week, as `YYYY-Www`."""

    employee_id: str
    """The employee."""

    working_days: int
    """Number of working days."""

    minutes_owed: int | None
    """Minutes owed in the week; null if those of a day are not known."""

    days: list[WeekDay]
    """The seven days, from Monday."""

    policies: list[PolicyPublished]
    """Policies in force on these days."""


def days_of(iso_week: str) -> Sequence[date]:
    """The seven days of a week such as `2026-W37` (ISO 8601). Raises `Refused` for one that its year does not have."""
    year, _, week = iso_week.partition("-W")
    try:
        return [date.fromisocalendar(int(year), int(week), weekday) for weekday in range(1, 8)]
    except ValueError as wrong:
        raise Refused(Violation("no-such-week", "path:iso_week", facts={"week": iso_week})) from wrong


def week_of(
    employee_id: str, iso_week: str, policies: Sequence[PolicyPublished], asked: Sequence[Request], language: str
) -> Week:
    """A week by the policies of its days. Raises `Refused` where none is in force."""
    days = days_of(iso_week)
    ruled = ruled_days(days, policies, "path:iso_week")
    shown = shown_days(days, ruled, asked, language)
    return Week(
        iso_week=iso_week,
        employee_id=employee_id,
        working_days=working_days(shown),
        minutes_owed=minutes_owed(shown),
        days=shown,
        policies=list({policy.policy_id: policy for policy in ruled.values()}.values()),
    )


def quota_of(week: str, policy: PolicyPublished, taken: int) -> Quota:
    """The quota of a week by a policy."""
    quota = policy.away_days_per_week_max
    return Quota(week=week, taken=taken, limit=quota.value, source=quota.source)


def ruled_days(
    days: Sequence[date], policies: Sequence[PolicyPublished], pointer: str
) -> Mapping[date, PolicyPublished]:
    """Days with the policy of each, where there is one. Raises `Refused` where there is none at all."""
    ruled = {day: policy for day in days if (policy := in_force(policies, day))}
    if not ruled:
        raise Refused(Violation("no-policy", pointer, facts={"day": days[0]}))
    return ruled


def shown_days(
    days: Sequence[date], ruled: Mapping[date, PolicyPublished], asked: Sequence[Request], language: str
) -> list[WeekDay]:
    """What each of some days owes, and what is asked for on it."""
    off = _days_off(ruled, language)
    return [_day(day, ruled.get(day), off.get(day), asked) for day in days]


def working_days(shown: Sequence[WeekDay]) -> int:
    """How many of some days are worked; one without a policy is not known to be."""
    return sum(day.policy_id is not None and day.day_off is None for day in shown)


def minutes_owed(shown: Sequence[WeekDay]) -> int | None:
    """What some days owe together, if it is known of each."""
    owed = [day.minutes_owed for day in shown if day.minutes_owed is not None]
    return sum(owed) if len(owed) == len(shown) else None


def _days_off(ruled: Mapping[date, PolicyPublished], language: str) -> Mapping[date, str]:
    """Each day by the calendar of its own policy."""
    off: dict[date, str] = {}
    for day, policy in ruled.items():
        off |= days_off(policy.calendar, [day], language)
    return off


def _day(day: date, policy: PolicyPublished | None, day_off: str | None, asked: Sequence[Request]) -> WeekDay:
    hours = hours_of(policy, day) if policy and not day_off else None
    owed = hours.minutes if hours else None
    return WeekDay(
        day=day,
        day_off=day_off,
        estimated=bool(policy and day_off and estimated(policy.calendar, [day])),
        policy_id=policy.policy_id if policy else None,
        hours=_hours(hours, day) if hours else None,
        minutes_owed=0 if day_off else owed,
        asked=[_asked(request, hours, day) for request in asked if day in request.submitted.days],
    )


def _hours(hours: DailyHours, day: date) -> Hours:
    season = hours if isinstance(hours, SeasonHours) else None
    return Hours(
        minutes=hours.minutes,
        break_minutes=break_minutes(hours, day),
        season=season.name if season else None,
        awaits_decree=season.awaits_decree if season else False,
        source=hours.source,
    )


def _asked(request: Request, hours: DailyHours | None, day: date) -> Asked:
    asked = request.submitted
    return Asked(
        request_id=asked.request_id,
        status=request.status_on(day),
        place=asked.place,
        window=asked.window,
        window_minutes=window_minutes(asked.window, hours, day) if asked.window and hours else None,
    )
