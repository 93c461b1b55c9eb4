"""What the days of a month owe, what has been asked for on them, and what is left of each week's quota. Pure."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from services.requests.request.model import Request, iso_week
from services.requests.request.rules import quota_id
from services.requests.week.value import Quota, WeekDay, minutes_owed, quota_of, ruled_days, shown_days, working_days
from shared.contracts.organisation import AbsenceKind, AbsenceRecorded, absent_on
from shared.contracts.requests import PolicyPublished
from shared.kit.web.schemas import Schema


class AbsentDay(Schema):
    """A day of leave or of an official trip."""

    day: date
    """The day."""

    kind: AbsenceKind
    """Kind of the absence."""


class Month(Schema):
    """A month of an employee's work."""

    month: str
    """The month, as `YYYY-MM`."""

    employee_id: str
    """The employee."""

    working_days: int
    """Number of working days."""

    minutes_owed: int | None
    """Minutes owed in the month; null if those of a day are not known."""

    days: list[WeekDay]
    """Its days, from the first."""

    weeks: list[Quota]
    """Quota of the weeks that have a day of the month, in order, by the policy of the week's first day in the month;
    weeks without a policy are left out."""

    absences: list[AbsentDay]
    """Its days of leave or of an official trip that are on record, in order."""

    policies: list[PolicyPublished]
    """Policies in force on these days."""


def days_of(month: str) -> Sequence[date]:
    """The days of a month such as `2026-09`."""
    year, number = (int(part) for part in month.split("-"))
    return [date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1)]


def quota_ids(employee_id: str, days: Sequence[date]) -> list[str]:
    """The reservations of the weeks of some days."""
    return sorted({quota_id(employee_id, iso_week(day)) for day in days})


def month_of(
    employee_id: str,
    month: str,
    policies: Sequence[PolicyPublished],
    asked: Sequence[Request],
    absences: Sequence[AbsenceRecorded],
    taken: Mapping[str, int],
    language: str,
) -> Month:
    """A month by the policies of its days. Raises `Refused` where none is in force."""
    days = days_of(month)
    ruled = ruled_days(days, policies, "path:month")
    shown = shown_days(days, ruled, asked, language)
    first_of = {iso_week(day): policy for day, policy in sorted(ruled.items(), reverse=True)}
    return Month(
        month=month,
        employee_id=employee_id,
        working_days=working_days(shown),
        minutes_owed=minutes_owed(shown),
        days=shown,
        weeks=[
            quota_of(week, policy, taken.get(quota_id(employee_id, week), 0))
            for week, policy in reversed(first_of.items())
        ],
        absences=[AbsentDay(day=day, kind=kind) for day in days if (kind := absent_on(absences, day))],
        policies=list({policy.policy_id: policy for policy in ruled.values()}.values()),
    )
