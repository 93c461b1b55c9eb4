"""What people are told of their weeks, held against the calendar and what they asked for."""

from datetime import date, timedelta
from typing import Any

from demo.account import Account, Request
from demo.calendar import RAMADAN, break_minutes, minutes_owed, week_of
from demo.people import Apis

COLLECTIVE_LEAVE = date(2026, 3, 23)
BEFORE_BREAK_MINUTES = 240


async def unlike_weeks(apis: Apis, account: Account, ids: dict[str, str], nips: list[str]) -> list[str]:
    """Weeks of some people that are told otherwise: those of the play, one of Ramadan and one of collective leave."""
    agency = account.province.people[account.province.agency].subject
    played = {day - timedelta(days=day.weekday()) for one in account.requests.values() for day in one.days}
    usual = [RAMADAN[0] + timedelta(days=4), COLLECTIVE_LEAVE]
    unlike = []
    for number, nip in enumerate(nips):
        mondays = [*usual, *sorted(played)[number % 3 :: 3]]
        for monday in mondays:
            week = week_of(monday)
            answer = await apis.get(agency, "requests", f"/v1/weeks/{week}", employee_id=ids[nip])
            expected, told = _week(account, nip, monday), _told(answer.raise_for_status().json())
            unlike += [
                f"week {week} of {nip}: {name}: expected {expected.get(name)}, found {told.get(name)}"
                for name in sorted({*expected, *told})
                if expected.get(name) != told.get(name)
            ]
    return unlike


def _week(account: Account, nip: str, monday: date) -> dict[str, Any]:
    days = [monday + timedelta(days=n) for n in range(7)]
    worked = [day for day in days if not account.is_off(day)]
    found: dict[str, Any] = {
        "working days": len(worked),
        "minutes owed": sum(map(minutes_owed, worked)),
    }
    for day in days:
        found[f"{day} owes"] = minutes_owed(day) if day in worked else 0
        for request in account.of(nip):
            if day in request.days:
                found[f"{day} {request.id}"] = (
                    request.taken_back.get(day, request.status),
                    _minutes(request, day, worked),
                )
    return found


def _minutes(request: Request, day: date, worked: list[date]) -> int | None:
    """What a window of hours yields: its length less the break."""
    if request.window is None or day not in worked:
        return None
    starts, ends = request.window
    length = ends - starts
    return min(length, BEFORE_BREAK_MINUTES) + max(0, length - BEFORE_BREAK_MINUTES - break_minutes(day))


def _told(week: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"working days": week["working_days"], "minutes owed": week["minutes_owed"]}
    for day in week["days"]:
        found[f"{day['day']} owes"] = day["minutes_owed"]
        for one in day["asked"]:
            found[f"{day['day']} {one['request_id']}"] = one["status"], one["window_minutes"]
    return found
