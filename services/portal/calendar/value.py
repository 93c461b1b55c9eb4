"""A month laid out in weeks. Pure."""

from datetime import date, timedelta

from services.portal.calendar.model import Cell, Month, Row
from services.portal.today.model import Asked, Day
from services.portal.today.value import GONE, iso_week

WEEK = 7


def rows(month: Month, today: date) -> list[Row]:
    """The weeks of a month."""
    quotas = {one.week: one for one in month.weeks}
    absent = {one.day: one.kind for one in month.absences}
    cells = {one.day: _cell(one, absent.get(one.day), today) for one in month.days}
    first = date.fromisoformat(f"{month.month}-01")
    monday = first - timedelta(days=first.weekday())
    found = []
    while f"{monday:%Y-%m}" <= month.month:
        week = [monday + timedelta(days=n) for n in range(WEEK)]
        found.append(Row(monday, quotas.get(iso_week(monday)), tuple(cells.get(day) for day in week)))
        monday += timedelta(days=WEEK)
    return found


def _cell(one: Day, absence: str | None, today: date) -> Cell:
    asked = _live(one)
    free = one.day >= today and not one.day_off and absence is None and asked is None
    return Cell(one.day, one.day == today, one.day_off, absence, asked, free)


def _live(one: Day) -> Asked | None:
    return next((asked for asked in reversed(one.asked) if asked.status not in GONE), None)
