"""Who is where, put together of what two services know. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.portal.person.model import Employee
from services.portal.team.model import Absence, AbsenceTerms, Asked, Column, Row, Table, Team, Where
from services.portal.today.model import Week
from shared.kit.base.alphabet import place

COUNTS = frozenset({"approved", "submitted"})


def mondays(today: date) -> tuple[date, date]:
    """The first days of this week and of the next."""
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=7)


def tables(team: Team, leader: str) -> list[Table]:
    """A week each, of everybody but the one who leads."""
    led = [one for one in team.people if one.employee_id != leader]
    found = []
    for days in map(working_days, team.weeks):
        if days and led:
            lines = rows(led, team.asked, team.absences, days)
            found.append(Table(days[0], tuple(columns(lines, days)), tuple(lines)))
    return found


def working_days(week: Week) -> list[date]:
    """Days of a week on which work is done."""
    return [one.day for one in week.days if not one.day_off]


def rows(
    people: Iterable[Employee], asked: Iterable[Asked], absences: Iterable[Absence], days: Sequence[date]
) -> list[Row]:
    """Everybody's days, by name."""
    by_day = {
        (one.employee_id, day): one
        for one in sorted(asked, key=lambda one: one.status, reverse=True)
        if one.status in COUNTS
        for day in one.days
        if day not in one.days_taken_back
    }
    away = list(absences)
    return [
        Row(one, tuple(_where(one.employee_id, day, by_day.get((one.employee_id, day)), away) for day in days))
        for one in sorted(people, key=lambda one: place(one.name))
    ]


def columns(found: Sequence[Row], days: Sequence[date]) -> list[Column]:
    """How many are at the office on each day."""
    return [Column(day, sum(row.days[n].is_at_office for row in found), len(found)) for n, day in enumerate(days)]


def _where(employee_id: str, day: date, asked: Asked | None, absences: Iterable[Absence]) -> Where:
    kinds = (_kind(one, day) for one in absences if one.employee_id == employee_id)
    return Where(asked, next((kind for kind in kinds if kind), None))


def _kind(absence: Absence, day: date) -> str | None:
    """What an absence is on a day, by the terms that hold from the latest day before it."""
    terms = max((one for one in absence.history if one.effective_from <= day), key=_since, default=None)
    return terms.kind if terms and day <= terms.ends_on else None


def _since(terms: AbsenceTerms) -> date:
    return terms.effective_from
